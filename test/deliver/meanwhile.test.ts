/** Replies about which more is to be known before they are decided or leave: what was missed, changed or deleted meanwhile. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { messageIdOf } from "../../src/message-id.js";
import type { MessageId, PostId, ThreadId } from "../../src/message.js";
import { createAway } from "../../src/away.js";
import { createDeciding } from "../../src/away/deciding.js";
import { SLACK } from "../fixtures/conversations.js";
import { HOUR, MINUTE, opened } from "./opened.js";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const NO_MEMORY = { get: async () => undefined, set: async () => {} };

type Bridge = Awaited<ReturnType<typeof opened>>;

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

  it("waits as well where the platform came back anew after it was chosen to be decided", async () => {
    let asked = 0;
    const { write, run, pbx, ago } = await opened({
      order: () => (["known", "unknown", "unknown"] as const)[asked++] ?? "known",
    });
    await write("slack", "On our way", ago(0));
    await run();
    expect(pbx.words()).toEqual([]);
    await run(1000);
    expect(pbx.words()).toEqual(["On our way"]);
  });
});

describe("a lane that is put in order", () => {
  it("has first what was written first, though two requests of a platform that is well told it the other way round", async () => {
    const bridge: Bridge = await opened({ order: (event, at) => away.order(event, at) });
    const away = awayOf(bridge);
    away.inbox(Object.assign(bridge.slack, { missed: async () => ({ events: [], posts: [] }) }), {
      accept: async () => {},
    });
    away.look(bridge.slack);
    await bridge.run(MINUTE);
    const now = bridge.clock.now();
    await Promise.all([bridge.write("slack", "second", { at: now }), bridge.write("slack", "first", { at: now - 20 })]);
    await bridge.run(MINUTE);
    expect(bridge.pbx.words()).toEqual(["first", "second"]);
  });

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
    const away = awayOf(bridge);
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

function awayOf({ clock, store }: Bridge) {
  return createAway({
    ...{ clock, logger: SILENT, keysKeptMs: 7 * 24 * HOUR, memory: NO_MEMORY },
    ...{ conversationsSince: () => [], threadsOf: async () => [], waitingIn: async () => [], found() {} },
    ...{ isKnown: () => false, isOurs: async () => true, isDeciding: createDeciding(store.queue) },
  });
}
