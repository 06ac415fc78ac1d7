/**
 * A text that was told with the words of an earlier one: the contact said the same again, or the PBX told the same text twice. Its
 * list knows how often it was said.
 */
import type { Logger } from "../log.js";
import { ECHO_WINDOW_MS, type Entry } from "../ledger.js";
import { APART_MS, listedSince, listedText, unexplained } from "../matching.js";
import { GiveUp } from "../errors.js";
import type { Line } from "../message.js";
import type { PbxMessage } from "../pbx/types.js";
import type { Doer, Outcome } from "../queue/attempts.js";
import type { Check } from "../queue/work.js";
import type { Delivery } from "../queue/port.js";
import type { Transaction } from "../store/port.js";
import { showText, wordingOf, type Showing, type TakingDeps } from "../taking.js";
import { unmatchedReason } from "./unmatched.js";
import type { Parts } from "./parts.js";
import { createSharedList, type ReadsList, type SharedListDeps } from "./shared-list.js";

/**
 * So long, at most, a text may be missing from the list before it is taken for one that was told twice: what was said behind it waits. If
 * it is listed later, catching up finds it.
 */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 1500;
/** Clocks that are right differ by less, and lists come sooner: mostly a short part of the list tells. */
const SOON_MS = 30 * 60_000;

interface Deps extends SharedListDeps, Pick<Parts, "store" | "listsWithinMs"> {
  readonly logger: Logger;
  lineFor(extension: number, did: string | undefined): Line | undefined;
}

/**
 * `new`: said again. `first`: an entry that came just when the bridge was set up, and is not shown yet. `told`: one that is shown
 * already. `open`: the list does not tell yet.
 */
type Verdict =
  | { readonly is: "new"; readonly pbxId: string }
  | { readonly is: "first"; readonly entry: Entry }
  | { readonly is: "told"; readonly entry?: Entry }
  | "open";

/** How it is known that the text is one of its own: by its place in the list, not at all, or by its words, which are new. */
type Sureness = Pick<Showing, "pbxId" | "retold">;

export function checkDoer(deps: Deps & TakingDeps): Doer {
  const readList = createSharedList(deps);
  const show = (tx: Transaction, { event, at, message }: Check, sure: Sureness): Promise<void> =>
    showText(tx, { event, line: lineOf(deps, event), at, message, echoed: true, ...sure }, deps);
  const equalTo = (tx: Transaction, { event, at }: Check): Promise<readonly Entry[]> =>
    tx.ledger.equal(wordingOf(event, deps.store.digestKey), at - ECHO_WINDOW_MS);
  /** Unless catching up has found it in the list meanwhile, and shown it. */
  const showOnce = async (tx: Transaction, check: Check, sure: Sureness): Promise<void> => {
    const found =
      sure.pbxId === undefined
        ? (await equalTo(tx, check)).find(isFound)
        : (await tx.ledger.withPbxIds(check.event.extension, [sure.pbxId]))[0];
    if (found === undefined) return show(tx, check, sure);
    await tx.ledger.change(found.id, { echoed: true });
  };
  /** What only waited behind others may have been told, or found, meanwhile. */
  const isKnown = async (check: Check): Promise<boolean> =>
    (await deps.store.commit((tx) => equalTo(tx, check))).length > 0;
  const showFirst = async (tx: Transaction, check: Check, { id, message }: Entry): Promise<void> => {
    await tx.ledger.change(id, { status: "taken", echoed: true });
    await show(tx, { ...check, message }, {});
  };
  return {
    async attempt([delivery]): Promise<Outcome> {
      const check = checkOf(delivery);
      lineOf(deps, check.event);
      if (!check.suspected && !(await isKnown(check))) return { result: "done", and: (tx) => showOnce(tx, check, {}) };
      const verdict = await judge(deps, readList, check);
      if (verdict === "open") return { result: "again", dueAt: deps.clock.now() + LOOK_AGAIN_MS };
      if (verdict.is === "new") return { result: "done", and: (tx) => showOnce(tx, check, { pbxId: verdict.pbxId }) };
      if (verdict.is === "first") return { result: "done", and: (tx) => showFirst(tx, check, verdict.entry) };
      deps.logger.info({ extension: check.event.extension }, "the PBX told one text several times; it is shown once");
      const { entry } = verdict;
      if (entry === undefined) return { result: "done" };
      return { result: "done", and: (tx) => tx.ledger.change(entry.id, { echoed: true }) };
    },
    /** Better shown twice than not at all. */
    gaveUp:
      async ([delivery]) =>
      async (tx) => {
        const check = checkOf(delivery);
        if (deps.lineFor(check.event.extension, check.event.did?.number) === undefined) return;
        await tx.queue.withdraw(delivery.key);
        await showOnce(tx, check, { retold: true });
      },
  };
}

/** By the list, before an event told of it. What was refused the PBX never had. */
function isFound({ echoed, status, calls = 0 }: Entry): boolean {
  return !echoed && (status === "taken" || status === "sent" || (status === "failed" && calls > 0));
}

async function judge(deps: Deps & TakingDeps, readList: ReadsList, check: Check): Promise<Verdict> {
  const soon = await look(deps, readList, check, SOON_MS);
  // A slow list may have been read before that time was over.
  const waitedMs = waited(deps, check);
  const { fresh, entries, settled } = soon.fresh === undefined ? await look(deps, readList, check, APART_MS) : soon;
  if (fresh !== undefined) return { is: "new", pbxId: fresh.id };
  if (!settled) return "open";
  const untold = entries.filter(({ echoed }) => !echoed);
  const first = untold.findLast((entry) => entry.status === "before" && Math.abs(entry.at - check.at) <= SOON_MS);
  if (first !== undefined) return { is: "first", entry: first };
  const recovered = untold.find(isFound);
  if (recovered !== undefined) return { is: "told", entry: recovered };
  return waitedMs < Math.min(PATIENCE_MS, deps.listsWithinMs) ? "open" : { is: "told" };
}

interface Seen {
  /** A text of the list with these words that nothing explains. */
  readonly fresh: PbxMessage | undefined;
  /** The ledger's entries with these words. */
  readonly entries: readonly Entry[];
  /** All of them are older than what was read, and as they were: else one may have been taken for an earlier text of the list. */
  readonly settled: boolean;
}

/** `marginMs`: so far the PBX's clock may be behind ours. */
async function look(
  { store }: Deps & TakingDeps,
  readList: ReadsList,
  { event, at }: Check,
  marginMs: number,
): Promise<Seen> {
  const { extension } = event;
  const words = wordingOf(event, store.digestKey);
  const entriesIn = (tx: Transaction): Promise<readonly Entry[]> => tx.ledger.equal(words, at - ECHO_WINDOW_MS);
  const before = await store.commit(entriesIn);
  const since = listedSince(at, before.filter(isUnlisted), marginMs);
  const listed = await readList({ extension, direction: words.direction, since });
  const equal = listed.filter(
    (each) => isEqual(each, event) && listedText(each, words.conversation, store.digestKey).digest === words.digest,
  );
  // What was sent or found while the list was read explains a listed text too.
  return store.commit(async (tx) => {
    const entries = await entriesIn(tx);
    const known = await tx.ledger.withPbxIds(
      extension,
      equal.map(({ id }) => id),
    );
    const unknown = equal.filter(({ id }) => !known.some(({ pbxId }) => pbxId === id));
    const settled = entries.every(({ id, status }) =>
      before.some((entry) => entry.id === id && entry.status === status),
    );
    // One that is being sent may be the one that is listed. If it was a phone's after all, catching up finds it.
    const fresh = unexplained(unknown, entries.filter(isUnlisted), ["taken", "under way"]);
    return { fresh, entries, settled };
  });
}

function isUnlisted({ pbxId }: Entry): boolean {
  return pbxId === undefined;
}

function isEqual(listed: PbxMessage, { did, contact }: Check["event"]): boolean {
  if (listed.contact.number !== contact.number) return false;
  return did === undefined || listed.did === undefined || listed.did.number === did.number;
}

function waited({ clock }: Deps, { at }: Check): number {
  return Math.abs(clock.now() - at);
}

function lineOf({ lineFor }: Deps, event: Check["event"]): Line {
  const line = lineFor(event.extension, event.did?.number);
  if (line === undefined) throw new GiveUp(unmatchedReason(event));
  return line;
}

function checkOf({ work }: Delivery): Check {
  if (work.kind !== "check") throw new TypeError(`not a check: ${work.kind}`);
  return work;
}
