/** Threads opened and posts sent. */
import { describe, expect, it } from "vitest";
import { ThreadGone } from "../../../src/errors.js";
import type { ConversationId, Post } from "../../../src/message.js";
import { CARD, CONVERSATION, postOf, start, startAndOpen } from "./scene.js";
import type { MakeStage } from "./stage.js";

const HOSTILE: readonly (readonly [string, string])[] = [
  ["mentions", "@everyone @here @channel <!channel> <!here|x> <@U1> <#C1|sales> @anna @pbx_bridge_bot @"],
  ["markup", "*a* _b_ ~c~ `d` ```e``` <b>f</b> [g](https://g.example) &amp; &lt; <> & > ||h|| # i 100% \\*"],
  ["addresses", "https://evil.example/a_b?x=1&y=2 <https://x.example|safe.example> a@b.example +1 201 555 0100"],
  ["invisible characters", "a\u200Bb\u200Cc\u200Dd\u2060e\uFEFFf\u00ADg\u00A0h"],
  ["emoji", "👩‍👩‍👧‍👦 🇺🇦 👍🏽 ❤️ 1️⃣ :wave: :)"],
  ["scripts", "Привет, 你好, नमस्ते, שלום עליכם, السلام عليكم, ｆｕｌｌ, e\u0301"],
  ["lines", "one\n\n  two\n    three\n\n\n\nfour\n> five\n- six\n1. seven"],
  ["commands", "/start !stop /sms@x"],
  ["a quotation of our own card", "📝 +12015550123 · Sales"],
];

const UNITS: readonly (readonly [string, string])[] = [
  ["letters", "n"],
  ["signs that need escaping", "&<"],
  ["emoji", "😀"],
  ["accents", "e\u0301"],
  ["mentions", "@anna "],
];

/** As many of the unit as fit, and letters up to the brim. */
const filled = (unit: string, limit: number): string => unit.repeat(Math.floor(limit / unit.length)).padEnd(limit, "n");

export function describeShowing(makeStage: MakeStage): void {
  describe("opening a thread", () => {
    it("is one changing call, and each conversation has a thread of its own", async () => {
      const { adapter, stage } = await start(makeStage);
      const before = stage.changes();
      const one = await adapter.open(CONVERSATION, stage.place, CARD, "k1");
      expect(stage.changes() - before).toBe(1);
      const other = await adapter.open(
        { ...CONVERSATION, id: "other" as ConversationId },
        stage.place,
        { ...CARD, contact: "+12015550124" },
        "k2",
      );
      expect(one.thread).not.toBe(other.thread);
      if (one.card !== undefined) expect(stage.seen(one.card)?.text).toMatch(/555.?0123/);
      const post = await adapter.send(one.thread, postOf("for one"), "k3");
      expect(stage.shown(one.thread).map((each) => each.post)).toContain(post);
      expect(stage.shown(other.thread).map((each) => each.post)).not.toContain(post);
    });
  });

  describe("sending a post", () => {
    it("is one changing call, in the order of the calls, each with an id of its own", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const before = stage.changes();
      const posts: unknown[] = [];
      for (const key of ["k1", "k2", "k3"]) posts.push(await adapter.send(opened.thread, postOf("the same"), key));
      expect(stage.changes() - before).toBe(3);
      expect(new Set(posts).size).toBe(3);
      const shown = stage.shown(opened.thread).map(({ post }) => post);
      expect(shown.filter((post) => posts.includes(post))).toEqual(posts);
    });

    it("that may be a repeat says so before its words, unless attempts can be found", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (adapter.findPost !== undefined) return skip("attempts can be found, so nothing is repeated");
      for (const kind of ["contact", "colleague", "bridge"] as const) {
        const post = postOf("the words", { speaker: { kind, name: "Eve" }, repeat: true });
        const seen = stage.seen(await adapter.send(opened.thread, post, kind));
        expect(seen?.text).toMatch(/repeat[^]*the words/);
      }
    });

    it.each(HOSTILE)("shows %s letter by letter, and rings nobody", async (_, text) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      for (const kind of ["contact", "colleague", "bridge"] as const) {
        const post = await adapter.send(opened.thread, postOf(text, { speaker: { kind, name: text } }), kind);
        expect(stage.seen(post)?.text).toContain(text);
        expect(stage.seen(post)?.rings).toEqual([]);
      }
    });

    it("shows texts that go together in their order", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const texts = ["first *", "second _", "third & last"];
      const post = await adapter.send(opened.thread, postOf(texts), "k1");
      const seen = stage.seen(post)?.text ?? "";
      const places = texts.map((text) => seen.indexOf(text));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    it.each(["", " ", "\n", "\u200B"])(
      "shows that there was a text also when it has nothing to see: %j",
      async (text) => {
        const { adapter, stage, opened } = await startAndOpen(makeStage);
        const post = await adapter.send(opened.thread, postOf(text), "k1");
        expect(stage.seen(post)?.text.trim()).not.toBe("");
      },
    );

    it.each(UNITS)("carries as many %s as it says", async (_, unit) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const text = filled(unit, adapter.textLimit);
      const speaker = { kind: "colleague", name: "N".repeat(500) } as const;
      const post = await adapter.send(opened.thread, postOf(text, { speaker, note: true }), "k1");
      expect(stage.seen(post)?.text).toContain(text);
    });

    it("carries many short texts together, however late they are", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const count = Math.floor(adapter.textLimit / 28);
      const texts = Array.from({ length: count }, (_, index) => ({
        text: `text ${index}`,
        at: Date.now() - (count - index) * 3_600_000,
      }));
      const post = await adapter.send(opened.thread, { ...postOf(""), texts }, "k1");
      for (const { text } of texts) expect(stage.seen(post)?.text).toContain(text);
    });

    it("tells apart who speaks, and a note from a text", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const look = async (more: Partial<Post>) => {
        const seen = stage.seen(await adapter.send(opened.thread, postOf("the same", more), JSON.stringify(more)));
        return `${seen?.by}|${seen?.text}`;
      };
      const looks = [
        await look({}),
        await look({ speaker: { kind: "colleague", name: "Ben (Elsewhere)" } }),
        await look({ speaker: { kind: "colleague", name: "Ben (Elsewhere)" }, note: true }),
        await look({ speaker: { kind: "phone", name: "Sales" } }),
      ];
      expect(new Set(looks).size).toBe(looks.length);
      expect(looks[1]).toContain("Ben (Elsewhere)");
    });

    it("shows its buttons", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const choices: Post["choices"] = [
        { action: "send", subject: "m1", label: "Send it" },
        { action: "discard", subject: "m1", label: "Don't <send>" },
      ];
      const post = await adapter.send(opened.thread, postOf("Send?", { choices }), "k1");
      expect(stage.seen(post)?.buttons).toEqual(["Send it", "Don't <send>"]);
    });

    it("works also about a post that is no longer there", async () => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const about = stage.people.writes(opened.thread, "hello");
      const there = await adapter.send(opened.thread, postOf("about it", { about }), "k1");
      stage.people.deletes(about);
      const gone = await adapter.send(opened.thread, postOf("about it", { about }), "k2");
      for (const post of [there, gone]) expect(stage.seen(post)?.text).toContain("about it");
    });

    it("into a thread that was removed tells so, and nothing is left lying about; a new thread takes it", async ({
      skip,
    }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (stage.people.removesThread === undefined) return skip("threads cannot be removed here");
      await adapter.send(opened.thread, postOf("before"), "k1");
      stage.people.removesThread(opened.thread);
      await expect(adapter.send(opened.thread, postOf("for few eyes"), "k2")).rejects.toBeInstanceOf(ThreadGone);
      expect(stage.readable().filter((text) => text.includes("for few eyes"))).toEqual([]);
      const again = await adapter.open(CONVERSATION, stage.place, CARD, "k3");
      expect(again.thread).not.toBe(opened.thread);
      const post = await adapter.send(again.thread, postOf("for few eyes"), "k2");
      expect(stage.shown(again.thread).map((each) => each.post)).toContain(post);
    });
  });
}
