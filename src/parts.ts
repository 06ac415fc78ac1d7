/** What is outside the bridge, as parts that are connected and told of in `/readyz`. */
import type { ChatAdapter, Inbox, TellsHealth } from "./adapter.js";
import type { Away } from "./away.js";
import type { Part } from "./connect.js";
import type { PartHealth } from "./http/status.js";
import type { WatchedPbx } from "./pbx/health.js";
import type { Subscriber } from "./pbx/subscriber.js";
import type { Storage } from "./storage.js";

/**
 * `subscriber`: absent where the subscriptions are somebody else's business. `reached`: called once the PBX lets us in, whatever becomes
 * of the subscriptions.
 */
export function pbxPart({ client, unwell }: WatchedPbx, subscriber: Subscriber | undefined, reached: () => void): Part {
  const connect = async (): Promise<void> => {
    await client.authorize();
    reached();
    await subscriber?.begin();
  };
  return { name: "pbx", connect, unwell: () => unwell() ?? subscriber?.unwell() };
}

/** In the bridge's own file they are as well as the store. */
export function linksPart({ linksHealth: health }: Pick<Storage, "linksHealth">): readonly Part[] {
  return health === undefined ? [] : [{ name: "links", connect: health.start, unwell: health.unwell }];
}

export function platformPart(adapter: ChatAdapter, inbox: Inbox, away: Away): Part {
  const connect = async (): Promise<void> => {
    await adapter.start(away.inbox(adapter, inbox));
    away.look(adapter);
  };
  const part = { name: adapter.platform, connect };
  return tellsHealth(adapter) ? { ...part, unwell: () => adapter.unwell() } : part;
}

export async function storeHealth(probe: () => Promise<void>): Promise<PartHealth> {
  try {
    await probe();
    return { part: "store", ok: true };
  } catch (error) {
    return { part: "store", ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function tellsHealth(adapter: ChatAdapter): adapter is ChatAdapter & TellsHealth {
  return "unwell" in adapter;
}
