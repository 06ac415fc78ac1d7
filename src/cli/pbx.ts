/** `pbx …`: every call of the PBX's API by hand. */
import { Command, InvalidArgumentError, Option } from "commander";
import { ConfigError, RetryLater } from "../errors.js";
import { numberToText } from "../pbx/numbers.js";
import { eventTypes, wantedEvents } from "../pbx/subscriptions.js";
import { parseTime } from "../pbx/times.js";
import type { ListOptions, PbxClient } from "../pbx/types.js";
import { chatsTable, done, messagesAnswer, messagesTable, subscriptionsTable, type Answer } from "./pbx-answers.js";
import { nobodyToAsk, type Decision } from "./says-yes.js";
import { printable } from "./table.js";

export interface Opened {
  readonly client: PbxClient;
  /** Those of the config's lines. */
  readonly extensions: readonly number[];
  /** By whose rules numbers without + are read. */
  readonly country: string;
}

export interface PbxCommandDeps {
  /** Reads the config and builds the client; called when a command runs. */
  open(config: string): Promise<Opened>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Asks whoever sits at the terminal. */
  ask(question: string): Promise<Decision>;
  /** Sets how the process will end. */
  exit(code: number): void;
  /** Epoch ms. */
  now(): number;
}

type Flags = Readonly<Record<string, unknown>>;
type Run = (
  client: PbxClient,
  extension: number,
  args: readonly string[],
  flags: Flags,
  country: string,
) => Promise<Answer>;

export function pbxCommand(deps: PbxCommandDeps): Command {
  const pbx = new Command("pbx").description("make any call of the PBX's API by hand");
  pbx.configureOutput({ writeOut: (text) => deps.stdout(text), writeErr: (text) => deps.stderr(text) });
  const add: Add = (...command) => leaf(deps, ...command);
  addMessages(pbx.command("messages").description("the messages of an extension"), add, deps);
  addSend(pbx, add);
  addChats(pbx.command("chats").description("the chats of an extension"), add, deps);
  addEvents(pbx.command("events").description("where the PBX pushes an extension's events to"), add);
  return pbx;
}

/** `lost`: what is gone for good afterwards, for a call that is asked about first. */
type Add = (parent: Command, usage: string, description: string, run: Run, lost?: (id: string) => string) => Command;

function addMessages(messages: Command, add: Add, { now }: PbxCommandDeps): void {
  const list = add(messages, "list", "list the messages, oldest first", async (client, extension, _, flags) =>
    messagesAnswer(await client.messages.list(extension, listOptions(flags))),
  );
  withListOptions(list, now);
  add(messages, "get <id>", "show one message", async (client, extension, [id = ""]) => {
    const message = await client.messages.get(extension, id);
    return { ...messagesAnswer([message]), json: message };
  });
  add(messages, "read <id>", "mark a message as read", (client, extension, [id = ""]) =>
    done(client.messages.markRead(extension, id, true), `Message ${id} is marked as read.`),
  );
  add(messages, "unread <id>", "mark a message as not read", (client, extension, [id = ""]) =>
    done(client.messages.markRead(extension, id, false), `Message ${id} is marked as not read.`),
  );
  add(
    messages,
    "delete <id>",
    "delete a message",
    (client, extension, [id = ""]) => done(client.messages.remove(extension, id), `Message ${id} is deleted.`),
    (id) => `message ${id}`,
  );
}

function addSend(pbx: Command, add: Add): void {
  const run: Run = async (client, extension, [typed = "", text = ""], { from }, country) => {
    const to = numberOf(typed, country);
    const ours = typeof from === "string" ? { from: numberOf(from, country) } : {};
    const sent = await client.messages.send(extension, { to, text, ...ours });
    return { text: sent.id === undefined ? "Sent.\n" : `Sent as message ${printable(sent.id)}.\n`, json: sent };
  };
  const send = add(pbx, "send <to> <text>", "send a text", run);
  send.option("--from <number>", "our number that it leaves from (default: the PBX chooses)");
}

function numberOf(typed: string, country: string): string {
  const number = numberToText(typed, country);
  if (number !== undefined) return number;
  const how = "Write it with + and the country code, or as it is dialled there; a short code as it stands.";
  throw new Error(`'${typed}' cannot be read as a number of ${country} (inbox.country). ${how} Nothing was sent.`);
}

function addChats(chats: Command, add: Add, { now }: PbxCommandDeps): void {
  add(chats, "list", "list the chats", async (client, extension) => {
    const found = await client.chats.list(extension);
    return { text: chatsTable(found), json: found };
  });
  add(chats, "get <id>", "show a chat and its recent messages", async (client, extension, [id = ""]) => {
    const chat = await client.chats.get(extension, id);
    return { text: `${chatsTable([chat])}\n${messagesTable(chat.messages)}`, json: chat };
  });
  add(
    chats,
    "delete <id>",
    "delete a chat",
    (client, extension, [id = ""]) => done(client.chats.remove(extension, id), `Chat ${id} is deleted.`),
    (id) => `chat ${id}`,
  );
  const messages = add(chats, "messages <id>", "list a chat's messages", async (client, extension, [id = ""], flags) =>
    messagesAnswer(await client.chats.messages(extension, id, listOptions(flags))),
  );
  withListOptions(messages, now);
  add(chats, "read <id>", "mark a chat's messages as read", (client, extension, [id = ""]) =>
    done(client.chats.markRead(extension, id), `The messages of chat ${id} are marked as read.`),
  );
  add(
    chats,
    "clear <id>",
    "delete all of a chat's messages",
    (client, extension, [id = ""]) =>
      done(client.chats.clear(extension, id), `The messages of chat ${id} are deleted.`),
    (id) => `all messages of chat ${id}`,
  );
}

function addEvents(events: Command, add: Add): void {
  const list = add(events, "list", "list the subscriptions", async (client, extension, _, { showSecrets }) => {
    const listed = await client.events.list(extension);
    const found = showSecrets === true ? listed : listed.map((each) => ({ ...each, url: withoutSecret(each.url) }));
    return { text: subscriptionsTable(found), json: found };
  });
  list.option("--show-secrets", "with the secret at the end of the event URL: whoever knows it can make up texts");
  const create = add(events, "add <type> <url>", "subscribe to an event", async (client, extension, args, flags) => {
    const [type = "", url = ""] = args;
    const added = await client.events.add(extension, { type, url, method: flags["method"] === "GET" ? "GET" : "POST" });
    return { text: added.id === undefined ? "Added.\n" : `Added as ${printable(added.id)}.\n`, json: added };
  });
  create.addHelpText("after", `\nTypes: ${eventTypes.join(", ")}.\nThe bridge uses: ${wantedEvents.join(", ")}.`);
  create.addOption(new Option("--method <method>", "how the PBX calls it").choices(["POST", "GET"]).default("POST"));
  add(events, "remove <id>", "remove a subscription", (client, extension, [id = ""]) =>
    done(client.events.remove(extension, id), `Subscription ${id} is removed.`),
  );
}

/** Of a bridge's event URL, whichever bridge's. */
function withoutSecret(url: string): string {
  return url.replace(/(\/pbx\/events\/)[^/?#]+/, "$1…");
}

function leaf(deps: PbxCommandDeps, ...[parent, usage, description, run, lost]: Parameters<Add>): Command {
  const command = parent
    .command(usage)
    .description(lost === undefined ? description : `${description}; asks first`)
    .option("--extension <id>", "the extension's id in the API (default: the config's only one)", wholeNumber)
    .option("--config <file>", "the config file", "config.yaml")
    .option("--json", "print JSON for machines");
  if (lost !== undefined) command.option("--yes", "do not ask");
  return command.action(async () => {
    const flags: Flags = command.opts();
    const { args } = command;
    try {
      const { client, extensions, country } = await deps.open(String(flags["config"]));
      const extension = chosenExtension(flags, extensions);
      const what = flags["yes"] === true ? undefined : lost?.(printable(args[0] ?? ""));
      if (what !== undefined && !(await isWanted(`${what} of extension ${extension}`, deps))) return;
      const answer = await run(client, extension, args, flags, country);
      deps.stdout(flags["json"] === true ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text);
    } catch (error) {
      deps.stderr(explained(error));
      deps.exit(error instanceof ConfigError ? 2 : 1);
    }
  });
}

async function isWanted(what: string, { ask, stdout, stderr, exit }: PbxCommandDeps): Promise<boolean> {
  const decision = await ask(`Delete ${what} for good? It cannot be undone. Write yes: `);
  if (decision === "no") stdout("Nothing was deleted.\n");
  if (decision === "nobody") {
    stderr(nobodyToAsk("Nothing was deleted"));
    exit(2);
  }
  return decision === "yes";
}

/** One line; only a config may have more to say, a line for each problem. */
function explained(error: unknown): string {
  if (error instanceof ConfigError) return `${error.problems.join("\n")}\n`;
  const message = printable(error instanceof Error ? error.message : String(error));
  const doubt = error instanceof RetryLater && error.uncertain;
  return `${message}${doubt ? " It may have been done all the same: look before you repeat it." : ""}\n`;
}

function chosenExtension(flags: Flags, extensions: readonly number[]): number {
  const { extension } = flags;
  if (typeof extension === "number") return extension;
  const [only, ...others] = new Set(extensions);
  if (only !== undefined && others.length === 0) return only;
  const choice = only === undefined ? "" : `, one of ${[only, ...others].join(", ")}`;
  throw new Error(`Which extension? Add --extension <id>${choice}.`);
}

function withListOptions(command: Command, now: () => number): void {
  const time = (raw: string) => timeOf(raw, now());
  command
    .option("--since <time>", 'from this time on: "2026-03-01 09:00:00" in GMT, or 24h ago as 24h', time)
    .option("--until <time>", "up to this time", time)
    .addOption(new Option("--direction <direction>", "only these").choices(["in", "out"]))
    .option("--limit <count>", "at most so many", wholeNumber)
    .option("--newest-first", "the other way round");
}

function listOptions(flags: Flags): ListOptions {
  const { since, until, direction, limit } = flags;
  return {
    ...(typeof since === "number" ? { since } : {}),
    ...(typeof until === "number" ? { until } : {}),
    ...(direction === "in" || direction === "out" ? { direction } : {}),
    ...(typeof limit === "number" ? { limit } : {}),
    order: flags["newestFirst"] === true ? "newest-first" : "oldest-first",
  };
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(raw: string, now: number): number {
  const [, count, unit = ""] = /^(\d+)([mhd])$/.exec(raw) ?? [];
  const at =
    count === undefined ? (parseTime(raw) ?? parseTime(`${raw} 00:00:00`)) : now - Number(count) * (unitMs[unit] ?? 0);
  if (at === undefined) throw new InvalidArgumentError('Write "2026-03-01 09:00:00", "2026-03-01" or "24h".');
  return at;
}

function wholeNumber(raw: string): number {
  if (/^[1-9]\d{0,14}$/.test(raw)) return Number(raw);
  throw new InvalidArgumentError("It must be a whole number.");
}
