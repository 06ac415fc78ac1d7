/** The first promises of a new adapter, before there is an emulator of its platform: the handbook's example keeps them. */
import { describe, expect, it, vi } from "vitest";
import type { ChatAdapter, ChatEvent, MarksPosts, ShowsCards } from "../../src/adapter.js";
import type { Card, Conversation, ConversationId, Place, Post, ThreadId } from "../../src/message.js";

/** The adapter, started, on its platform or on an emulator of it. Everything ends with the test. */
export interface PlatformUnderTest {
  readonly adapter: ChatAdapter;
  readonly place: Place;
  /** What the inbox stored, oldest first. */
  readonly events: readonly ChatEvent[];
  /** What people read in the thread, of all posts of ours: somewhere in it stands each text. */
  shown(thread: ThreadId): string;
  /** A person writes in the thread. */
  write(thread: ThreadId, text: string): void;
  /** Another adapter on the same platform, as after a restart. Not started. */
  another(): ChatAdapter;
}

const SIGNS = `*a* _b_ ~c~ \`d\` <b>e</b> &amp; [f](https://f.example) @anna <@U1> #g :smile: 100% 😀`;

export function describeChatAdapter(name: string, stage: () => Promise<PlatformUnderTest>): void {
  const open = async (platform: PlatformUnderTest, number = "+12015550123") => {
    const { adapter, place } = platform;
    const { thread } = await adapter.open(conversationWith(number), place, cardOf(number), `open.${number}`);
    return thread;
  };

  describe(`${name} as a chat adapter`, () => {
    it("shows texts as they were written, whatever signs they hold, and all that go together in their order", async () => {
      const platform = await stage();
      const thread = await open(platform);
      await platform.adapter.send(thread, postOf(SIGNS, "second", "third"), "k1");
      const shown = platform.shown(thread);
      const places = [SIGNS, "second", "third"].map((text) => shown.indexOf(text));
      expect(places.every((at) => at >= 0)).toBe(true);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    it("takes a text as long as it says", async () => {
      const platform = await stage();
      const thread = await open(platform);
      const text = "n".repeat(platform.adapter.textLimit);
      await platform.adapter.send(thread, postOf(text), "k1");
      expect(platform.shown(thread)).toContain(text);
    });

    it("says of a post that it may be a repeat, unless attempts can be found", async () => {
      const platform = await stage();
      if ("findPost" in platform.adapter) return;
      const thread = await open(platform);
      await platform.adapter.send(thread, { ...postOf("again"), repeat: true }, "k1");
      expect(platform.shown(thread)).toMatch(/repeat[^]*again/);
    });

    it("keeps conversations apart, and gives every post an id of its own", async () => {
      const platform = await stage();
      const [one, other] = [await open(platform), await open(platform, "+12015550124")];
      expect(one).not.toBe(other);
      const posts = [
        await platform.adapter.send(one, postOf("for one"), "k1"),
        await platform.adapter.send(one, postOf("for one"), "k2"),
        await platform.adapter.send(other, postOf("for the other"), "k3"),
      ];
      expect(new Set(posts).size).toBe(3);
      expect(platform.shown(one)).not.toContain("for the other");
    });

    it("knows its threads after a restart", async () => {
      const platform = await stage();
      const thread = await open(platform);
      await platform.adapter.stop();
      const again = platform.another();
      await again.start({ accept: async () => {} });
      await again.send(thread, postOf("after the restart"), "k1");
      expect(platform.shown(thread)).toContain("after the restart");
      await again.stop();
    });

    it("tells what people write in a thread: where, who, and equal words as often as they were written, in order", async () => {
      const platform = await stage();
      const thread = await open(platform);
      for (const text of ["yes", "yes", "no"]) platform.write(thread, text);
      await vi.waitFor(() => expect(platform.events).toHaveLength(3), { timeout: 10_000 });
      const { place } = platform;
      const written = { kind: "written", place, thread, files: [], author: { id: expect.any(String) } };
      expect(platform.events).toMatchObject(["yes", "yes", "no"].map((text) => ({ ...written, text })));
      for (const each of ["key", "post"])
        expect(new Set(platform.events.map((event) => Reflect.get(event, each))).size).toBe(3);
    });

    it("never tells of its own posts", async () => {
      const platform = await stage();
      const thread = await open(platform);
      await platform.adapter.send(thread, postOf("from the bridge"), "k1");
      platform.write(thread, "from a person");
      await vi.waitFor(() => expect(platform.events).not.toHaveLength(0), { timeout: 10_000 });
      expect(platform.events).toMatchObject([{ text: "from a person" }]);
    });

    it("names for each kind of work the same pace every time, one that lets work go on", async () => {
      const { adapter, place } = await stage();
      for (const work of ["post", "mark", "card"] as const) {
        const pace = adapter.pace(place, work);
        expect(adapter.pace(place, work)).toEqual(pace);
        expect(pace.target.split(":")[0]).toBe(adapter.platform);
        for (const amount of [pace.concurrency, ...pace.rates.flatMap(({ limit, perMs }) => [limit, perMs])])
          expect(amount).toBeGreaterThan(0);
      }
    });

    it("marks, and draws cards, as often as it is asked, where it can", async () => {
      const platform = await stage();
      const { adapter } = platform;
      const thread = await open(platform);
      platform.write(thread, "hello");
      await vi.waitFor(() => expect(platform.events).toHaveLength(1), { timeout: 10_000 });
      const [event] = platform.events;
      if (marks(adapter) && event?.kind === "written")
        for (const mark of ["waiting", "sent", "sent", "failed"] as const) await adapter.mark(event.post, mark);
      if (!showsCards(adapter)) return;
      const card = await adapter.showCard(thread, cardOf("+12015550123"));
      expect(await adapter.showCard(thread, cardOf("+12015550123"), card)).toBe(card);
    });

    it("can be stopped before it was started, and twice", async () => {
      const platform = await stage();
      await platform.another().stop();
      await platform.adapter.stop();
      await platform.adapter.stop();
    });
  });
}

function conversationWith(number: string): Conversation {
  return {
    id: `1234/+12015550100/${number}` as ConversationId,
    line: "Sales",
    extension: 1234,
    contact: { number, wire: number },
  };
}

function cardOf(contact: string): Card {
  return { contact, line: "Sales", state: "open" };
}

function postOf(...texts: readonly string[]): Post {
  const at = Date.now();
  return { speaker: { kind: "contact", name: "+12015550123" }, texts: texts.map((text) => ({ text, at })) };
}

function marks(adapter: ChatAdapter): adapter is ChatAdapter & MarksPosts {
  return "mark" in adapter;
}

function showsCards(adapter: ChatAdapter): adapter is ChatAdapter & ShowsCards {
  return "showCard" in adapter;
}
