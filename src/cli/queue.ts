/** `queue`: deliveries that gave up, texts that no line lists, and what waits for somebody's decision. */
import { randomBytes } from "node:crypto";
import { Command } from "commander";
import type { Config } from "../config.js";
import { ConfigError, StoreUnavailable } from "../errors.js";
import { createLogger } from "../log.js";
import type { Aside } from "../queue/port.js";
import { openStorage, type Storage } from "../storage.js";
import { configOrExit } from "./start.js";

interface ConfigOption {
  readonly config: string;
}

export function queueCommand(): Command {
  const queue = new Command("queue").description("deliveries that gave up: list, retry, discard");
  withConfig(queue.command("list").description("show what was set aside, with its reason"))
    .option("--json", "for machines")
    .action(({ config, json }: ConfigOption & { json?: boolean }) =>
      inStorage(config, async ({ store }) => print(store.queue.aside(), json === true)),
    );
  withConfig(queue.command("retry").description("try again; a running bridge takes it up within seconds"))
    .argument("<ids...>", "numbers from `queue list`, or all")
    .action((ids: string[], { config }: ConfigOption) =>
      inStorage(config, ({ store }) =>
        each(store.queue.aside(), ids, "will be tried again", ({ key }) =>
          store.commit((tx) => tx.queue.revive(key, Date.now())),
        ),
      ),
    );
  withConfig(queue.command("discard").description("give up for good; the text is deleted"))
    .argument("<ids...>", "numbers from `queue list`, or all")
    .action((ids: string[], { config }: ConfigOption) =>
      inStorage(config, ({ store }) =>
        each(store.queue.aside(), ids, "was discarded", ({ key }) => store.commit((tx) => tx.queue.withdraw(key))),
      ),
    );
  return queue;
}

function withConfig(command: Command): Command {
  return command.option("--config <file>", "the config file", "config.yaml");
}

async function inStorage(file: string, work: (storage: Storage) => Promise<void>): Promise<void> {
  const config: Config | undefined = await configOrExit(file);
  if (config === undefined) return;
  const logger = createLogger({ level: "error", pretty: false }, { write: (line) => void process.stderr.write(line) });
  const secret = (): string => randomBytes(24).toString("base64url");
  try {
    const storage = await openStorage(config, { logger, now: () => Date.now(), secret });
    try {
      await work(storage);
    } finally {
      await storage.close();
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable) && !(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

async function print(aside: readonly Aside[], json: boolean): Promise<void> {
  const rows = aside.map(({ id, state, work, target, createdAt, reason }) => ({
    id,
    state,
    kind: work.kind,
    target,
    since: new Date(createdAt).toISOString(),
    reason,
  }));
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return;
  }
  if (rows.length === 0) process.stdout.write("Nothing has been set aside.\n");
  for (const { id, state, kind, target, since, reason } of rows)
    process.stdout.write(`${id}  ${since}  ${state}  ${kind} → ${target}\n    ${reason}\n`);
}

async function each(
  aside: readonly Aside[],
  ids: readonly string[],
  done: string,
  act: (delivery: Aside) => Promise<boolean>,
): Promise<void> {
  const wanted = ids.includes("all") ? aside : aside.filter(({ id }) => ids.includes(String(id)));
  const unknown = ids.filter((id) => id !== "all" && !aside.some((delivery) => String(delivery.id) === id));
  for (const delivery of wanted)
    process.stdout.write(`${delivery.id} ${(await act(delivery)) ? done : "is no longer set aside"}\n`);
  for (const id of unknown) process.stderr.write(`${id}: nothing with this number is set aside. See: queue list\n`);
  if (unknown.length > 0) process.exitCode = 1;
}
