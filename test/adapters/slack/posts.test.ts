import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import { threadIdOf } from "../../../adapters/slack/ids.js";
import type { Card, Conversation, ConversationId, Post, PostId, ThreadId } from "../../../src/message.js";
import { quiet } from "./quiet.js";
import type { ScriptedSlack } from "./scripted-slack.js";
import { type ScriptedStage, setScriptedStage, startedAt } from "./scripted-stage.js";

let stage: ScriptedStage;
let slack: ScriptedSlack;
let adapter: SlackAdapter;

beforeEach(async () => {
  stage = await setScriptedStage();
  ({ slack, adapter } = stage);
});

afterEach(async () => {
  await stage.close();
});

const place = { platform: "slack", chat: "C1" };
const rootTs = "1700000000.000100";
const thread: ThreadId = threadIdOf({ channel: "C1", ts: rootTs });
const contact = { number: "+442079460123", wire: "+442079460123" };
const conversation: Conversation = { id: "c1" as ConversationId, line: "Sales", extension: 1, contact };
const card: Card = { contact: contact.number, line: "Sales", state: "open" };
const post: Post = {
  speaker: { kind: "contact", name: contact.number },
  texts: [{ text: "Hi <!here>", at: startedAt }],
};
const marker = (key: string) => ({ event_type: "pbx_chat_bridge", event_payload: { key } });
const postAt = (ts: string): PostId => `C1:${ts}` as PostId;

describe("opening a thread", () => {
  it("posts the card, marked with the attempt's key, and links nothing", async () => {
    expect(await adapter.open(conversation, place, card, "k1")).toEqual({
      thread: "C1:1800000000.000001",
      card: "C1:1800000000.000001",
    });
    expect(slack.callsOf("chat.postMessage")).toMatchObject([
      { channel: "C1", text: "+44 20 7946 0123 (Sales)", metadata: marker("k1"), unfurl_links: "false", parse: "none" },
    ]);
  });

  it("in a channel without the bot waits, and is told as unwell until a post to that channel works again", async () => {
    slack.next("chat.postMessage", "not_in_channel");
    await expect(adapter.open(conversation, place, card, "k1")).rejects.toMatchObject({
      name: "RetryLater",
      scope: "target",
      afterMs: 60_000,
      message: expect.stringContaining("/invite"),
    });
    expect(adapter.unwell()).toMatch(/C1.*\/invite/);
    await adapter.open(conversation, { ...place, chat: "C2" }, card, "k2");
    await adapter.findPost(thread, "k1", startedAt);
    expect(adapter.unwell()).toMatch(/C1/);
    await adapter.open(conversation, place, card, "k1");
    expect(adapter.unwell()).toBeUndefined();
  });
});

describe("sending a post", () => {
  it("is one call", async () => {
    expect(await adapter.send(thread, post, "k2")).toBe("C1:1800000000.000001");
    expect(slack.callsOf("chat.postMessage")).toMatchObject([
      {
        channel: "C1",
        thread_ts: rootTs,
        text: "Hi &lt;!here&gt;",
        mrkdwn: "false",
        unfurl_links: "false",
        unfurl_media: "false",
        username: "+44 20 7946 0123",
        metadata: marker("k2"),
      },
    ]);
    expect(slack.calls.filter(({ method }) => method !== "auth.test")).toHaveLength(1);
  });

  it("that landed openly, because the thread is gone, is taken back", async () => {
    slack.next("chat.postMessage", { channel: "C1", ts: "1800000000.000009", message: { ts: "1800000000.000009" } });
    await expect(adapter.send(thread, post, "k2")).rejects.toMatchObject({ name: "ThreadGone" });
    expect(slack.callsOf("chat.delete")).toMatchObject([{ channel: "C1", ts: "1800000000.000009" }]);
  });

  it("is told as gone even when it cannot be taken back", async () => {
    slack.next("chat.postMessage", { channel: "C1", ts: "1800000000.000009", message: { ts: "1800000000.000009" } });
    slack.next("chat.delete", "internal_error");
    await expect(adapter.send(thread, post, "k2")).rejects.toMatchObject({ name: "ThreadGone" });
  });

  it.each([
    [
      "a rate limit",
      { status: 429, headers: { "retry-after": "7" } },
      { scope: "target", afterMs: 7000, uncertain: false },
    ],
    [
      "a rate limit that does not say how long",
      { status: 429 },
      { scope: "target", afterMs: 30_000, uncertain: false },
    ],
    ["a server's failure", { status: 503 }, { scope: "delivery", uncertain: true }],
    ["a lost connection", "reset", { uncertain: true }],
    ["no answer in time", "hang", { uncertain: true }],
    ["a redirection", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, { uncertain: true }],
  ])("after %s is tried later, and only once now", async (_, failure, meaning) => {
    slack.next("chat.postMessage", failure);
    await expect(adapter.send(thread, post, "k2")).rejects.toMatchObject({ name: "RetryLater", ...meaning });
    expect(slack.callsOf("chat.postMessage")).toHaveLength(1);
    await adapter.send(thread, post, "k2");
  });

  it("to a Slack that cannot be reached is certain not to have happened", async () => {
    const nowhere = createSlackAdapter(
      { botToken: "xoxb-1", signingSecret: "s", apiUrl: "http://127.0.0.1:1/api/", command: "/sms" },
      { logger: quiet, now: Date.now },
    );
    await expect(nowhere.send(thread, post, "k2")).rejects.toMatchObject({ name: "RetryLater", uncertain: false });
    await nowhere.stop();
  });

  it("with a revoked token waits and is told as unwell until it works again", async () => {
    slack.next("chat.postMessage", "token_revoked");
    await expect(adapter.send(thread, post, "k2")).rejects.toMatchObject({ name: "RetryLater", scope: "target" });
    expect(adapter.unwell()).toMatch(/token_revoked/);
    await adapter.send(thread, post, "k2");
    expect(adapter.unwell()).toBeUndefined();
  });
});

describe("an attempt of unknown outcome", () => {
  it("is found by its key in the thread, on whatever page", async () => {
    const other = { ts: "1700000001.000000", metadata: marker("other") };
    slack.next("conversations.replies", {
      messages: [{ ts: rootTs }, other],
      response_metadata: { next_cursor: "p2" },
    });
    slack.next("conversations.replies", { messages: [{ ts: "1700000002.000000", metadata: marker("k2") }] });
    expect(await adapter.findPost(thread, "k2", startedAt)).toBe("C1:1700000002.000000");
    expect(slack.callsOf("conversations.replies")).toMatchObject([
      { channel: "C1", ts: rootTs, oldest: "1699913599.999000", include_all_metadata: "true" },
      { cursor: "p2" },
    ]);
  });

  it("that left nothing is told so", async () => {
    slack.next("conversations.replies", {
      messages: [{ ts: rootTs, metadata: { event_type: "other", event_payload: { key: "k2" } } }],
    });
    expect(await adapter.findPost(thread, "k2", startedAt)).toBeUndefined();
  });

  it("to open a thread is found in the channel", async () => {
    slack.next("conversations.history", { messages: [{ ts: rootTs, metadata: marker("k1") }] });
    expect(await adapter.findThread(place, "k1", startedAt)).toEqual({ thread, card: thread });
    slack.next("conversations.history", { messages: [] });
    expect(await adapter.findThread(place, "k1", startedAt)).toBeUndefined();
  });

  it("cannot be looked up for a while when Slack limits reading, which holds up no other post of the channel", async () => {
    slack.next("conversations.replies", { status: 429, headers: { "retry-after": "60" } });
    await expect(adapter.findPost(thread, "k2", startedAt)).rejects.toMatchObject({
      name: "RetryLater",
      afterMs: 60_000,
      scope: "delivery",
    });
  });

  it("is looked for further on where a limit broke the reading off, and from the start after any other failure", async () => {
    const limited = { status: 429, headers: { "retry-after": "60" } };
    const pageTo = (next_cursor: string) => ({ messages: [], response_metadata: { next_cursor } });
    slack.next("conversations.history", pageTo("p2"), limited, pageTo("p3"), limited, { messages: [] });
    const look = () => adapter.findThread(place, "k1", startedAt);
    await expect(look()).rejects.toMatchObject({ afterMs: 60_000 });
    await expect(look()).rejects.toMatchObject({ afterMs: 60_000 });
    expect(await look()).toBeUndefined();
    slack.next("conversations.history", pageTo("p2"), "invalid_cursor", { messages: [] });
    await expect(look()).rejects.toMatchObject({ name: "RetryLater" });
    expect(await look()).toBeUndefined();
    const cursors = slack.callsOf("conversations.history").map(({ cursor }) => cursor);
    expect(cursors).toEqual([undefined, "p2", "p2", "p3", "p3", undefined, "p2", undefined]);
  });

  it.each([-6, 6])("is looked for by Slack's own clock, when ours is %i hours off", async (hours) => {
    stage.clock.now = 1_800_000_000_000 + hours * 3_600_000;
    await adapter.send(thread, post, "k1");
    slack.next("chat.postMessage", "reset");
    await expect(adapter.send(thread, post, "k2")).rejects.toMatchObject({ uncertain: true });
    await adapter.send(thread, post, "k3");
    await adapter.findPost(thread, "k2", stage.clock.now);
    await adapter.findPost(thread, "k2", stage.clock.now);
    const bounds = slack.callsOf("conversations.replies").map(({ oldest }) => Number(oldest));
    expect(bounds).toEqual([1_799_999_999.999, 1_799_999_999.999]);
  });

  it("in a thread that is gone is told as gone", async () => {
    slack.next("conversations.replies", "thread_not_found");
    await expect(adapter.findPost(thread, "k2", startedAt)).rejects.toMatchObject({ name: "ThreadGone" });
  });
});

describe("the card", () => {
  it("is drawn anew in its place, its words not interpreted", async () => {
    expect(await adapter.showCard(thread, card)).toBe(thread);
    expect(slack.callsOf("chat.update")).toMatchObject([{ channel: "C1", ts: rootTs, parse: "none" }]);
    expect(slack.callsOf("chat.update")[0]).not.toHaveProperty("metadata");
  });

  it("of a deleted thread is told as gone", async () => {
    slack.next("chat.update", "message_not_found");
    await expect(adapter.showCard(thread, card, postAt(rootTs))).rejects.toMatchObject({ name: "ThreadGone" });
  });
});

describe("settling a choice", () => {
  const ts = "1700000009.000000";
  const section = { type: "rich_text", elements: [] };
  const shown = { ts, text: "Send &amp; go?", blocks: [section, { type: "actions", elements: [] }] };

  it("keeps the post's words and puts the outcome where the buttons were", async () => {
    slack.next("conversations.replies", { messages: [shown] });
    await adapter.settle(postAt(ts), "Anna sent it.");
    const [update] = slack.callsOf("chat.update");
    expect(update).toMatchObject({ channel: "C1", ts, text: "Send &amp; go?\nAnna sent it.", parse: "none" });
    expect(update?.["blocks"]).toMatchObject([
      section,
      { type: "rich_text", elements: [{ elements: [{ text: "Anna sent it." }] }] },
    ]);
  });

  it("shows the outcome alone when the post cannot be read", async () => {
    slack.next("conversations.replies", "method_not_supported_for_channel_type");
    await adapter.settle(postAt(ts), "Anna sent it.");
    expect(slack.callsOf("chat.update")).toMatchObject([{ text: "Anna sent it." }]);
  });

  it("once more, when the first answer was lost, adds nothing", async () => {
    const settled = { ts, text: "Send?\nAnna &amp; Ben sent it.", blocks: [section, section] };
    slack.next("conversations.replies", { messages: [settled] });
    await adapter.settle(postAt(ts), "Anna & Ben sent it.");
    expect(slack.callsOf("chat.update")).toEqual([]);
  });

  it("waits when reading is limited, for words are not thrown away", async () => {
    slack.next("conversations.replies", { status: 429, headers: { "retry-after": "60" } });
    await expect(adapter.settle(postAt(ts), "Anna sent it.")).rejects.toMatchObject({ name: "RetryLater" });
    expect(slack.callsOf("chat.update")).toEqual([]);
  });

  it("of a deleted post is done", async () => {
    slack.next("conversations.replies", "thread_not_found", { messages: [shown] });
    await adapter.settle(postAt(ts), "Anna sent it.");
    slack.next("chat.update", "message_not_found");
    await adapter.settle(postAt(ts), "Anna sent it.");
  });
});

it("limits posts by channel, marks and cards by workspace", () => {
  expect(adapter.pace(place, "post")).toMatchObject({ target: "slack:C1", concurrency: 3 });
  expect(adapter.pace(place, "mark").target).toBe(adapter.pace({ ...place, chat: "C2" }, "mark").target);
  expect(adapter.pace(place, "card").target).toBe("slack:cards");
});

it("stays a little below what Slack allows, for calls may arrive closer together than they left", () => {
  const ratesOf = (work: "post" | "mark" | "card") =>
    adapter.pace(place, work).rates.map(({ limit, perMs }) => [limit, perMs]);
  expect(ratesOf("post")).toEqual([
    // Allowed: 5 at once, then one a second.
    [4, 1010],
    [50, 210],
  ]);
  expect(ratesOf("mark")).toEqual([[20, 1260]]);
  expect(ratesOf("card")).toEqual([[10, 1260]]);
});
