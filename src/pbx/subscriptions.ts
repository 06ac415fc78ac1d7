/** Keeps the extensions' event subscriptions pointed at this server. */
import { GiveUp } from "../errors.js";
import type { Logger } from "../log.js";
import type { PbxClient, PbxSubscription } from "./types.js";

/** What the PBX's API can tell of. */
export const eventTypes = [
  ...(["message-in", "message-out", "message-out-status"] as const),
  ...(["dial-in", "dial-out", "answer", "hangup", "voicemail"] as const),
] as const;

/** The events that the bridge lives on. */
export const wantedEvents = ["message-in", "message-out", "message-out-status"] as const;
export type WantedEvent = (typeof wantedEvents)[number];

export interface SubscriptionPlan {
  readonly add: readonly WantedEvent[];
  readonly remove: readonly PbxSubscription[];
}

/**
 * What is missing and what is stale among the subscriptions of one extension. Pure.
 *
 * Ours is what points below `ourPrefix` (`https://host/pbx/events/`) on the same host, with any secret and either scheme. Of ours,
 * one per wanted type stays, if it has exactly `wantedUrl` and posts: GET would leave texts and secrets in access logs.
 * Those of others, and event types that the bridge does not use, are left alone.
 */
export function planSubscriptions(
  existing: readonly PbxSubscription[],
  wantedUrl: string,
  ourPrefix: string,
): SubscriptionPlan {
  const ours = existing.filter(({ type, url }) => isWanted(type) && isBelow(url, ourPrefix));
  const kept = wantedEvents.flatMap((type) => ours.find((one) => one.type === type && isRight(one, wantedUrl)) ?? []);
  return {
    add: wantedEvents.filter((type) => !kept.some((one) => one.type === type)),
    remove: ours.filter((one) => !kept.includes(one)),
  };
}

/** What `ensureExtension` did for one extension. `refused`: types that the PBX does not want to tell us about. */
export interface Subscribed {
  readonly extension: number;
  readonly added: readonly WantedEvent[];
  readonly removed: number;
  readonly refused: readonly WantedEvent[];
}

/**
 * Brings one extension's subscriptions in order. New ones are added before stale ones go, so that no event falls in between. A refusal of
 * message-out-status is no reason to stop: it may come along with message-out. `without`: types that the PBX refused before.
 */
export async function ensureExtension(
  client: Pick<PbxClient, "events">,
  extension: number,
  url: string,
  without: readonly WantedEvent[] = [],
): Promise<Subscribed> {
  const prefix = url.slice(0, url.lastIndexOf("/") + 1);
  const plan = planSubscriptions(await client.events.list(extension), url, prefix);
  const stale = new Set(plan.remove);
  const added: WantedEvent[] = [];
  const refused: WantedEvent[] = [];
  const removeStale = async (which: (one: PbxSubscription) => boolean) => {
    for (const one of [...stale].filter(which)) {
      await client.events.remove(extension, one.id);
      stale.delete(one);
    }
  };
  for (const type of plan.add.filter((each) => !without.includes(each))) {
    try {
      await addOne(client, extension, { url, type }, async () => {
        const before = stale.size;
        await removeStale((one) => one.type === type);
        return stale.size < before;
      });
      added.push(type);
    } catch (error) {
      if (!(error instanceof GiveUp) || type !== "message-out-status") throw error;
      refused.push(type);
    }
  }
  await removeStale(() => true);
  return { extension, added, removed: plan.remove.length, refused };
}

/** The number of events is limited: where the limit is reached, a stale one makes room. */
async function addOne(
  client: Pick<PbxClient, "events">,
  extension: number,
  { url, type }: { url: string; type: WantedEvent },
  makeRoom: () => Promise<boolean>,
): Promise<void> {
  try {
    await client.events.add(extension, { url, type, method: "POST" });
  } catch (error) {
    if (!(error instanceof GiveUp) || !(await makeRoom())) throw error;
    await client.events.add(extension, { url, type, method: "POST" });
  }
}

/** Tells the log what was done for an extension for the first time. */
export function report({ extension, added, removed, refused }: Subscribed, logger: Logger): void {
  if (added.length > 0 || removed > 0) logger.info({ extension, added, removed }, "Subscribed to the PBX's events");
  if (refused.length > 0) {
    logger.warn({ extension, refused }, "The PBX refuses this event on its own; it may come with message-out");
  }
}

function isWanted(type: string): type is WantedEvent {
  return wantedEvents.some((wanted) => wanted === type);
}

function isBelow(url: string, prefix: string): boolean {
  const [there, ours] = [parsed(url), parsed(prefix)];
  return there !== undefined && there.host === ours?.host && there.pathname.startsWith(ours.pathname);
}

/** An unknown method is not held against a subscription: not every PBX lists it. */
function isRight({ url, method }: PbxSubscription, wantedUrl: string): boolean {
  return parsed(url)?.href === parsed(wantedUrl)?.href && (method === "" || method === "POST");
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
