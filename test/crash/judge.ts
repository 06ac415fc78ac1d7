/** Decides from what the simulators recorded whether anything was lost, doubled or put out of order. Pure. */
import { outOfOrder, type Shown } from "./order.js";

export type Platform = "slack" | "telegram";

/** A text is known by its words, which are unique unless somebody said the same twice. */
export interface Records {
  /** What the PBX told of: from contacts and from desk phones, in its order. */
  readonly told: readonly Told[];
  /** What colleagues wrote in threads, in the order of writing, and the marks that stand on it. */
  readonly written: readonly Written[];
  /** What the PBX took to be sent to contacts, in its order. */
  readonly taken: readonly { readonly conversation: string; readonly text: string }[];
  /** What stands in the threads by the bridge's hand. */
  readonly threads: readonly Thread[];
  /** Deliveries that are still to be done, or were set aside. */
  readonly left: number;
}

/** `answered`: the bridge said 200 to it. `again`: an event with these words was told more than once. */
export interface Told {
  readonly conversation: string;
  readonly text: string;
  readonly answered: boolean;
  readonly again?: boolean;
}

export interface Written {
  readonly platform: Platform;
  readonly conversation: string;
  readonly text: string;
  readonly marks: readonly string[];
}

export interface Thread {
  readonly platform: Platform;
  readonly conversation: string;
  readonly posts: readonly Post[];
}

/** `texts`: one post may hold several. `repeat`: it says itself that it may be there twice. */
export interface Post {
  readonly texts: readonly string[];
  readonly repeat: boolean;
}

export const FLOWS = [
  "PBX → Slack",
  "PBX → Telegram",
  "Slack → PBX",
  "Telegram → PBX",
  "Slack → Telegram",
  "Telegram → Slack",
] as const;
export type Flow = (typeof FLOWS)[number];

export interface Tally {
  readonly flow: Flow;
  readonly texts: number;
  /** Of the texts that were accepted, those that never arrived. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** There more than once, and said so. */
  readonly repeated: readonly string[];
  /** Replies of which nobody knows whether they arrived: the thread says so and asks a person. Not lost, unless nothing says it. */
  readonly asked: readonly string[];
  readonly reordered: readonly string[];
}

export interface Judgement {
  readonly tallies: readonly Tally[];
  /** Everything else that is not as it should be, in words. */
  readonly faults: readonly string[];
}

const SENT_MARK: Record<Platform, string> = { slack: "white_check_mark", telegram: "👌" };
const FAILED_MARK: Record<Platform, string> = { slack: "x", telegram: "👎" };

export interface Law {
  /** Also what the bridge never said 200 to must be there. */
  readonly every: boolean;
  /** Flows whose source itself tells late what it had to tell again. */
  readonly anyOrder: readonly Flow[];
}

export function judge(records: Records, law: Law): Judgement {
  return {
    tallies: FLOWS.map((flow) => within(law, tally(flow, records, law.every))),
    faults: [...strays(records), ...wrongMarks(records), ...splitThreads(records), ...leftOver(records)],
  };
}

function within({ anyOrder }: Law, found: Tally): Tally {
  return anyOrder.includes(found.flow) ? { ...found, reordered: [] } : found;
}

export function isFine({ tallies, faults }: Judgement): boolean {
  return (
    faults.length === 0 &&
    tallies.every(({ lost, doubled, reordered }) => !lost.length && !doubled.length && !reordered.length)
  );
}

/** Joins the judgements of several runs. */
export function sum(judgements: readonly Judgement[]): Judgement {
  const of = (flow: Flow) => judgements.flatMap(({ tallies }) => tallies.filter((each) => each.flow === flow));
  const all = (flow: Flow, what: "lost" | "doubled" | "repeated" | "asked" | "reordered") =>
    of(flow).flatMap((each) => each[what]);
  return {
    tallies: FLOWS.map((flow) => ({
      flow,
      texts: of(flow).reduce((total, { texts }) => total + texts, 0),
      lost: all(flow, "lost"),
      doubled: all(flow, "doubled"),
      repeated: all(flow, "repeated"),
      asked: all(flow, "asked"),
      reordered: all(flow, "reordered"),
    })),
    faults: judgements.flatMap(({ faults }) => faults),
  };
}

interface Wanted {
  readonly text: string;
  /** As in `Told`. */
  readonly again?: boolean;
  /** It may be missing, but not be there twice. */
  readonly mayMiss: boolean;
  /** If it is missing, a person is asked what to do. */
  readonly asked?: boolean;
}

function tally(flow: Flow, records: Records, every: boolean): Tally {
  const empty = { flow, texts: 0, lost: [], doubled: [], repeated: [], asked: [], reordered: [] };
  return conversationsOf(records)
    .map((conversation) => compare(wanted(flow, records, conversation, every), arrived(flow, records, conversation)))
    .reduce<Tally>(
      (total, each) => ({
        flow,
        texts: total.texts + each.texts,
        lost: [...total.lost, ...each.lost],
        doubled: [...total.doubled, ...each.doubled],
        repeated: [...total.repeated, ...each.repeated],
        asked: [...total.asked, ...each.asked],
        reordered: [...total.reordered, ...each.reordered],
      }),
      empty,
    );
}

function wanted(flow: Flow, { told, written }: Records, conversation: string, every: boolean): Wanted[] {
  const from = (platform: Platform) =>
    written
      .filter((each) => each.platform === platform && each.conversation === conversation)
      .map((each) => ({ text: each.text, mayMiss: false, asked: flow.endsWith("PBX") && isAsked(each) }));
  switch (flow) {
    case "PBX → Slack":
    case "PBX → Telegram":
      return told
        .filter((each) => each.conversation === conversation)
        .map(({ text, answered, again = false }) => ({ text, again, mayMiss: !answered && !every }));
    case "Slack → PBX":
    case "Slack → Telegram":
      return from("slack");
    case "Telegram → PBX":
    case "Telegram → Slack":
      return from("telegram");
  }
}

/** Where the flow ends; texts that came there another way are no concern of it. */
function arrived(flow: Flow, records: Records, conversation: string): Shown[] {
  const [from, to] = flow.split(" → ") as [string, string];
  const own = new Set(
    from === "PBX"
      ? records.told.map(({ text }) => text)
      : records.written.filter(({ platform }) => platform === from.toLowerCase()).map(({ text }) => text),
  );
  const all =
    to === "PBX"
      ? records.taken.filter((each) => each.conversation === conversation).map(({ text }) => ({ text, repeat: false }))
      : shown(records, to.toLowerCase() as Platform, conversation);
  return all.filter(({ text }) => own.has(text));
}

function shown({ threads }: Records, platform: Platform, conversation: string): Shown[] {
  return threads
    .filter((each) => each.platform === platform && each.conversation === conversation)
    .flatMap(({ posts }) => posts.flatMap(({ texts, repeat }) => texts.map((text) => ({ text, repeat }))));
}

function compare(want: readonly Wanted[], got: readonly Shown[]): Omit<Tally, "flow"> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const repeated: string[] = [];
  const asks: string[] = [];
  for (const text of new Set(want.map((each) => each.text))) {
    const asked = want.filter((each) => each.text === text);
    const there = got.filter((each) => each.text === text);
    const needed = asked.filter(({ mayMiss }) => !mayMiss).length;
    const questions = asked.filter((each) => each.asked === true).length;
    for (let missing = needed - there.length; missing > 0; missing -= 1)
      (missing <= questions ? asks : lost).push(text);
    const more = Math.max(0, there.length - asked.length);
    const marked = Math.min(more, there.filter(({ repeat }) => repeat).length);
    for (let count = 0; count < more; count += 1) (count < marked ? repeated : doubled).push(text);
  }
  return { texts: want.length, lost, doubled, repeated, asked: asks, reordered: outOfOrder(want, got) };
}

function conversationsOf({ told, written, taken, threads }: Records): string[] {
  return [...new Set([...told, ...written, ...taken, ...threads].map(({ conversation }) => conversation))];
}

/** A private word that reaches the wrong customer is worse than a lost one. */
function strays({ written, taken }: Records): string[] {
  return taken.flatMap(({ conversation, text }) => {
    const meant = written.filter((each) => each.text === text);
    if (meant.some((each) => each.conversation === conversation)) return [];
    const whose = meant[0] === undefined ? "nobody wrote" : `was meant for ${meant[0].conversation}`;
    return [`${conversation} got ${text}, which ${whose}`];
  });
}

function isAsked({ platform, marks }: Written): boolean {
  return marks.length === 1 && marks[0] === FAILED_MARK[platform];
}

function wrongMarks({ written }: Records): string[] {
  return written
    .filter((each) => !isAsked(each) && (each.marks.length !== 1 || each.marks[0] !== SENT_MARK[each.platform]))
    .map(({ platform, text, marks }) => `${platform}: ${text} is marked ${marks.join(" and ") || "with nothing"}`);
}

/** A topic that stayed empty is borne with, since Telegram cannot be asked for it; in Slack it would have been found. */
function splitThreads({ threads }: Records): string[] {
  const used = threads.filter(
    ({ platform, posts }) => platform === "slack" || posts.some(({ texts }) => texts.length > 0),
  );
  const names = used.map(({ platform, conversation }) => `${platform}: ${conversation}`);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => `${name} has ${names.filter((each) => each === name).length} threads`);
}

/** What a person is asked about is kept until they decide. */
function leftOver({ left, written }: Records): string[] {
  const more = left - written.filter(isAsked).length;
  return more === 0 ? [] : [`${left} deliveries are left, ${left - more} of them for a person to decide`];
}
