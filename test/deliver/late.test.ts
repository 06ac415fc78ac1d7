/** Replies that were written long before the bridge decides on them: asked about, not sent. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { messageIdOf } from "../../src/message-id.js";
import type { MessageId, PostId, ThreadId } from "../../src/message.js";
import { createAway } from "../../src/away.js";
import { createDeciding } from "../../src/away/deciding.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge, type BridgeOptions } from "../fixtures/bridge.js";
import { SLACK } from "../fixtures/conversations.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const NO_MEMORY = { get: async () => undefined, set: async () => {} };

type Bridge = Awaited<ReturnType<typeof opened>>;

/** Anna has written "Hello", and her threads are open. */
async function opened(options: BridgeOptions = {}) {
  const bridge = await startBridge(options);
  await bridge.receive("Hello");
  await bridge.run();
  return { ...bridge, ago: (ms: number) => ({ at: bridge.clock.now() - ms }) };
}

describe("a reply in whose thread something may have been missed", () => {
  it("waits, and goes behind what was written before it", async () => {
    let order: "unknown" | "mixed" | "known" = "unknown";
    const { write, run, pbx, telegram, ago } = await opened({ order: () => order });
    await write("slack", "third", ago(1000));
    await write("slack", "fourth", ago(0));
    await run(5000);
    expect(pbx.words()).toEqual([]);
    await write("slack", "first", ago(9000));
    await write("slack", "second", ago(8000));
    order = "mixed";
    await run(1000);
    expect(pbx.words()).toEqual(["first", "second", "third", "fourth"]);
    expect(telegram.lines().filter((line) => /first|second|third|fourth/.test(line))).toEqual([
      "Eve (Slack): first",
      "Eve (Slack): second",
      "Eve (Slack): third",
      "Eve (Slack): fourth",
    ]);
  });
});

describe("a lane that is put in order", () => {
  it.each(["deleted", "edited"] as const)("does not lose that a post was %s just then", async (kind) => {
    let change: Promise<void> | undefined;
    let late: PostId | undefined;
    const bridge = await opened({
      order(event) {
        if (event.kind !== "written") return "known";
        const isAttempted = bridge.store.queue.begun("in:slack").length > 0;
        if (event.post === late && isAttempted) change ??= told(kind, event.post);
        return "mixed";
      },
      mayHaveChanged: (written) => deciding(written),
    });
    const deciding = createDeciding(bridge.store.queue);
    const told = (how: typeof kind, post: PostId): Promise<void> => {
      const at = bridge.clock.now() + 1000;
      return how === "deleted" ? bridge.remove("slack", post, { at }) : bridge.edit("slack", post, "right", { at });
    };
    const now = bridge.clock.now();
    late = "late" as PostId;
    await Promise.all([
      bridge.write("slack", "wrong", { at: now, post: late }),
      bridge.write("slack", "missed before", { at: now - 5000 }),
    ]);
    await bridge.run(60_000);
    await change;
    expect(bridge.pbx.words()).toEqual(kind === "deleted" ? ["missed before"] : ["missed before", "right"]);
  });
});

describe("a reply that waits to be decided, long after its platform came back,", () => {
  it.each([
    ["deleted", (bridge: Bridge, post: PostId) => bridge.remove("slack", post)],
    ["made a note", (bridge: Bridge, post: PostId) => bridge.edit("slack", post, "// no word to her")],
  ])("and is %s meanwhile is not sent", async (_, change) => {
    const bridge: Bridge = await opened({ mayHaveChanged: (written, at) => away.mayHaveChanged(written, at) });
    const away = createAway({
      ...{ clock: bridge.clock, logger: SILENT, keysKeptMs: 7 * 24 * HOUR, memory: NO_MEMORY },
      ...{ conversationsSince: () => [], threadsOf: async () => [], waitingIn: async () => [], found() {} },
      ...{ isKnown: () => false, isOurs: async () => true, isDeciding: createDeciding(bridge.store.queue) },
    });
    away.inbox(bridge.slack, { accept: async () => {} });
    away.look(bridge.slack);
    await bridge.run(MINUTE);
    // It takes the platform a while to tell who wrote it.
    bridge.slack.script.fail("person", new RetryLater("limited", { afterMs: 20_000 }));
    const post = await bridge.write("slack", "no word to her", { author: { id: "U2" } });
    await bridge.run(10_000);
    await change(bridge, post);
    await bridge.run(MINUTE);
    expect(bridge.pbx.words()).toEqual([]);
  });
});

describe("a reply that is told behind its own deletion", () => {
  it("is not sent, though deciding it had begun before and did not end", async () => {
    const { remove, write, run, pbx, links, slack } = await opened();
    const post = "gone" as PostId;
    const conversation = await links.conversationOf("slack", slack.threads[0] ?? ("" as ThreadId));
    if (conversation === undefined) throw new Error("no conversation");
    await links.linkPost(SLACK, post, { conversation, message: "m" as MessageId });
    await remove("slack", post);
    await write("slack", "never mind", { post });
    await run();
    expect(pbx.words()).toEqual([]);
  });

  it("and behind that its edit, is asked about by nobody", async () => {
    const { remove, write, edit, run, pbx, slack, store } = await opened({ rules: { undoSeconds: 60 } });
    const post = await write("slack", "never mind");
    await run();
    await remove("slack", post);
    await run();
    const said = slack.lines().length;
    await edit("slack", post, "never mind that");
    await run(60_000);
    expect(slack.lines()).toHaveLength(said);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
    expect(pbx.words()).toEqual([]);
  });

  it("is not sent", async () => {
    const { remove, write, run, pbx } = await opened();
    await remove("slack", "gone" as PostId);
    await write("slack", "never mind", { post: "gone" as PostId });
    await run();
    expect(pbx.words()).toEqual([]);
  });
});

describe("a reply that is told behind its own edit", () => {
  const post = "edited" as PostId;

  it("is sent as it reads now, once", async () => {
    const { edit, write, run, pbx, slack, clock } = await opened();
    const thread = slack.threads[0] as ThreadId;
    const writtenAt = clock.now() - MINUTE;
    await edit("slack", post, "right", { thread, writtenAt });
    await write("slack", "wrong", { post, thread, at: writtenAt });
    await run(MINUTE);
    expect(pbx.words()).toEqual(["right"]);
    expect(slack.marks.get(post)).toBe("sent");
    await edit("slack", post, "too late", { thread, writtenAt });
    await run(MINUTE);
    expect(pbx.words()).toEqual(["right"]);
  });

  it("is sent though deciding on the edit had begun before and did not end", async () => {
    const { edit, run, pbx, slack, clock, links } = await opened();
    const thread = slack.threads[0] as ThreadId;
    const conversation = await links.conversationOf("slack", thread);
    if (conversation === undefined) throw new Error("no conversation");
    await links.linkPost(SLACK, post, { conversation, message: messageIdOf("slack", "its edit") });
    await edit("slack", post, "right", { key: "its edit", thread, writtenAt: clock.now() });
    await run(MINUTE);
    expect(pbx.words()).toEqual(["right"]);
  });

  it("is no text where that made it a note", async () => {
    const { edit, write, run, pbx, slack, clock } = await opened();
    const thread = slack.threads[0] as ThreadId;
    await edit("slack", post, "// no word to her", { thread, writtenAt: clock.now() });
    await write("slack", "no word to her", { post, thread });
    await run(MINUTE);
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("note");
  });

  it("is not sent again when it is edited long after, and no longer known", async () => {
    const { edit, run, pbx, slack, clock, store } = await opened();
    const thread = slack.threads[0] as ThreadId;
    await edit("slack", post, "On our way, as I wrote", { thread, writtenAt: clock.now() - 20 * MINUTE });
    await run(MINUTE);
    expect(pbx.words()).toEqual([]);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });
});

describe("a reply that may have been changed or deleted meanwhile", () => {
  it("waits until that is known, and is then sent as it is", async () => {
    let mayHave = true;
    const asked: object[] = [];
    const mayHaveChanged = (written: object): boolean => {
      asked.push(written);
      return mayHave;
    };
    const { write, edit, remove, run, pbx, slack, clock, store } = await opened({ mayHaveChanged });
    const first = await write("slack", "frist");
    const gone = await write("slack", "never mind");
    await write("telegram", "on our way");
    const at = clock.now();
    await run(5000);
    expect(pbx.words()).toEqual([]);
    // Whenever it is killed meanwhile, nothing looks as if it may have left.
    for (const { target } of store.queue.targets()) expect(store.queue.begun(target)).toEqual([]);
    const thread = slack.threads.at(-1);
    expect(asked[0]).toEqual({ place: SLACK, post: first, thread, at });
    await edit("slack", first, "first", { thread: thread as ThreadId, writtenAt: at });
    await remove("slack", gone);
    mayHave = false;
    await run(1000);
    expect(pbx.words()).toEqual(["first", "on our way"]);
    expect(asked.find((each) => (each as { post: PostId }).post === first)).toMatchObject({ at });
  });

  it("is looked up all the same where an earlier attempt's outcome is not known", async () => {
    let mayHave = false;
    const { write, run, pbx } = await opened({ mayHaveChanged: () => mayHave });
    pbx.script.fail("send", new RetryLater("no answer", { uncertain: true }), "after");
    await write("slack", "On our way");
    await run();
    mayHave = true;
    await run(60_000);
    expect(pbx.words()).toEqual(["On our way"]);
  });
});

describe("a reply that was written long ago", () => {
  it.each(["slack", "telegram"] as const)("in %s is held, and a person decides", async (on) => {
    const { write, press, run, pbx, [on]: chat, ago } = await opened();
    const post = await write(on, "On our way", ago(3 * HOUR));
    await run();
    expect(pbx.words()).toEqual([]);
    expect(chat.posted.at(-1)?.post).toMatchObject({
      about: post,
      texts: [{ text: "“On our way”: This was written 3 h ago. Nothing was sent. Still send it?" }],
      choices: [
        { action: "send", label: "Send" },
        { action: "discard", label: "Don't send" },
      ],
    });
    await press(on, "send");
    await run();
    expect(pbx.words()).toEqual(["On our way"]);
    expect(chat.marks.get(post)).toBe("sent");
  });

  it.each([
    ["slack", "telegram"],
    ["telegram", "slack"],
  ] as const)("in %s is sent, and %s, where nobody was asked, says which one that is", async (on, elsewhere) => {
    const { write, press, run, [elsewhere]: other, ago } = await opened();
    const words = "On our way, with the long ladder and the spare parts";
    await write(on, words, ago(3 * HOUR));
    await run();
    await press(on, "send");
    await run();
    const by = on === "slack" ? "Eve" : "A colleague";
    expect(other.lines()).toContain(`SMS: “On our way, with the long ladder and th…”: ${by} sent it as a text.`);
  });

  it.each([
    ["slack", "telegram"],
    ["telegram", "slack"],
  ] as const)("in %s is marked as waiting, and %s tells who is asked, and what was decided", async (on, elsewhere) => {
    const { write, press, run, [on]: chat, [elsewhere]: other, ago } = await opened();
    const post = await write(on, "On our way", ago(3 * HOUR));
    await run();
    expect(chat.marks.get(post)).toBe("waiting");
    const name = on === "slack" ? "Eve (Slack)" : "Eve (Telegram)";
    const told = `SMS: ${name} wrote “On our way”, and is asked there whether to send it. Nothing was sent.`;
    expect(other.lines().at(-1)).toBe(told);
    await press(on, "discard");
    await run();
    const by = on === "slack" ? "Eve" : "A colleague";
    expect(other.lines().slice(-2)).toEqual([told, `SMS: “On our way”: ${by} did not send it.`]);
  });

  it("and is deleted before anybody decided is taken back where it was told of, and never told of where that waited", async () => {
    const { write, remove, run, telegram, ago } = await opened();
    const first = await write("slack", "On our way", ago(3 * HOUR));
    await run();
    await remove("slack", first);
    await run();
    expect(telegram.lines().at(-1)).toBe("SMS: Eve (Slack) took a text back before it was sent: “On our way”.");
    telegram.script.fail("send", new RetryLater("down", { scope: "target", afterMs: 5 * MINUTE }));
    await write("slack", "// a note");
    await run();
    const second = await write("slack", "See you", ago(3 * HOUR));
    await run();
    await remove("slack", second);
    await run(HOUR);
    expect(telegram.lines().join()).not.toContain("See you");
  });

  it("is gone when somebody says not to send it", async () => {
    const { write, press, run, pbx, slack, store, ago } = await opened();
    const post = await write("slack", "On our way", ago(61 * MINUTE));
    await run();
    await press("slack", "discard");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("ignored");
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("is sent when it is not older than the config says, or when the config asks about none", async () => {
    const { write, run, pbx, ago } = await opened();
    await write("slack", "an hour ago", ago(HOUR));
    await run();
    expect(pbx.words()).toEqual(["an hour ago"]);
    const never = await opened({ rules: { askAfterMinutes: 0 } });
    await never.write("slack", "yesterday", never.ago(24 * HOUR));
    await never.run();
    expect(never.pbx.words()).toEqual(["yesterday"]);
  });

  it("as a note stays a note, and needs no question", async () => {
    const { write, run, slack, telegram, ago } = await opened();
    const post = await write("slack", "// call her", ago(5 * HOUR));
    await run();
    expect(slack.marks.get(post)).toBe("note");
    expect(telegram.lines()).toContain("Eve (Slack): call her");
    expect(slack.lines()).toHaveLength(1);
  });

  it("is one too when it waited inside the bridge, because nobody could tell who wrote it", async () => {
    const { write, run, pbx, slack } = await opened();
    slack.script.fail("person", new RetryLater("Slack is down", { afterMs: 2 * HOUR }));
    await write("slack", "On our way", { author: { id: "U1" } });
    await run(2 * HOUR);
    expect(pbx.words()).toEqual([]);
    expect(slack.lines().at(-1)).toContain("written 2 h ago");
  });

  it("that is edited is asked about anew, and leaves in its last wording alone", async () => {
    const { write, edit, press, run, pbx, clock, ago } = await opened();
    const post = await write("slack", "On our wya", ago(3 * HOUR));
    await run();
    await edit("slack", post, "On our way", { writtenAt: clock.now() - 3 * HOUR });
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["On our way"]);
  });

  it("but only waits for the PBX is sent as edited: whoever edits it now means it", async () => {
    const { write, edit, run, pbx, clock } = await opened();
    pbx.script.fail("send", new RetryLater("down", { afterMs: 3 * HOUR }));
    const writtenAt = clock.now();
    const post = await write("slack", "On our wya");
    await run(2 * HOUR);
    await edit("slack", post, "On our way", { writtenAt });
    await run(2 * HOUR);
    expect(pbx.words()).toEqual(["On our way"]);
  });

  it("waits for its decision across a restart", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    const before = await opened({ world, file });
    await before.write("slack", "On our way", before.ago(3 * HOUR));
    await before.run();
    await before.worker.stop(0);
    const after = await startBridge({ world, file, owner: "two" });
    await after.run(24 * HOUR);
    expect(after.pbx.words()).toEqual([]);
    await after.press("slack", "send");
    await after.run();
    expect(after.pbx.words()).toEqual(["On our way"]);
  });

  it("that is told once more after its event was forgotten is not sent again", async () => {
    const { write, run, pbx, store, clock } = await opened();
    const reply = { key: "w:1", at: clock.now() };
    await write("slack", "ok", reply);
    await run();
    clock.jump(30 * 24 * HOUR);
    await store.sweep();
    await write("slack", "ok", reply);
    await run();
    expect(pbx.words()).toEqual(["ok"]);
  });
});
