/** `erase`: takes a contact out of everything we can reach, and prints what it did. */
import { realClock } from "../clock.js";
import { createPbx } from "../compose.js";
import type { Config } from "../config.js";
import { eraseContact, findContact, type EraseDeps, type Found } from "../erase.js";
import { counted, type Told } from "../erase/told.js";
import { createLogger, type Logger } from "../log.js";
import { mask, partyOf } from "../pbx/numbers.js";
import type { Storage } from "../storage.js";
import { inStorage, standardError, withAdapters } from "./in-storage.js";
import { decided, nobodyToAsk } from "./says-yes.js";
import { printable } from "./table.js";

export interface EraseOptions {
  readonly config: string;
  readonly yes?: boolean;
}

/**
 * Exit codes: 0 when all that we can reach is erased, or nobody wanted it, 1 when something stayed that may be tried again, 2 when
 * the config is wrong or nobody can be asked.
 */
export function erase(given: string, { config: file, yes = false }: EraseOptions): Promise<void> {
  return inStorage(file, async (storage, config, logger) => {
    const { number } = partyOf(given, config.inbox.country);
    await withAdapters(storage, config, logger, (adapters) =>
      eraseWith(number, { ...partsOf(config, storage, logger), adapters }, config, yes),
    );
  });
}

function partsOf(config: Config, { store, links }: Storage, logger: Logger): Omit<EraseDeps, "adapters"> {
  const extensions = [...new Set(config.lines.map(({ extension }) => extension))];
  return { store, links, extensions, pbx: createPbx(config, logger), sleep: realClock.sleep };
}

async function eraseWith(number: string, deps: EraseDeps, { lines }: Config, yes: boolean): Promise<void> {
  const found = await findContact(number, deps);
  if (lines.some(({ did }) => did === number) || found.pbx.some(({ isOurs }) => isOurs)) {
    process.stderr.write(
      `${printable(number)} is one of our own numbers: its chats are with everybody. Name a contact.\n`,
    );
    process.exitCode = 1;
    return;
  }
  process.stdout.write(planOf(found));
  if (!yes && !(await isWanted())) return;
  const told = await eraseContact(found, deps, (each) => process.stdout.write(lineOf(each)));
  const left = told.filter(({ state }) => state === "again").length;
  const nothing = isNothing(found);
  if (!nothing) audit(found, left);
  const done = nothing ? "Nothing of this number was found. Is it the right one?\n" : "Erased.\n";
  process.stdout.write(left === 0 ? done : `${counted(left, "thing")} could not be done. Run this again later.\n`);
  process.exitCode = left === 0 ? 0 : 1;
}

/** What could not be looked at may hold something. */
function isNothing({ contact, conversations, deliveries, linked, pbx, unanswered }: Found): boolean {
  const here = conversations.length + contact.messages.size + deliveries.length;
  const shown = linked.threads.length + linked.posts.length + linked.shownIn.length;
  const there = pbx.reduce((sum, { chats, messages }) => sum + chats.length + messages.length, 0);
  return here + shown + there + unanswered.length === 0;
}

/** Without a terminal nobody can be asked: then the process ends with 2. */
async function isWanted(): Promise<boolean> {
  const decision = await decided("Erase all this for good? It cannot be undone. Write yes: ", process);
  if (decision === "no") process.stdout.write("Nothing was erased.\n");
  if (decision === "nobody") {
    process.stderr.write(nobodyToAsk("Nothing was erased"));
    process.exitCode = 2;
  }
  return decision === "yes";
}

function planOf({ contact, conversations, deliveries, linked, pbx, unanswered }: Found): string {
  const platforms = [...new Set(linked.threads.map(({ platform }) => platform))];
  const on = (platform: string): string => {
    const [threads, posts] = [linked.threads, linked.posts].map((all) =>
      all.filter((one) => one.platform === platform),
    );
    return `  ${platform}: ${counted(threads?.length ?? 0, "thread")}, ${counted(posts?.length ?? 0, "known post")}\n`;
  };
  const inState = (state: string): number => deliveries.filter((each) => each.state === state).length;
  return [
    `What there is of ${printable(contact.number)}:\n`,
    ...pbx.map(
      ({ extension, chats, messages }) =>
        `  PBX extension ${extension}: ${counted(chats.length, "chat")}, ${counted(messages.length, "message")}\n`,
    ),
    ...unanswered.map(({ where, what }) => `  ${where}: not known. ${printable(what)}\n`),
    ...platforms.map(on),
    `  store: ${counted(conversations.length, "conversation")}, ${counted(contact.messages.size, "message")} in the ledger, `,
    `${counted(deliveries.length, "delivery", "deliveries")} (${inState("waiting")} waiting, ${inState("set-aside")} set aside, `,
    `${inState("held")} held, ${inState("done")} done and kept)\n`,
  ].join("");
}

const SIGNS: Readonly<Record<Told["state"], string>> = { done: "✓", stays: "!", again: "✗" };

function lineOf({ state, where, what }: Told): string {
  return `${SIGNS[state]} ${where}: ${printable(what)}\n`;
}

/** Who looks into the logs later has to see that it was done, but not with whom. */
function audit({ contact, conversations }: Found, left: number): void {
  const logger = createLogger({ level: "info", pretty: false }, standardError);
  const fields = { contact: mask(contact.number), conversations: conversations.length, left };
  logger.info(fields, left === 0 ? "a contact was erased" : "a contact was erased in part");
}
