/**
 * The sandbox: a whole bridge with its real adapters, in a world of simulators, with a page that shows it. Nothing leaves this
 * computer; what is stored is gone when it ends.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../log.js";
import { createBreaking, SETTLES_AFTER_MS, type Breaking } from "./breaking.js";
import { FIRST_TEXTS } from "./contacts.js";
import { act, type ActionDeps } from "./page-actions.js";
import { freePort } from "./free-port.js";
import { createFeed, type Feed, type FeedKind } from "./page-feed.js";
import { createPageServer } from "./page-server.js";
import { createParts, type People } from "./page-parts.js";
import { createRunningBridge, type RunningBridge } from "./running-bridge.js";
import { createWorld, type World } from "./world.js";

export interface SandboxOptions {
  /** The page's port; 0: any that is free. */
  readonly port: number;
  /** Takes what the bridge logs. */
  readonly logger: Logger;
}

export interface Sandbox {
  /** Of the page. */
  readonly url: string;
  /** Ends everything and removes what was stored; resolves within 10 s. */
  close(): Promise<void>;
}

/** What undoes each step, in the order of the steps. */
type Ends = (() => Promise<unknown> | void)[];

/** Resolves once the bridge runs and the page can be opened. Rejects when the port is taken. */
export async function startSandbox({ port, logger }: SandboxOptions): Promise<Sandbox> {
  const ends: Ends = [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), "pbx-chat-bridge-"));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const world = await createWorld({
      pbx: { settling: { status: "sent", afterMs: SETTLES_AFTER_MS } },
      slack: { paceLimits: true },
      telegram: { paceLimits: true },
    });
    ends.push(() => world.close());
    const people = populate(world);
    const bridge = createRunningBridge(
      world.config({ port: await freePort(), storage: join(folder, "bridge.db") }),
      logger,
    );
    const url = await showPage({ port, logger, world, people, bridge }, ends);
    ends.push(() => bridge.stop());
    await bridge.start();
    await bridge.connected();
    for (const { contact, text } of FIRST_TEXTS) world.pbx.textFrom(contact, world.did, text);
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Two colleagues on each platform: one of the world's, and one more. */
function populate({ slack, telegram, group, anna, boris }: World): People {
  const emma = slack.addUser({ name: "emma", displayName: "Emma" }).id;
  const farid = telegram.addUser({ firstName: "Farid" });
  telegram.joins(group, farid);
  return {
    slack: [
      { id: anna, name: "Anna" },
      { id: emma, name: "Emma" },
    ],
    telegram: [
      { id: boris, name: "Boris" },
      { id: farid, name: "Farid" },
    ],
  };
}

interface Shown extends SandboxOptions {
  readonly world: World;
  readonly people: People;
  readonly bridge: RunningBridge;
}

async function showPage({ port, logger, world, people, bridge }: Shown, ends: Ends): Promise<string> {
  const now = (): number => Date.now();
  const feed = createFeed(now);
  const breaking: Breaking = createBreaking(world, { now, note: feed.note, changed: () => parts.refresh() });
  const parts = createParts({ world, people, bridge, breaking, feed });
  ends.push(parts.close, breaking.close);
  const power = createPower(bridge, feed, parts.refresh, now);
  const server = await createPageServer(
    { port },
    {
      logger,
      parts: parts.all,
      act: (action) => act({ world, breaking, power }, action),
    },
  );
  parts.watch(server.push);
  ends.push(() => server.close());
  return server.url;
}

/** So that one can write while the bridge is away, and see what becomes of it. */
function createPower(bridge: RunningBridge, feed: Feed, refresh: () => void, now: () => number): ActionDeps["power"] {
  let since = now();
  const note = (kind: FeedKind, words: string): void => {
    feed.note(kind, words);
    refresh();
  };
  return {
    async stop() {
      if (bridge.phase() !== "running") return;
      since = now();
      const stopped = bridge.stop();
      note("trouble", "The bridge stops; what is under way stays in its storage");
      await stopped;
      note("trouble", "The bridge is away; what is written now waits outside");
    },
    async start() {
      if (bridge.phase() !== "stopped") return;
      const started = bridge.start();
      refresh();
      await started;
      const seconds = Math.max(1, Math.round((now() - since) / 1000));
      note("mended", `The bridge is back after ${seconds} s and looks for what was written meanwhile`);
    },
  };
}
