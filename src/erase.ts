/**
 * Erases a contact everywhere we can reach. May be repeated, and runs beside a bridge at work: what still comes of the old
 * conversation meanwhile is looked for once more in the end, and a text that comes later begins a new one.
 */
import { contactIn } from "./conversation-id.js";
import { isAbout, tellsOf, type Contact } from "./erase/about.js";
import { eraseInPbx, findInPbx, type InPbx } from "./erase/pbx.js";
import { eraseThreads, type ThreadsDeps } from "./erase/threads.js";
import { counted, type Told } from "./erase/told.js";
import { GiveUp, RetryLater } from "./errors.js";
import type { Linked } from "./links/erasing.js";
import type { Links } from "./links.js";
import type { ConversationId, MessageId } from "./message.js";
import type { PbxClient } from "./pbx/types.js";
import type { Delivery, State } from "./queue/port.js";
import type { Store } from "./store/port.js";

export interface EraseDeps extends ThreadsDeps {
  readonly store: Store;
  readonly links: Links;
  readonly pbx: PbxClient;
  /** Those of the config's lines. */
  readonly extensions: readonly number[];
}

export interface Found {
  readonly contact: Contact;
  readonly conversations: readonly ConversationId[];
  readonly deliveries: readonly (Delivery & { readonly state: State })[];
  readonly linked: Linked;
  /** false: the store of the links cannot be searched, so threads and posts are not known. */
  readonly searched: boolean;
  readonly pbx: readonly InPbx[];
  /** Of extensions that did not answer. */
  readonly unanswered: readonly Told[];
}

const NOTHING: Linked = { shownIn: [], threads: [], posts: [] };

/** All that is known of a contact. `number`: normalised. Changes nothing. */
export async function findContact(number: string, deps: EraseDeps): Promise<Found> {
  const { store, links } = deps;
  const isWith = (id: ConversationId): boolean => contactIn(id) === number;
  const found = await links.linkedTo(isWith);
  const linked = found ?? NOTHING;
  const entries = [...store.all.entries()].filter(({ conversation }) => isWith(conversation));
  const contact: Contact = {
    number,
    messages: new Set([...entries, ...linked.posts].flatMap(({ message }) => message ?? [])),
    threads: new Set(linked.threads.map(({ platform, thread }) => `${platform} ${thread}`)),
    posts: new Set(linked.posts.map(({ platform, post }) => `${platform} ${post}`)),
  };
  const deliveries = [...store.all.deliveries()].filter((each) => tellsOf(each, contact) || isAbout(each, contact));
  const known = [...store.all.conversations()].filter(isWith);
  const conversations = new Set([...known, ...[...entries, ...linked.threads, ...linked.shownIn].map(conversationOf)]);
  const asked = await Promise.all(deps.extensions.map((extension) => askPbx(deps.pbx, extension, number)));
  return {
    ...{ contact, conversations: [...conversations], deliveries, linked, searched: found !== undefined },
    pbx: asked.filter((each) => "chats" in each),
    unanswered: asked.filter((each) => "state" in each),
  };
}

function conversationOf({ conversation }: { readonly conversation: ConversationId }): ConversationId {
  return conversation;
}

async function askPbx(pbx: PbxClient, extension: number, number: string): Promise<InPbx | Told> {
  try {
    return await findInPbx(pbx, extension, number);
  } catch (error) {
    if (!(error instanceof RetryLater) && !(error instanceof GiveUp)) throw error;
    return { state: "again", where: `PBX extension ${extension}`, what: error.message };
  }
}

/** Rejects with `StoreUnavailable`; whatever else goes wrong is told. */
export async function eraseContact(
  found: Found,
  deps: EraseDeps,
  tell: (told: Told) => void,
): Promise<readonly Told[]> {
  const { store, links, pbx } = deps;
  const { contact, linked } = found;
  const all: Told[] = [];
  const note = (...told: readonly Told[]): void => {
    for (const each of told) tell(each);
    all.push(...told);
  };

  // First what would still go out or be shown; then the sources; last what tells a missed text from a known one.
  await eraseRows(store, found);
  await links.closeThreads(linked);
  note(...found.unanswered);
  for (const each of found.pbx) note(await eraseInPbx(pbx, each, contact.number));
  const isLedgerDone = contact.messages.size === 0 || all.every(({ state }) => state === "done");

  const platforms = new Set([...linked.threads, ...linked.posts].map(({ platform }) => platform));
  if (!found.searched) note(UNSEARCHED);
  for (const platform of platforms) {
    const told = await eraseThreads(platform, linked, deps);
    note(...told);
    // As long as something can be tried again, its ids must be known.
    if (told.every(({ state }) => state !== "again")) await links.forget(of(platform, linked), [...contact.messages]);
  }
  if (isLedgerDone) await forgetEntries(store, contact.messages);
  else note(ledgerStays(contact));
  await eraseLate(store, contact);
  note(...underWay(found));
  note({ state: "done", where: "store", what: storeWords(found, isLedgerDone) });
  return all;
}

const UNSEARCHED: Told = {
  state: "stays",
  where: "links",
  what: "this store of links cannot be searched, so threads and posts are not known. Delete them by hand; the ids end by themselves",
};

/** Such an attempt may open a thread, or make a post, after all this. */
function underWay({ deliveries }: Found): readonly Told[] {
  const { length } = deliveries.filter(({ state, attempt }) => state === "waiting" && attempt !== undefined);
  if (length === 0) return [];
  const what = `${counted(length, "delivery was", "deliveries were")} under way; what they still leave in threads is found in a minute`;
  return [{ state: "again", where: "threads", what }];
}

/** Where the PBX could not be asked, or not everything could be deleted there. */
function ledgerStays({ messages }: Contact): Told {
  const what = `${counted(messages.size, "message")} must stay known until the PBX has none of them: else they would be read from its list as if they had been missed`;
  return { state: "again", where: "ledger", what };
}

/** So many rows a commit: a bridge at work is not held up. */
const STEP = 50;

async function eraseRows(store: Store, { conversations, deliveries }: Found): Promise<void> {
  await inSteps(conversations, (some) =>
    store.commit(async (tx) => {
      for (const id of some) await tx.forgetConversation(id);
    }),
  );
  await eraseDeliveries(store, deliveries);
}

function eraseDeliveries(store: Store, deliveries: readonly Delivery[]): Promise<void> {
  return inSteps(deliveries, (some) =>
    store.commit(async (tx) => {
      for (const { key } of some) await tx.queue.erase(key);
    }),
  );
}

function forgetEntries(store: Store, messages: ReadonlySet<MessageId>): Promise<void> {
  return inSteps([...messages], (some) =>
    store.commit(async (tx) => {
      for (const message of some) await tx.ledger.forget(message);
    }),
  );
}

/** What was under way when its row was taken from it, and what people wrote in a thread that was about to go. */
async function eraseLate(store: Store, contact: Contact): Promise<void> {
  await eraseDeliveries(
    store,
    [...store.all.deliveries()].filter((each) => isAbout(each, contact)),
  );
}

async function inSteps<T>(items: readonly T[], work: (some: readonly T[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += STEP) await work(items.slice(from, from + STEP));
}

function of(platform: string, { shownIn, threads, posts }: Linked): Linked {
  return {
    shownIn: shownIn.filter(({ place }) => place.platform === platform),
    threads: threads.filter((each) => each.platform === platform),
    posts: posts.filter((each) => each.platform === platform),
  };
}

function storeWords({ conversations, deliveries, contact, linked }: Found, withLedger: boolean): string {
  return [
    counted(conversations.length, "conversation"),
    counted(deliveries.length, "delivery", "deliveries"),
    ...(withLedger ? [counted(contact.messages.size, "message")] : []),
    counted(linked.threads.length + linked.posts.length, "link"),
  ].join(", ");
}
