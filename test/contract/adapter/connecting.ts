/** Starting and stopping. */
import { describe, expect, it, vi } from "vitest";
import { RetryLater } from "../../../src/errors.js";
import { CARD, CONVERSATION, enter, postOf, start, startAndOpen, until } from "./scene.js";
import type { MakeStage } from "./stage.js";

interface InUse {
  readonly connections: number;
  /** Those that keep the process alive. */
  readonly timers: number;
}

function inUse(): InUse {
  const kinds = process.getActiveResourcesInfo();
  return {
    connections: kinds.filter((kind) => /^(TCPSocketWrap|TLSWrap|TCPConnectWrap)$/.test(kind)).length,
    timers: kinds.filter((kind) => kind === "Timeout").length,
  };
}

const noMore = (now: InUse, before: InUse): boolean =>
  now.connections <= before.connections && now.timers <= before.timers;

/** What earlier tests left to end has ended. */
async function quiet(): Promise<InUse> {
  let last = inUse();
  let turns = 0;
  await until(() => {
    const now = inUse();
    turns = noMore(last, now) && noMore(now, last) ? turns + 1 : 0;
    last = now;
    return turns > 200;
  });
  return last;
}

export function describeConnecting(makeStage: MakeStage): void {
  describe("starting", () => {
    it("ends when it is connected: the adapter is well and hears", async () => {
      const { adapter, stage, inbox } = await start(makeStage);
      await vi.waitFor(() => expect(adapter.unwell?.()).toBeUndefined());
      const { thread } = await adapter.open(CONVERSATION, stage.place, CARD, "k1");
      if (!stage.tells.includes("written")) return;
      stage.people.writes(thread, "hello");
      await vi.waitFor(() => expect(inbox.stored).toHaveLength(1));
    });

    it("that fails is tried again by the adapter itself or by a second start, and hears everything once", async ({
      skip,
    }) => {
      const { adapter, stage, inbox } = await enter(makeStage);
      if (stage.trouble.connecting === undefined) return skip("there is nothing to connect to");
      stage.trouble.connecting();
      const first: unknown = await adapter.start(inbox).catch((error: unknown) => error);
      if (first !== undefined) {
        expect(first).toBeInstanceOf(RetryLater);
        if (adapter.unwell !== undefined) expect(adapter.unwell()).toBeTruthy();
        await adapter.start(inbox);
      }
      await vi.waitFor(() => expect(adapter.unwell?.()).toBeUndefined());
      const { thread } = await adapter.open(CONVERSATION, stage.place, CARD, "k1");
      if (!stage.tells.includes("written")) return;
      for (const text of ["one", "two"]) stage.people.writes(thread, text);
      await vi.waitFor(() => expect(inbox.stored.length).toBeGreaterThanOrEqual(2));
      expect(inbox.stored).toMatchObject([{ text: "one" }, { text: "two" }]);
    });
  });

  describe("stopping", () => {
    it("works before a start, and twice", async () => {
      const { adapter, stage, inbox } = await enter(makeStage);
      await stage.another().stop();
      await adapter.start(inbox);
      await adapter.stop();
      await adapter.stop();
    });

    it("leaves no connection and no timer", async () => {
      const { adapter, stage, inbox } = await enter(makeStage);
      const before = await quiet();
      await adapter.start(inbox);
      const { thread } = await adapter.open(CONVERSATION, stage.place, CARD, "k1");
      if (stage.tells.includes("written")) {
        const post = stage.people.writes(thread, "hello");
        await until(() => inbox.stored.length > 0);
        await adapter.mark?.(post, "sent");
      }
      await adapter.stop();
      expect(await until(() => noMore(inUse(), before))).toBe(true);
    });

    it("lets a call under way finish", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (stage.trouble.slow === undefined) return skip("the platform is never slow");
      stage.trouble.slow(150);
      const sending = adapter.send(opened.thread, postOf("under way"), "k1");
      const stopping = adapter.stop();
      const post = await sending;
      await stopping;
      expect(stage.seen(post)?.text).toContain("under way");
    });

    it("waits for what is being stored, and takes nothing after that; a new start gets the rest, once", async ({
      skip,
    }) => {
      const { adapter, stage, inbox, opened } = await startAndOpen(makeStage);
      if (!stage.tells.includes("written")) return skip("the platform tells of nothing");
      const release = inbox.holds();
      stage.people.writes(opened.thread, "one");
      await vi.waitFor(() => expect(inbox.offered).toHaveLength(1));
      const stopping = adapter.stop();
      release();
      await stopping;
      expect(inbox.stored).toMatchObject([{ text: "one" }]);
      stage.people.writes(opened.thread, "two");
      const again = stage.another();
      await again.start(inbox);
      await vi.waitFor(() => expect(inbox.stored.at(-1)).toMatchObject({ text: "two" }), { timeout: 10_000 });
      expect(new Set(inbox.stored.map(({ key }) => key)).size).toBe(2);
      await again.stop();
    });

    it("is no end of threads: what is opened is known after a restart", async () => {
      const { adapter, stage, opened, inbox } = await startAndOpen(makeStage);
      await adapter.stop();
      const again = stage.another();
      await again.start(inbox);
      const post = await again.send(opened.thread, postOf("after the restart"), "k1");
      expect(stage.shown(opened.thread).map((each) => each.post)).toContain(post);
      await again.stop();
    });
  });
}
