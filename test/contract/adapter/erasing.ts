/** Threads taken away when a contact is erased. */
import { describe, expect, it } from "vitest";
import type { PostId } from "../../../src/message.js";
import { CARD, CONVERSATION, postOf, PRIVATE, startAndOpen } from "./scene.js";
import type { MakeStage, Trouble } from "./stage.js";

const NEVER = "this adapter does not do it";
const TROUBLES: readonly Trouble[] = [
  { kind: "limited", afterMs: 7000 },
  { kind: "failed" },
  { kind: "lost call" },
  { kind: "lost answer" },
  { kind: "no answer" },
];

export function describeErasing(makeStage: MakeStage): void {
  const told = async () => {
    const scene = await startAndOpen(makeStage);
    const { adapter, opened } = scene;
    const posts: PostId[] = opened.card === undefined ? [] : [opened.card];
    if (adapter.showCard !== undefined) posts.push(await adapter.showCard(opened.thread, CARD, opened.card));
    for (const key of ["k1", "k2", "k3"]) posts.push(await adapter.send(opened.thread, postOf(PRIVATE), key));
    return { ...scene, posts: [...new Set(posts)] };
  };

  describe("erasing a thread", () => {
    it("takes away every post of ours and the card; doing it again finds nothing more to do", async ({ skip }) => {
      const { adapter, stage, opened, posts } = await told();
      if (adapter.eraseThread === undefined) return skip(NEVER);
      const erased = await adapter.eraseThread(opened.thread, posts);
      expect(erased).toEqual({ removed: expect.any(Number) as number, stays: [] });
      expect(erased.removed).toBeGreaterThan(0);
      expect(stage.shown(opened.thread)).toEqual([]);
      expect(stage.readable().join("\n")).not.toMatch(new RegExp(`${PRIVATE}|${CARD.line}`));
      expect(await adapter.eraseThread(opened.thread, posts)).toEqual({ removed: 0, stays: [] });
    });

    it("leaves other threads alone, and the next thread is a new one", async ({ skip }) => {
      const { adapter, stage, opened, posts } = await told();
      if (adapter.eraseThread === undefined) return skip(NEVER);
      const other = await adapter.open(CONVERSATION, stage.place, CARD, "k-other");
      const kept = await adapter.send(other.thread, postOf("of somebody else"), "k4");
      await adapter.eraseThread(opened.thread, posts);
      expect(stage.seen(kept)?.text).toContain("of somebody else");
      const next = await adapter.open(CONVERSATION, stage.place, CARD, "k-next");
      expect([opened.thread, other.thread]).not.toContain(next.thread);
      const post = await adapter.send(next.thread, postOf("after it"), "k5");
      expect(stage.shown(next.thread).map((each) => each.post)).toContain(post);
    });

    it("says what it had to leave, and only then", async ({ skip }) => {
      const { adapter, stage, opened, posts } = await told();
      if (adapter.eraseThread === undefined) return skip(NEVER);
      const theirs = stage.people.writes(opened.thread, "a colleague's words");
      const { stays } = await adapter.eraseThread(opened.thread, [...posts, theirs]);
      const isLeft = stage.tells.length > 0 && stage.seen(theirs) !== undefined;
      expect(stays).toEqual(isLeft ? [expect.stringMatching(/1 message.*\w+ \w+/) as unknown] : []);
      expect(stage.readable().join("\n")).not.toContain(PRIVATE);
    });

    it("of one that is gone is done", async ({ skip }) => {
      const { adapter, stage, opened, posts } = await told();
      if (adapter.eraseThread === undefined) return skip(NEVER);
      if (stage.people.removesThread === undefined) return skip("threads cannot be removed here");
      stage.people.removesThread(opened.thread);
      const { stays, again } = await adapter.eraseThread(opened.thread, posts);
      expect({ stays, again }).toEqual({ stays: [], again: undefined });
      expect(stage.readable().join("\n")).not.toContain(PRIVATE);
    });

    it.each(TROUBLES)("that met trouble ($kind) says so, and goes on when it is done again", async (trouble) => {
      const { adapter, stage, opened, posts } = await told();
      if (adapter.eraseThread === undefined) return;
      stage.trouble.next("erase", trouble);
      const { again } = await adapter.eraseThread(opened.thread, posts);
      expect(again).toMatchObject({ name: "RetryLater" });
      if (trouble.kind === "limited") expect(again?.afterMs).toBe(trouble.afterMs);
      expect(await adapter.eraseThread(opened.thread, posts)).toMatchObject({ stays: [] });
      expect(stage.shown(opened.thread)).toEqual([]);
    });

    it("works without a start, as from the command line", async ({ skip }) => {
      const { stage, opened, posts } = await told();
      const other = stage.another();
      if (other.eraseThread === undefined) return skip(NEVER);
      expect(await other.eraseThread(opened.thread, posts)).toMatchObject({ stays: [] });
      expect(stage.shown(opened.thread)).toEqual([]);
      await other.stop();
    });
  });
}
