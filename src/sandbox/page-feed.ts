/**
 * What the bridge does, in words, as an onlooker of the three worlds can tell: words that stand here now and stood there before
 * have been carried over. Nothing is asked of the bridge itself.
 */
import { CONTACTS, firstName } from "./contacts.js";
import type { SlackView } from "./page-slack.js";
import type { PhoneView, TelegramView } from "./page-views.js";

export type FeedKind = "in" | "out" | "copy" | "mark" | "told" | "trouble" | "mended";

export interface FeedEntry {
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: FeedKind;
  readonly words: string;
  /** How long it took, in ms. */
  readonly took?: number;
}

export interface Seen {
  readonly phone: PhoneView;
  readonly slack: SlackView;
  readonly telegram: TelegramView;
}

export type Where = "phone" | "slack" | "telegram";

/** How long after a contact's text it stood in each chat, in ms; by the PBX's id of the text. */
export type Arrivals = Readonly<Record<string, Readonly<Partial<Record<Where, number>>>>>;

export interface Feed {
  /** Looks at how things are now. */
  observe(seen: Seen): void;
  note(kind: FeedKind, words: string): void;
  entries(): readonly FeedEntry[];
  arrivals(): Arrivals;
}

const MOST_ENTRIES = 80;
/** The oldest are forgotten: what has not been carried by then never will be (a long text was split, say). */
const MOST_WAITING = 200;

/** Words that a person wrote, to be found again elsewhere. */
interface Source {
  readonly id: string;
  readonly from: Where;
  readonly who: string;
  readonly contact: string;
  /** As it stood there, and as it was edited since. */
  readonly versions: readonly string[];
  readonly at: number;
  readonly carried: Partial<Record<Where, number>>;
}

/** Words that the bridge put somewhere. */
interface Sink {
  readonly where: Where;
  readonly contact: string;
  readonly text: string;
  readonly at: number;
}

export function createFeed(now: () => number): Feed {
  const entries: FeedEntry[] = [];
  const sources: Source[] = [];
  const arrivals = new Map<string, Partial<Record<Where, number>>>();
  const known = new Set<string>();
  /** What was carried is looked at once all that was written is known. */
  const posts: (readonly [string, Sink])[] = [];
  let lastId = 0;

  function note(kind: FeedKind, words: string, took?: number): void {
    entries.unshift({ id: ++lastId, at: now(), kind, words, ...(took === undefined ? {} : { took }) });
    entries.length = Math.min(entries.length, MOST_ENTRIES);
  }

  /** Whether this is seen for the first time. */
  function isNew(key: string): boolean {
    if (known.has(key)) return false;
    known.add(key);
    return true;
  }

  function wrote({ text, ...source }: Omit<Source, "carried" | "versions"> & { readonly text: string }): void {
    const words = text.trim().replace(/^\/\/\s*/, "");
    if (!isNew(`${source.id} ${words}`)) return;
    const index = sources.findIndex(({ id }) => id === source.id);
    const before = sources[index];
    if (before !== undefined) sources[index] = { ...before, versions: [...before.versions, words] };
    if (!isNew(source.id)) return;
    const kept = { ...source, versions: [words], carried: {} };
    sources.push(kept);
    if (source.from === "phone") arrivals.set(source.id, kept.carried);
    const [oldest] = sources;
    if (sources.length <= MOST_WAITING || oldest === undefined) return;
    sources.shift();
    arrivals.delete(oldest.id);
  }

  /** A post may hold several texts; each is taken out of it once, the oldest first. */
  function put(id: string, sink: Sink): void {
    if (!isNew(id)) return;
    let left = sink.text;
    for (const source of sources) {
      const { from, contact, versions } = source;
      if (from === sink.where || contact !== sink.contact || source.carried[sink.where] !== undefined) continue;
      const without = versions.map((text) => takenOut(left, text)).findLast((rest) => rest !== undefined);
      if (without === undefined) continue;
      left = without;
      const took = Math.max(0, sink.at - source.at);
      source.carried[sink.where] = took;
      note(...wordsFor(source, sink.where), took);
    }
  }

  return {
    observe({ phone, slack, telegram }) {
      for (const { number, messages } of phone.contacts) for (const message of messages) observePhone(number, message);
      for (const { contact, root, replies } of slack.threads) {
        if (contact === undefined) continue;
        if (isNew(`slack-thread ${root.ts}`))
          note("told", `A thread for ${nameOf(contact)} in Slack #${slack.channel}`);
        for (const reply of replies) observeSlack(contact, reply);
      }
      for (const { id, contact, messages } of telegram.topics) {
        if (contact === undefined) continue;
        if (isNew(`topic ${id}`)) note("told", `A topic for ${nameOf(contact)} in Telegram`);
        for (const message of messages) observeTelegram(contact, message);
      }
      for (const [id, sink] of posts.splice(0)) put(id, sink);
    },
    note: (kind, words) => note(kind, words),
    entries: () => entries,
    arrivals: () => Object.fromEntries([...arrivals].map(([id, took]) => [id, { ...took }])),
  };

  function observePhone(contact: string, message: PhoneView["contacts"][number]["messages"][number]): void {
    const { id, mine, text, at, via, status } = message;
    if (via === "api") posts.push([id, { where: "phone", contact, text, at }]);
    else wrote({ id, from: "phone", who: mine ? nameOf(contact) : "the desk phone", contact, text, at });
    if (mine || !isNew(`${id} ${status}`)) return;
    if (status === "failed") note("trouble", `The PBX reports: not delivered to ${nameOf(contact)}`);
    if (status === "sent") note("told", `The PBX reports: delivered to ${nameOf(contact)}`);
  }

  function observeSlack(contact: string, message: SlackView["threads"][number]["replies"][number]): void {
    const { ts, at, author, text, reactions } = message;
    const id = `slack ${ts}`;
    if (author.kind === "bot") posts.push([id, { where: "slack", contact, text, at }]);
    else wrote({ id, from: "slack", who: author.name, contact, text, at });
    for (const { emoji, byBot } of reactions)
      if (byBot && author.kind === "person" && isNew(`${id} ${emoji}`))
        note("mark", `${emoji} on ${author.name}’s message in Slack`);
  }

  function observeTelegram(contact: string, message: TelegramView["topics"][number]["messages"][number]): void {
    const { id: number, at, author, text, reactions, service } = message;
    if (service !== undefined) return;
    const id = `telegram ${number}`;
    if (author.isBot) posts.push([id, { where: "telegram", contact, text, at }]);
    else wrote({ id, from: "telegram", who: author.name, contact, text, at });
    for (const emoji of reactions)
      if (!author.isBot && isNew(`${id} ${emoji}`)) note("mark", `${emoji} on ${author.name}’s message in Telegram`);
  }
}

/** What is left of the words once the text is taken out of them; undefined: it is not there. */
function takenOut(words: string, text: string): string | undefined {
  if (text !== "" && words.includes(text)) return words.replace(text, () => "");
  const [all, part] = [essence(words), essence(text)];
  return part !== "" && all.includes(part) ? all.replace(part, () => "") : undefined;
}

/** Letters, digits and pictures: a text carries no formatting, and chats write links and spaces in ways of their own. */
function essence(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{Extended_Pictographic}]/gu, "");
}

function wordsFor({ from, who, contact }: Source, to: Where): [FeedKind, string] {
  if (from === "phone") return ["in", `Text from ${who} → ${PLACES[to]}`];
  if (to === "phone") return ["out", `${who}’s answer in ${PLACES[from]} → text to ${nameOf(contact)}`];
  return ["copy", `${who}’s words → copy in ${PLACES[to]}`];
}

const PLACES: Readonly<Record<Where, string>> = { phone: "the phone", slack: "Slack", telegram: "Telegram" };

function nameOf(number: string): string {
  const contact = CONTACTS.find((one) => one.number === number);
  return contact === undefined ? number : firstName(contact);
}
