/** `queue`: deliveries that gave up, texts that no line lists, and what waits for somebody's decision. */
import { Command } from "commander";
import { contactIn } from "../bridge.js";
import { sendAgain } from "../deliver/send-again.js";
import { hideNumbers } from "../log/hide.js";
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
}

/** What is done with one delivery. false: it is no longer aside. */
type Act = (store: Store, delivery: Aside) => Promise<boolean>;

const WHICH = "numbers from `queue list`; or all: whatever gave up, but not what waits for somebody's decision";

export function queueCommand(deps: QueueCommandDeps): Command {
  const queue = new Command("queue").description("deliveries that gave up: list, retry, discard");
  withConfig(queue.command("list").description("show what was set aside, with its reason"))
    .option("--full", "show numbers whole")
    .option("--text", "show texts, too")
    .option("--json", "for machines")
    .action((flags: ListFlags) => inStore(flags.config, async (store) => list(store, flags, deps)));
  const decide = (name: string, description: string, done: string, act: Act): void => {
    const command = withConfig(queue.command(name).description(description)).argument("[numbers...]", WHICH);
    command.action((words: string[], { config }: Flags) => {
      const wrong = wrongNumbers(name, words);
      if (wrong !== undefined) command.error(`error: ${wrong}`);
      return inStore(config, (store) => each(store, words, done, act, deps));
    });
  };
  decide("retry", "try again; a running bridge takes it up within seconds", "will be tried again", retry);
  decide("discard", "give up for good; the text is deleted", "was discarded", (store, { key }) =>
    store.commit((tx) => tx.queue.withdraw(key)),
  );
  return queue;
}

const retry: Act = (store, delivery) =>
  store.commit(async (tx) => {
    const now = Date.now();
    if (delivery.work.kind !== "text") return tx.queue.revive(delivery.key, now);
    return (await sendAgain(tx, delivery, now)).revived;
  });

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

function allAside({ queue }: Store): readonly Aside[] {
  return queue.aside(queue.counts().aside);
}

function list(
  store: Store,
  { json = false, text = false, full = false }: ListFlags,
  { stdout }: QueueCommandDeps,
): void {
  const shown = full ? (words: string): string => words : hideNumbers;
  const rows = allAside(store).map((delivery) => rowOf(delivery, text, shown));
  if (json) return stdout(`${JSON.stringify(rows, undefined, 2)}\n`);
  if (rows.length === 0) return stdout(NOTHING);
  for (const { id, state, kind, target, contact, since, reason, text: words } of rows) {
    const who = contact === undefined ? "" : `  ${printable(contact)}`;
    stdout(`${id}  ${since}  ${state}  ${kind} → ${target}${who}\n    ${printable(reason)}\n`);
    if (words !== undefined) stdout(`    “${printable(words)}”\n`);
  }
}

function rowOf({ id, state, work, target, createdAt, reason }: Aside, text: boolean, shown: (words: string) => string) {
  const contact = contactOf(work);
  return {
    ...{ id, state, kind: work.kind, target },
    ...(contact === undefined ? {} : { contact: shown(contact) }),
    since: new Date(createdAt).toISOString(),
    reason: shown(reason),
    ...(text ? { text: textOf(work) ?? "" } : {}),
  };
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

async function each(
  store: Store,
  words: readonly string[],
  done: string,
  act: Act,
  { stdout, stderr, exit }: QueueCommandDeps,
): Promise<void> {
  const aside = allAside(store);
  const all = words.includes("all");
  const wanted = aside.filter(({ id, state }) => (all ? state === "set-aside" : words.includes(String(id))));
  for (const delivery of wanted)
    stdout(`${delivery.id} ${(await act(store, delivery)) ? done : "is no longer set aside"}\n`);
  if (all) return stdout(leftOver(aside, wanted));
  const unknown = words.filter((word) => !aside.some(({ id }) => String(id) === word));
  for (const word of unknown) stderr(`${word}: nothing with this number is set aside. See: queue list\n`);
  if (unknown.length > 0) exit(1);
}

/** What `all` did not mean. */
function leftOver(aside: readonly Aside[], taken: readonly Aside[]): string {
  const held = aside.filter(({ state }) => state === "held").map(({ id }) => id);
  if (held.length > 0)
    return `Left as they are, since somebody has to decide on each: ${held.join(", ")}. Name the numbers to do so here.\n`;
  return taken.length === 0 ? NOTHING : "";
}
