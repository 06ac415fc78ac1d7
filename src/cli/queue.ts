/** `queue`: deliveries that gave up, texts that no line lists, and what waits for somebody's decision. */
import { contactIn } from "../conversation-id.js";
import { Command } from "commander";
import { decide } from "../deliver/decided.js";
import type { Announcing } from "../deliver/announcing.js";
import { lineFor } from "../lines.js";
import { hideNumbers } from "../log/hide.js";
import { chatsOf } from "../paces.js";
import type { Aside } from "../queue/port.js";
import type { Work } from "../queue/work.js";
import type { Store } from "../store/port.js";
import { printable } from "./table.js";

export interface QueueCommandDeps {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Sets how the process will end. */
  exit(code: number): void;
}

interface Flags {
  readonly config: string;
}

interface ListFlags extends Flags {
  readonly json?: boolean;
  readonly text?: boolean;
  readonly full?: boolean;
  readonly waiting?: boolean;
}

/** What decisions are carried out on, and whom they are told. */
interface Desk {
  readonly store: Store;
  readonly announcing: Omit<Announcing, "now">;
}

const WHICH = "numbers from `queue list`; or all: whatever gave up, but not what waits for somebody's decision";

export function queueCommand(deps: QueueCommandDeps): Command {
  const queue = new Command("queue").description("deliveries that gave up: list, retry, discard");
  withConfig(
    queue
      .command("list")
      .description("show what gave up (set-aside) and what waits for somebody's answer (held), with its reason"),
  )
    .option("--full", "show numbers whole")
    .option("--text", "show texts, too")
    .option("--waiting", "show how much waits to be done, too, and for what")
    .option("--json", "for machines")
    .action((flags: ListFlags) => inStore(flags.config, async (store) => list(store, flags, deps)));
  const decision = (name: "retry" | "discard", description: string, done: string): void => {
    const command = withConfig(queue.command(name).description(description)).argument("[numbers...]", WHICH);
    command.action((words: string[], { config }: Flags) => {
      const wrong = wrongNumbers(name, words);
      if (wrong !== undefined) command.error(`error: ${wrong}`);
      return atDesk(config, (desk) => decideEach(desk, words, { name, done }, deps));
    });
  };
  decision("retry", "try again; a running bridge takes it up within seconds", "will be tried again");
  decision("discard", "give up for good; the text is deleted", "was discarded");
  return queue;
}

/** Gives the numbers of all that was done by it; none: it is no longer as it was listed. */
async function act({ store, announcing }: Desk, listed: Aside, what: "retry" | "discard"): Promise<readonly number[]> {
  const { key, number, work, message, state } = listed;
  const now = Date.now();
  return store.commit(async (tx) => {
    // Somebody may have decided by a button since, or have changed the words: they were decided on unseen.
    if (!(await tx.queue.isStill(listed))) return [];
    if (work.kind === "text" && message !== undefined) {
      const action = what === "discard" ? what : state === "held" ? "send" : "retry";
      const decision = { message, action, by: "An administrator", key: `decided.${message}.${now}` } as const;
      const decided = await decide(tx, decision, { ...announcing, now });
      return (decided ?? []).map((each) => each.number);
    }
    const done = what === "retry" ? await tx.queue.revive(key, now) : await tx.queue.withdraw(key);
    return done ? [number] : [];
  });
}

function withConfig(command: Command): Command {
  return command.option("--config <file>", "the config file", "config.yaml");
}

/** Why this does not say which deliveries are meant; undefined: it does. */
function wrongNumbers(name: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return `which ones? Write: queue ${name} and numbers from queue list, or all.`;
  if (words.includes("all")) return words.length === 1 ? undefined : "all stands alone. Leave it out, or the numbers.";
  const wrong = words.find((word) => !/^\d+$/.test(word));
  return wrong === undefined ? undefined : `'${wrong}' is no number. Write numbers from queue list, or all.`;
}

async function inStore(file: string, work: (store: Store) => Promise<void>): Promise<void> {
  const { inStorage } = await import("./in-storage.js");
  await inStorage(file, ({ store }) => work(store));
}

async function atDesk(file: string, work: (desk: Desk) => Promise<void>): Promise<void> {
  const { inStorage, withAdapters } = await import("./in-storage.js");
  await inStorage(file, (storage, config, logger) =>
    withAdapters(storage, config, logger, async (adapters) => {
      const placesOf: Announcing["placesOf"] = ({ extension, did }) =>
        lineFor(config.lines, extension, did?.number)?.to ?? [];
      await work({ store: storage.store, announcing: { chats: chatsOf(adapters), placesOf } });
    }),
  );
}

function allAside({ queue }: Store): readonly Aside[] {
  return queue.aside(queue.counts().aside);
}

function list(
  store: Store,
  { json = false, text = false, full = false, waiting = false }: ListFlags,
  { stdout }: QueueCommandDeps,
): void {
  const shown = full ? (words: string): string => words : hideNumbers;
  const rows = allAside(store).map((delivery) => rowOf(delivery, text, shown));
  const waits = waiting ? store.queue.counts().waiting.map((one) => ({ state: "waiting", ...one })) : [];
  if (json) return stdout(`${JSON.stringify([...rows, ...waits], undefined, 2)}\n`);
  if (rows.length === 0) stdout(NOTHING);
  for (const { id, state, kind, target, contact, since, reason, text: words } of rows) {
    const who = contact === undefined ? "" : `  ${printable(contact)}`;
    stdout(`${id}  ${since}  ${state}  ${kind} → ${target}${who}\n    ${printable(reason)}\n`);
    if (words !== undefined) stdout(`    “${printable(words)}”\n`);
  }
  for (const { kind, target, count } of waits) stdout(`waiting  ${count} × ${kind} → ${target}\n`);
  if (waits.length > 0) stdout("    Why, if that is for long, is told by /readyz and the log.\n");
}

function rowOf(
  { number, state, work, target, createdAt, reason }: Aside,
  text: boolean,
  shown: (words: string) => string,
) {
  const contact = contactOf(work);
  return {
    ...{ id: number, state, kind: work.kind, target },
    ...(contact === undefined ? {} : { contact: shown(contact) }),
    since: new Date(createdAt).toISOString(),
    reason: reasonOf(work, reason, shown),
    ...(text ? { text: textOf(work) ?? "" } : {}),
  };
}

/** An extension and a number of our own that no line lists are no secrets: they are what has to be added to the config. */
function reasonOf(work: Work, reason: string, shown: (words: string) => string): string {
  if (work.kind !== "unmatched") return shown(reason);
  const { extension, did } = work.event;
  return around([`extension ${extension}`, ...(did === undefined ? [] : [did.number])], reason, shown);
}

/** Leaves these pieces as they are. */
function around([piece, ...more]: readonly string[], words: string, shown: (words: string) => string): string {
  if (piece === undefined) return shown(words);
  const rest = words.split(piece).map((each) => around(more, each, shown));
  return rest.join(piece);
}

function contactOf(work: Work): string | undefined {
  if ("conversation" in work) return contactIn(work.conversation);
  return work.kind === "unmatched" || work.kind === "check" ? work.event.contact.number : undefined;
}

function textOf(work: Work): string | undefined {
  if (work.kind === "text" || work.kind === "post") return work.text;
  if (work.kind === "heard") return "text" in work.event ? work.event.text : undefined;
  return work.kind === "unmatched" || work.kind === "check" ? work.event.text : undefined;
}

const NOTHING = "Nothing has been set aside.\n";

async function decideEach(
  desk: Desk,
  words: readonly string[],
  { name, done }: { readonly name: "retry" | "discard"; readonly done: string },
  { stdout, stderr, exit }: QueueCommandDeps,
): Promise<void> {
  const aside = allAside(desk.store);
  const all = words.includes("all");
  const wanted = aside.filter(({ number, state }) => (all ? state === "set-aside" : words.includes(String(number))));
  const decided = new Set<number>();
  for (const delivery of wanted) {
    // The parts of a long text are decided on together.
    if (decided.has(delivery.number)) continue;
    const ids = await act(desk, delivery, name);
    for (const id of ids) {
      decided.add(id);
      stdout(`${id} ${done}\n`);
    }
    if (ids.length === 0)
      stdout(`${delivery.number} was changed or decided on meanwhile; nothing was done. See: queue list\n`);
  }
  if (all) return stdout(leftOver(aside, wanted));
  const unknown = words.filter((word) => !aside.some(({ number }) => String(number) === word));
  for (const word of unknown) stderr(`${word}: nothing with this number is set aside. See: queue list\n`);
  if (unknown.length > 0) exit(1);
}

/** What `all` did not mean. */
function leftOver(aside: readonly Aside[], taken: readonly Aside[]): string {
  const held = aside.filter(({ state }) => state === "held").map(({ number }) => number);
  if (held.length > 0)
    return `Left as they are, since somebody has to decide on each: ${held.join(", ")}. Name the numbers to do so here.\n`;
  return taken.length === 0 ? NOTHING : "";
}
