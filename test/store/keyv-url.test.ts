import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, StoreUnavailable } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { ConversationId, ThreadId } from "../../src/message.js";
import { freePort } from "../fixtures/port.js";
import { openStorage } from "../../src/storage.js";
import { keyvStoreFor } from "../../src/store/keyv-url.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { redisIsInstalled, redisOnDisk } from "../fixtures/redis.js";
import { RETENTION } from "../fixtures/store-on.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const conversation = "1/+12015550100/+12015550123" as ConversationId;
const place = { platform: "slack", chat: "C0123456789" };

function open(links: string, folder = temporaryFolder()) {
  const storage = `sqlite:${join(folder, "bridge.db")}`;
  return openStorage(
    { storage, links, retention: RETENTION },
    { logger: silent, now: Date.now, secret: () => "secret" },
  );
}

describe("a URL for the links", () => {
  it("of a scheme that Keyv has no store for is a config problem that names the known ones", async () => {
    await expect(keyvStoreFor("ftp://example.com")).rejects.toThrow(/no Keyv store is known for ftp: .*redis/);
    await expect(keyvStoreFor("ftp://example.com")).rejects.toBeInstanceOf(ConfigError);
  });

  it("whose package is not installed is a config problem that says what to install", async () => {
    await expect(keyvStoreFor("mongodb://127.0.0.1/x")).rejects.toThrow(/npm install @keyv\/mongo/);
  });
});

// A real Redis, where one is installed; on a CI machine it must be.
describe.skipIf(!redisIsInstalled)("links in Redis", () => {
  let redis: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    redis = spawn("redis-server", ["--port", String(port), "--save", "", "--bind", "127.0.0.1"], { stdio: "pipe" });
    for await (const output of redis.stdout ?? []) if (String(output).includes("Ready to accept")) break;
  });
  afterAll(async () => {
    redis.kill();
    await once(redis, "exit");
  });

  it("are there again after a restart, each namespace for itself", async () => {
    const first = await open(url);
    await first.links.linkThread(conversation, place, { thread: "T1" as ThreadId });
    await first.memory("telegram").set("offset", "17");
    await first.close();
    const second = await open(url);
    expect(await second.links.thread(conversation, place)).toEqual({ thread: "T1" });
    expect(await second.links.conversationOf("slack", "T1" as ThreadId)).toBe(conversation);
    expect(await second.memory("telegram").get("offset")).toBe("17");
    expect(await second.memory("slack").get("offset")).toBeUndefined();
    await second.close();
  });

  it("are not taken for absent where the connection breaks in the midst of a call", async () => {
    const own = await redisOnDisk();
    await own.start();
    const storage = await open(own.url);
    await storage.links.linkThread(conversation, place, { thread: "T1" as ThreadId });
    own.freeze();
    const [read, written] = [storage.links.thread(conversation, place), storage.memory("telegram").set("offset", "17")];
    const both = Promise.allSettled([read, written]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await own.kill();
    const reason = expect.any(StoreUnavailable) as unknown;
    expect(await both).toEqual([
      { status: "rejected", reason },
      { status: "rejected", reason },
    ]);
    await storage.close();
    await own.end();
  });
});

describe("links in a Redis that does not answer", () => {
  it("make work wait: every call fails as unavailable, none hangs", async () => {
    const storage = await open(`redis://127.0.0.1:${await freePort()}`);
    await expect(storage.links.thread(conversation, place)).rejects.toBeInstanceOf(StoreUnavailable);
    await storage.close();
  });
});
