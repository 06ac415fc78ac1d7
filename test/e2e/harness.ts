/**
 * A bridge in a world of its own, for one test: the real bridge with the real adapters and SDKs, against the simulated PBX, Slack and
 * Telegram, over HTTP. It is spoken with in sentences; it ends with the test, and then it is checked that nothing stayed in the queue,
 * that nothing was logged as an error, and that no log line tells a text, a number or a secret.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test as plain, vi } from "vitest";
import { createBridge, type Bridge } from "../../src/compose.js";
import { createLogger } from "../../src/log.js";
import {
  createWorld,
  EVENTS_SECRET,
  type BridgeInWorld,
  type World,
  type WorldOptions,
} from "../../src/sandbox/world.js";
import { freePort } from "../fixtures/port.js";
import { createEventually, type Eventually } from "./eventually.js";
import { secretsOf } from "./secrets.js";
import { chatWith, slackThreadOf, topicOf, type SlackThread, type TelegramThread } from "./threads.js";

// Telegram takes a text a second; what a test waits for has limits of its own.
vi.setConfig({ testTimeout: 90_000 });

export const ALICE = "+12015550123";
export const BOB = "+12015550124";
export const EVENTS = `/pbx/events/${EVENTS_SECRET}`;
export const BY_HTTP = { slackHttp: true, telegramWebhook: true } as const;

export interface OfficeOptions {
  readonly world?: WorldOptions;
  /** Parts of the config; a function where they depend on the world. */
  readonly bridge?: Partial<BridgeInWorld> | ((world: World) => Partial<BridgeInWorld>);
  /** Before the bridge starts for the first time. */
  readonly before?: (office: Office) => unknown;
  /** What of the lines logged as errors is expected. */
  readonly errors?: RegExp;
  /** How many deliveries stay set aside at the end. */
  readonly aside?: number;
  /** Instead of the real ones. */
  readonly adapters?: Parameters<typeof createBridge>[2];
  /** The test starts the bridge, or a program instead. */
  readonly closed?: boolean;
  /** false: something is down from the start, so starting does not wait until all is connected. */
  readonly waits?: boolean;
}

export interface Contact {
  texts(text: string, did?: string): void;
  /** What the PBX took for the contact, oldest first. */
  got(): string[];
  /** Waits until the contact got exactly these texts. */
  gets(...texts: readonly string[]): Promise<void>;
}

export interface Office extends World {
  readonly port: number;
  readonly url: string;
  /** The bridge's config, as YAML. */
  readonly yaml: string;
  readonly folder: string;
  readonly eventually: Eventually;
  /** Every log line of all the bridge's runs, as JSON. */
  readonly logs: string[];
  contact(number: string): Contact;
  slackThread(contact?: string, where?: { channel?: string; did?: string; not?: string }): Promise<SlackThread>;
  topic(contact?: string, where?: { group?: number; not?: number }): Promise<TelegramThread>;
  chat(id: number, person?: number): TelegramThread;
  /** Another person in Slack; known by their display name. */
  person(user: Parameters<World["slack"]["addUser"]>[0]): string;
  /** With the office's config, or with some parts changed. */
  start(changed?: Partial<BridgeInWorld>): Promise<void>;
  /** Gives the milliseconds that it took. */
  stop(): Promise<number>;
  /** What the bridge's own HTTP server answers. */
  get(path: string): Promise<{ status: number; body: string }>;
  /** Waits until nothing is left to do. */
  quiet(withinMs?: number): Promise<void>;
  onFinish(work: () => Promise<void>): void;
  finish(): Promise<void>;
}

export type OpenOffice = (options?: OfficeOptions) => Promise<Office>;

export const test = plain.extend<{ open: OpenOffice }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures that it needs from this pattern, and takes no other
  open: async ({}, use) => {
    const offices: Office[] = [];
    await use(async (options = {}) => {
      const office = await openOffice(options);
      offices.push(office);
      await options.before?.(office);
      if (options.closed !== true) await office.start();
      return office;
    });
    for (const office of offices) await office.finish();
  },
});

async function openOffice(options: OfficeOptions): Promise<Office> {
  const { slack = {}, telegram = {}, pbx = {} } = options.world ?? {};
  const world = await createWorld({ pbx, slack, telegram: { paceLimits: false, webhookRetryMs: 50, ...telegram } });
  const folder = await mkdtemp(join(tmpdir(), "bridge-e2e-"));
  const eventually = createEventually(world);
  const given = typeof options.bridge === "function" ? options.bridge(world) : (options.bridge ?? {});
  const names = new Map([
    [world.slack.bot.userId, "bot"],
    [world.anna, "Anna"],
  ]);
  const port = await freePort();
  const inWorld: BridgeInWorld = { port, storage: join(folder, "bridge.db"), ...given };
  if (inWorld.slackHttp === true) world.slack.sendEventsTo(`http://127.0.0.1:${port}/slack/events`);
  const yaml = world.configText(inWorld);
  const logs: string[] = [];
  const logger = createLogger({ level: "debug", pretty: false }, { write: (line) => void logs.push(line) });
  const deps = { ...world, eventually, names };
  const endings: (() => Promise<void>)[] = [];
  let bridge: Bridge | undefined;

  const office: Office = {
    ...world,
    ...{ port, yaml, folder, eventually, logs },
    url: `http://127.0.0.1:${port}`,
    contact: (number) => contactOf(world, eventually, number),
    slackThread: (contact = ALICE, where = {}) => slackThreadOf(deps, { channel: world.channel, contact, ...where }),
    topic: (contact = ALICE, where = {}) => topicOf(deps, { group: world.group, contact, ...where }),
    chat: (id, person) => chatWith(deps, id, person),
    person(user) {
      const { id } = world.slack.addUser(user);
      names.set(id, user.displayName ?? user.name);
      return id;
    },
    async start(changed = {}) {
      bridge = await createBridge(world.config({ ...inWorld, ...changed }), logger, options.adapters);
      await bridge.start();
      if (options.waits !== false) await bridge.connected;
    },
    async stop() {
      const since = performance.now();
      await bridge?.stop();
      bridge = undefined;
      return performance.now() - since;
    },
    async get(path) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, body: await answer.text() };
    },
    quiet: (withinMs) =>
      eventually(async () => {
        const { body } = await office.get("/metrics");
        const left = body.split("\n").filter((line) => /^bridge_deliveries_waiting.* [1-9]/.test(line));
        expect(left, "deliveries that wait").toEqual([]);
      }, withinMs),
    onFinish: (work) => void endings.push(work),
    async finish() {
      try {
        if (bridge !== undefined) await checkQueue(office, options.aside ?? 0);
        if (bridge !== undefined) expect(await office.stop(), "ms to stop").toBeLessThan(10_000);
        checkLogs(logs, world, options.errors);
      } finally {
        await bridge?.stop();
        for (const end of endings) await end();
        await world.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
  return office;
}

function contactOf({ pbx, did }: World, eventually: Eventually, number: string): Contact {
  const got = (): string[] =>
    pbx
      .sentTexts()
      .filter(({ contact }) => contact === number)
      .map(({ text }) => text);
  return {
    texts: (text, to = did) => void pbx.textFrom(number, to, text),
    got,
    gets: (...texts) => eventually(() => expect(got()).toEqual(texts)),
  };
}

async function checkQueue(office: Office, aside: number): Promise<void> {
  await office.quiet();
  const { body } = await office.get("/metrics");
  expect(/^bridge_set_aside (\d+)$/m.exec(body)?.[1], "deliveries set aside").toBe(String(aside));
}

function checkLogs(lines: readonly string[], world: World, expected: RegExp | undefined): void {
  const errors = lines.filter((line) => line.includes('"level":"error"') && expected?.test(line) !== true);
  expect(errors, "unexpected errors in the log").toEqual([]);
  const secrets = secretsOf(world);
  const telling = lines.filter((line) => secrets.some((secret) => line.includes(secret)));
  expect(telling, "log lines that tell a text, a number or a secret").toEqual([]);
}
