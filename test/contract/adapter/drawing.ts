/** The optional abilities that draw: marks, cards, choices settled; and the one that finds. */
import { describe, expect, it, vi } from "vitest";
import type { Choice, Mark } from "../../../src/message.js";
import { CARD, postOf, startAndOpen } from "./scene.js";
import type { MakeStage } from "./stage.js";

const MARKS: readonly Mark[] = ["waiting", "sent", "failed", "note", "ignored"];
const choices: readonly Choice[] = [{ action: "discard", subject: "m1", label: "Discard" }];
const NEVER = "this adapter does not do it";

export function describeDrawing(makeStage: MakeStage): void {
  describe("marks", () => {
    it("are one sign each on the person's own post, in place of the one before, and repeatable", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.mark === undefined) return skip(NEVER);
      const post = stage.people.writes(opened.thread, "hello");
      const signs: unknown[] = [];
      for (const mark of [...MARKS, ...MARKS]) {
        await adapter.mark(post, mark);
        await adapter.mark(post, mark);
        expect(stage.seen(post)?.signs).toHaveLength(1);
        signs.push(stage.seen(post)?.signs[0]);
      }
      expect(new Set(signs).size).toBe(MARKS.length);
      expect(signs.slice(MARKS.length)).toEqual(signs.slice(0, MARKS.length));
    });

    it("go on after a restart, and their post may be gone", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.mark === undefined) return skip(NEVER);
      const post = stage.people.writes(opened.thread, "hello");
      await adapter.mark(post, "failed");
      await adapter.stop();
      const again = stage.another();
      await again.start({ accept: async () => {} });
      await again.mark?.(post, "sent");
      expect(stage.seen(post)?.signs).toHaveLength(1);
      stage.people.deletes(post);
      await again.mark?.(post, "sent");
      await again.stop();
    });
  });

  describe("the card", () => {
    it("is drawn once and then over itself, however often", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.showCard === undefined) return skip(NEVER);
      const card = opened.card ?? (await adapter.showCard(opened.thread, CARD));
      await adapter.send(opened.thread, postOf("hello"), "k1");
      const before = stage.readable().length;
      const next = { ...CARD, line: "Sales & <Support>" };
      for (let time = 0; time < 2; time += 1) expect(await adapter.showCard(opened.thread, next, card)).toBe(card);
      expect(stage.readable()).toHaveLength(before);
      expect(stage.seen(card)?.text).toContain("Sales & <Support>");
    });
  });

  describe("settling a choice", () => {
    it("puts the outcome in the place of the buttons, below what was said, and once more changes nothing", async ({
      skip,
    }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.settle === undefined) return skip(NEVER);
      const post = await adapter.send(opened.thread, postOf("Send?", { choices }), "k1");
      await adapter.settle(post, "Anna & <Ben> did it.", "Send?");
      await adapter.settle(post, "Anna & <Ben> did it.", "Send?");
      const seen = stage.seen(post);
      expect(seen?.buttons).toEqual([]);
      expect(seen?.text).toMatch(/Send\?.*Anna/s);
      expect(seen?.text.split("Anna & <Ben> did it.")).toHaveLength(2);
    });

    it("keeps what was said also when nobody knows it any more", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.settle === undefined) return skip(NEVER);
      const post = await adapter.send(opened.thread, postOf("Send?", { choices }), "k1");
      await adapter.settle(post, "Anna did it.");
      expect(stage.seen(post)?.buttons).toEqual([]);
      expect(stage.seen(post)?.text).toContain("Send?");
    });

    it("of a post that is gone is done", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.settle === undefined) return skip(NEVER);
      const post = await adapter.send(opened.thread, postOf("Send?", { choices }), "k1");
      stage.people.deletes(post);
      await adapter.settle(post, "Anna did it.");
    });
  });

  describe("finding attempts", () => {
    it("finds by its key what an attempt left behind, after a restart too, and nothing else", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.findPost === undefined) return skip(NEVER);
      const since = Date.now() - 60_000;
      await adapter.send(opened.thread, postOf("the same"), "k1");
      const post = await adapter.send(opened.thread, postOf("the same"), "k2");
      await adapter.stop();
      const again = stage.another();
      await again.start({ accept: async () => {} });
      expect(await again.findPost?.(opened.thread, "k2", since)).toBe(post);
      expect(await again.findPost?.(opened.thread, "k3", since)).toBeUndefined();
      expect(await again.findThread?.(stage.place, "k-open", since)).toEqual(opened);
      expect(await again.findThread?.(stage.place, "k2", since)).toBeUndefined();
      await again.stop();
    });

    it("finds a post among many", async ({ skip }) => {
      const { adapter, opened } = await startAndOpen(makeStage);
      if (adapter.findPost === undefined) return skip(NEVER);
      const since = Date.now();
      const wanted = await adapter.send(opened.thread, postOf("wanted"), "wanted");
      for (let n = 0; n < 210; n += 1) await adapter.send(opened.thread, postOf("other"), `k${n}`);
      expect(await adapter.findPost(opened.thread, "wanted", since)).toBe(wanted);
    });
  });

  describe("pace", () => {
    it("is named the same every time, in the adapter's own name, and lets work go on", async () => {
      const { adapter, stage } = await startAndOpen(makeStage);
      for (const work of ["post", "mark", "card"] as const) {
        const pace = adapter.pace(stage.place, work);
        expect(adapter.pace(stage.place, work)).toEqual(pace);
        expect(pace.target.split(":")[0]).toBe(adapter.platform);
        for (const amount of [pace.concurrency, ...pace.rates.flatMap(({ limit, perMs }) => [limit, perMs])])
          expect(amount).toBeGreaterThan(0);
      }
      await vi.waitFor(() => expect(adapter.unwell?.()).toBeUndefined());
    });
  });
}
