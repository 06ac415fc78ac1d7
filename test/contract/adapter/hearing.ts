/** What people do, as events. */
import { describe, expect, it, vi } from "vitest";
import type { ChatEvent, Opened } from "../../../src/adapter.js";
import type { Choice, PostId } from "../../../src/message.js";
import { belongsTo, postOf, type Scene, startAndOpen } from "./scene.js";
import type { MakeStage } from "./stage.js";

type Hearing = Scene & { readonly opened: Opened };
type Skip = (note: string) => never;

const PATIENCE = { timeout: 10_000 };
const CHOICE: Choice = { action: "retry", subject: "m_Az-09", label: "Retry" };

async function stored(scene: Scene, count: number): Promise<readonly ChatEvent[]> {
  await vi.waitFor(() => expect(scene.inbox.stored).toHaveLength(count), PATIENCE);
  return scene.inbox.stored;
}

/** Everything that a colleague can do, once; each resolves when it is done, with the post that it is done to. */
const deeds: Readonly<Record<ChatEvent["kind"], (scene: Hearing) => Promise<{ readonly post?: PostId }>>> = {
  written: async ({ stage, opened }) => ({ post: stage.people.writes(opened.thread, "hello") }),
  edited: async (scene) => {
    const { stage, opened, inbox } = scene;
    const post = stage.people.writes(opened.thread, "helo");
    await stored(scene, inbox.stored.length + 1);
    stage.people.edits(post, "hello");
    return { post };
  },
  deleted: async (scene) => {
    const { stage, opened, inbox } = scene;
    const post = stage.people.writes(opened.thread, "hello");
    await stored(scene, inbox.stored.length + 1);
    stage.people.deletes(post);
    return { post };
  },
  chosen: async ({ stage, opened, adapter }) => {
    const post = await adapter.send(opened.thread, postOf("Sure?", { choices: [CHOICE] }), "k-choice");
    void stage.people.presses(post, CHOICE);
    return { post };
  },
  gone: async ({ stage, opened }) => {
    stage.people.removesThread?.(opened.thread);
    return {};
  },
};

const kinds = Object.keys(deeds) as ChatEvent["kind"][];

async function hearing(makeStage: MakeStage, kind: ChatEvent["kind"], skip: Skip): Promise<Hearing> {
  const scene = await startAndOpen(makeStage);
  return scene.stage.tells.includes(kind) ? scene : skip(`the platform tells of nothing ${kind}`);
}

export function describeHearing(makeStage: MakeStage): void {
  describe("hearing", () => {
    it("words come in as they were typed, with the thread, the author and the time", async ({ skip }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened, adapter } = scene;
      const text = "5 < 6 & 7 > 2, a_b, 100% 👋🏽 שלום 你好\nsecond line";
      const post = stage.people.writes(opened.thread, text);
      const [event] = await stored(scene, 1);
      expect(event).toMatchObject({ kind: "written", place: stage.place, post, text, files: [] });
      expect(event).toEqual(belongsTo(opened));
      expect(Math.abs(Date.now() - (event?.at ?? 0))).toBeLessThan(60_000);
      if (event?.kind !== "written") return;
      const name = event.author.name ?? (await adapter.person?.(event.author.id))?.name;
      expect(name).toBeTruthy();
    });

    it("equal words come in as often as they were written, in order, and none of our own", async ({ skip }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened, adapter } = scene;
      await adapter.send(opened.thread, postOf("from the bridge"), "k1");
      const posts = ["yes", "yes", "no"].map((text) => stage.people.writes(opened.thread, text));
      const events = await stored(scene, 3);
      expect(events.map((event) => event.kind === "written" && event.post)).toEqual(posts);
      expect(events).toMatchObject([{ text: "yes" }, { text: "yes" }, { text: "no" }]);
    });

    it("ids mean the same in both directions: what a person wrote can be marked, and answered about", async ({
      skip,
    }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened, adapter } = scene;
      const post = stage.people.writes(opened.thread, "hello");
      const [event] = await stored(scene, 1);
      if (event?.kind !== "written") return;
      await adapter.mark?.(event.post, "sent");
      if (adapter.mark !== undefined) expect(stage.seen(post)?.signs).toHaveLength(1);
      const answer = await adapter.send(
        event.thread ?? opened.thread,
        postOf("an answer", { about: event.post }),
        "k1",
      );
      expect(stage.shown(opened.thread).map((each) => each.post)).toContain(answer);
    });

    it("an edit tells the new words, and two quick ones are two events", async ({ skip }) => {
      const scene = await hearing(makeStage, "edited", skip);
      const { stage, opened } = scene;
      const post = stage.people.writes(opened.thread, "helo");
      stage.people.edits(post, "hello");
      stage.people.edits(post, "hello!");
      const events = await stored(scene, 3);
      const edited = { kind: "edited", place: stage.place, post, author: { id: expect.any(String) as string } };
      expect(events.slice(1)).toMatchObject([
        { ...edited, text: "hello" },
        { ...edited, text: "hello!" },
      ]);
      expect(new Set(events.map(({ key }) => key)).size).toBe(3);
    });

    it("a press tells what was chosen, by whom and under which post", async ({ skip }) => {
      const scene = await hearing(makeStage, "chosen", skip);
      const { stage, opened, adapter } = scene;
      const post = await adapter.send(opened.thread, postOf("Sure?", { choices: [CHOICE] }), "k1");
      expect(await stage.people.presses(post, CHOICE)).toBe(true);
      expect(await stage.people.presses(post, CHOICE)).toBe(true);
      const { action, subject } = CHOICE;
      const events = await stored(scene, 2);
      const chosen = {
        kind: "chosen",
        place: stage.place,
        post,
        action,
        subject,
        author: { id: expect.any(String) as string },
      };
      expect(events).toMatchObject([chosen, chosen]);
      expect(events[0]?.key).not.toBe(events[1]?.key);
    });

    it("what a person deletes is told", async ({ skip }) => {
      const scene = await hearing(makeStage, "deleted", skip);
      const { post } = await deeds.deleted(scene);
      expect((await stored(scene, 2))[1]).toMatchObject({ kind: "deleted", place: scene.stage.place, post });
    });

    it("a thread that somebody removes is told", async ({ skip }) => {
      const scene = await hearing(makeStage, "gone", skip);
      await deeds.gone(scene);
      expect(await stored(scene, 1)).toMatchObject([{ kind: "gone", thread: scene.opened.thread }]);
    });

    it("what is read from the thread afterwards are the very events that told of it", async ({ skip }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened, adapter } = scene;
      if (adapter.missed === undefined) return skip("the platform cannot be read, or delivers everything by itself");
      await adapter.send(opened.thread, postOf("from the bridge"), "k1");
      stage.people.writes(opened.thread, "one");
      const post = stage.people.writes(opened.thread, "two");
      await stored(scene, 2);
      stage.people.edits(post, "two, corrected");
      const [one, , edited] = await stored(scene, 3);
      const { events } = await adapter.missed(opened.thread, Date.now() - 60_000);
      expect(events).toHaveLength(3);
      expect(events[0]).toEqual(one);
      expect(events[1]).toEqual({ ...scene.inbox.stored[1], text: "two, corrected" });
      expect(events[2]).toEqual(edited);
      expect((await adapter.missed(opened.thread, Date.now() + 60_000)).events).toEqual([]);
    });

    it("no two events have one key", async ({ skip }) => {
      const scene = await startAndOpen(makeStage);
      const told = kinds.filter((kind) => scene.stage.tells.includes(kind));
      if (told.length === 0) return skip("the platform tells of nothing");
      for (const kind of told) {
        await deeds[kind](scene);
        await vi.waitFor(() => expect(scene.inbox.stored.at(-1)?.kind).toBe(kind), PATIENCE);
      }
      const keys = scene.inbox.stored.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  describe("nothing is acknowledged before it is stored", () => {
    it.for(kinds)(
      "%s: what was refused comes again with the same key, or the person sees that it failed",
      async (kind, { skip }) => {
        const scene = await startAndOpen(makeStage);
        const { stage, inbox, adapter, opened } = scene;
        if (!stage.tells.includes(kind)) return skip(`the platform tells of nothing ${kind}`);
        inbox.refuses(kind);
        if (kind === "chosen") {
          const post = await adapter.send(opened.thread, postOf("Sure?", { choices: [CHOICE] }), "k1");
          const seen = await stage.people.presses(post, CHOICE);
          expect(inbox.stored).toHaveLength(seen ? 1 : 0);
        } else {
          await deeds[kind](scene);
          await vi.waitFor(() => expect(inbox.stored.at(-1)?.kind).toBe(kind), PATIENCE);
        }
        const [refused, again] = inbox.offered.filter((event) => event.kind === kind);
        expect(refused?.kind).toBe(kind);
        if (again !== undefined) expect(again).toMatchObject({ kind, key: refused?.key });
      },
    );

    it("an event whose receipt got lost comes again with the same key", async ({ skip }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened } = scene;
      if (stage.trouble.losesReceipt === undefined) return skip("the platform's receipts cannot be lost here");
      stage.people.writes(opened.thread, "first");
      await stored(scene, 1);
      await stage.trouble.losesReceipt();
      stage.people.writes(opened.thread, "hello");
      const [, event, again] = await stored(scene, 3);
      expect(again).toEqual(event);
    });

    it("events that wait for a slow store are stored once, in their order", async ({ skip }) => {
      const scene = await hearing(makeStage, "written", skip);
      const { stage, opened, inbox } = scene;
      const release = inbox.holds();
      for (const text of ["one", "two", "three"]) stage.people.writes(opened.thread, text);
      await vi.waitFor(() => expect(inbox.offered.length).toBeGreaterThan(0), PATIENCE);
      expect(inbox.stored).toEqual([]);
      release();
      expect(await stored(scene, 3)).toMatchObject([{ text: "one" }, { text: "two" }, { text: "three" }]);
    });
  });
}
