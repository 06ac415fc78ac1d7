import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Opened } from "../../../src/adapter.js";
import { StoreUnavailable } from "../../../src/errors.js";
import type { Card, Conversation, ConversationId, Post, PostId } from "../../../src/message.js";
import { whereOf } from "../../../adapters/slack/ids.js";
import { modes, setStage, type Stage } from "./stage.js";

const number = "+442079460123";
const conversation: Conversation = {
  id: "c1" as ConversationId,
  line: "Sales",
  extension: 1,
  contact: { number, wire: number },
};
const card: Card = { contact: number, line: "Sales", state: "open" };
const channel = "C0SALES";
const place = { platform: "slack", chat: channel };
const from = (text: string): Post => ({
  speaker: { kind: "contact", name: number },
  texts: [{ text, at: Date.now() }],
});
const postOf = (ts: string): PostId => `${channel}:${ts}` as PostId;

describe.each(modes)("Slack in %s mode", (mode) => {
  let stage: Stage;
  let opened: Opened;
  let root: string;

  beforeEach(async () => {
    stage = await setStage(mode);
    stage.slack.addUser({ id: "U1", name: "Anna" });
    stage.slack.addUser({ id: "U2", name: "Gus", guest: "multi" });
    stage.slack.addUser({ id: "U3", name: "Olga", team: "TOTHER" });
    stage.slack.addChannel({ id: channel, name: "sales", members: ["U1"] });
    opened = await stage.adapter.open(conversation, place, card, "k-open");
    root = whereOf(opened.thread).ts;
  });

  afterEach(async () => {
    await stage.close();
  });

  /** So many events are stored, and Slack has nothing more to tell. */
  const told = async (count: number): Promise<void> => {
    await vi.waitFor(() => expect(stage.events).toHaveLength(count));
    await vi.waitFor(() => expect(stage.slack.unacknowledged()).toEqual([]));
  };

  it("a reply in the thread comes in as plain text", async () => {
    const { slack } = stage;
    slack.says(channel, "U1", "Hi @Anna & all: see a.example :wave:", { thread: root });
    await told(1);
    expect(stage.events[0]).toMatchObject({
      kind: "written",
      place,
      thread: opened.thread,
      author: { id: "U1", name: "Anna" },
      text: "Hi @Anna & all: see a.example 👋",
      files: [],
    });
  });

  it("a reply with a file, and one that is also sent to the channel, come in once each", async () => {
    stage.slack.says(channel, "U1", "", { thread: root, files: [{ name: "a.jpg", mimetype: "image/jpeg" }] });
    stage.slack.says(channel, "U1", "for all", { thread: root, broadcast: true });
    await told(2);
    expect(stage.events).toMatchObject([{ text: "", files: ["a.jpg"] }, { text: "for all" }]);
  });

  it("a reply that mentions the bot is told twice under one key", async () => {
    stage.slack.says(channel, "U1", `<@${stage.slack.bot.userId}> hello`, { thread: root, raw: true });
    await told(2);
    expect(new Set(stage.events.map(({ key }) => key)).size).toBe(1);
  });

  it("what is none of the bridge's business stays outside: chat, our own posts and marks, previews", async () => {
    const { slack, adapter } = stage;
    slack.says(channel, "U1", "lunch?");
    await adapter.send(opened.thread, from("see https://a.example"), "k1");
    await adapter.showCard(opened.thread, card);
    const reply = slack.says(channel, "U1", "see https://b.example", { thread: root });
    slack.unfurls(channel, reply);
    await adapter.mark(postOf(reply), "sent");
    slack.reacts(channel, reply, "tada", "U1");
    slack.says(channel, "U1", "end", { thread: root });
    await told(2);
    expect(stage.events).toMatchObject([{ text: "see https://b.example" }, { text: "end" }]);
  });

  it("being invited into a channel is told as a gap and as something mended, somebody else's joining is not", async () => {
    const { slack } = stage;
    slack.kickBot(channel);
    slack.inviteBot(channel);
    slack.joins(channel, slack.addUser({ name: "Eve" }).id);
    slack.says(channel, "U1", "end", { thread: root });
    await told(1);
    await vi.waitFor(() => expect(slack.unacknowledged()).toEqual([]));
    expect(stage.mended).toEqual([channel]);
    expect(stage.gaps()).toBe(1);
  });

  it("edits and deletions of replies are told", async () => {
    const { slack } = stage;
    const ts = slack.says(channel, "U1", "helo", { thread: root });
    slack.edits(channel, ts, "hello");
    slack.removes(channel, ts);
    await told(3);
    expect(stage.events).toMatchObject([
      { kind: "written", post: postOf(ts) },
      { kind: "edited", post: postOf(ts), text: "hello", author: { id: "U1" } },
      { kind: "deleted", post: postOf(ts) },
    ]);
  });

  it("people of another organisation and guests do not speak for the team", async () => {
    const { slack, adapter } = stage;
    slack.says(channel, "U3", "hello", { thread: root });
    await told(1);
    expect(stage.events[0]).toHaveProperty("author.refused");
    expect(await adapter.person("U3")).toEqual({ name: "Olga", refused: expect.stringContaining("organisation") });
    expect(await adapter.person("U2")).toEqual({ name: "Gus", refused: expect.stringContaining("guest") });
    expect(await adapter.person("U1")).toEqual({ name: "Anna" });
  });

  it("a text goes out letter by letter, notifies nobody and links nowhere", async () => {
    const { slack, adapter } = stage;
    const text = "*Hi* <!channel> @here <@U1> & https://evil.example :wave:";
    const sent = await adapter.send(opened.thread, from(text), "k1");
    const message = slack.message(channel, whereOf(sent).ts);
    expect(message).toMatchObject({ thread_ts: root, username: "+44 20 7946 0123" });
    expect(message && slack.rendered(message)).toBe(text);
    expect(message && slack.live(message)).toEqual([]);
    expect(message).not.toHaveProperty("attachments");
  });

  it("the longest text that a post carries arrives whole, however much of it needs escaping", async () => {
    const { slack, adapter } = stage;
    const text = "&<".repeat(adapter.textLimit / 2);
    const sent = await adapter.send(opened.thread, from(text), "k1");
    const message = slack.message(channel, whereOf(sent).ts);
    expect(message && slack.rendered(message)).toBe(text);
  });

  it("a thread whose card was deleted is gone, and nothing is left lying open in the channel", async () => {
    const { slack, adapter } = stage;
    slack.says(channel, "U1", "hello", { thread: root });
    slack.removes(channel, root);
    await told(2);
    expect(stage.events[1]).toMatchObject({ kind: "gone", thread: opened.thread });
    await expect(adapter.send(opened.thread, from("secret"), "k1")).rejects.toMatchObject({ name: "ThreadGone" });
    expect(slack.messages(channel).filter(({ text }) => text.includes("secret"))).toEqual([]);
  });

  it("an attempt whose answer was lost is found by its key", async () => {
    const { slack, adapter } = stage;
    const since = Date.now();
    slack.fail({ method: "chat.postMessage", kind: "reset after effect", times: 1 });
    const lost = { name: "RetryLater", uncertain: true };
    await expect(adapter.send(opened.thread, from("once"), "k1")).rejects.toMatchObject(lost);
    const found = await adapter.findPost(opened.thread, "k1", since);
    expect(found).toBe(postOf(slack.replies(channel, root)[0]?.ts ?? ""));
    expect(await adapter.findPost(opened.thread, "k2", since)).toBeUndefined();
    slack.fail({ method: "chat.postMessage", kind: "truncated", times: 1 });
    await expect(adapter.open(conversation, place, card, "k3")).rejects.toMatchObject(lost);
    const thread = await adapter.findThread(place, "k3", since);
    expect(thread?.thread).not.toBe(opened.thread);
    expect(await adapter.findThread(place, "k-open", since)).toEqual(opened);
  });

  it("a button is a choice, and once it is settled the outcome stands in its place", async () => {
    const { slack, adapter } = stage;
    const choices: Post["choices"] = [{ action: "retry", subject: "m1", label: "Retry" }];
    const post = await adapter.send(opened.thread, { ...from("Not sent: <busy> & full."), choices }, "k1");
    const { ts } = whereOf(post);
    expect(await slack.presses(channel, ts, "retry:m1", "U1")).toBe(true);
    expect(stage.events).toMatchObject([
      { kind: "chosen", post, action: "retry", subject: "m1", author: { id: "U1" } },
    ]);
    await adapter.settle(post, "Anna tried again.");
    const settled = slack.message(channel, ts);
    expect(settled && slack.rendered(settled)).toBe("Not sent: <busy> & full.\nAnna tried again.");
    expect(JSON.stringify(settled)).not.toContain("retry:m1");
    expect(settled).toHaveProperty("metadata.event_payload.key", "k1");
  });

  it("a choice is settled also after a restart, when the post must be read", async () => {
    const { slack, adapter } = stage;
    const choices: Post["choices"] = [{ action: "discard", subject: "m1", label: "Discard" }];
    const post = await adapter.send(opened.thread, { ...from("Send?"), choices }, "k1");
    await adapter.settle(post, "Discarded.");
    const settled = slack.message(channel, whereOf(post).ts);
    expect(settled && slack.rendered(settled)).toBe("Send?\nDiscarded.");
  });

  it("marks take each other's place on the person's own message", async () => {
    const { slack, adapter } = stage;
    const ts = slack.says(channel, "U1", "hello", { thread: root });
    slack.reacts(channel, ts, "x", "U1");
    for (const mark of ["waiting", "failed", "sent"] as const) await adapter.mark(postOf(ts), mark);
    const ours = slack.message(channel, ts)?.reactions?.filter(({ users }) => users.includes(slack.bot.userId));
    expect(ours?.map(({ name }) => name)).toEqual(["white_check_mark"]);
    expect(slack.message(channel, ts)?.reactions).toContainEqual({ name: "x", count: 1, users: ["U1"] });
  });

  it("what could not be stored is not acknowledged, and comes again under the same key", async () => {
    stage.breakStore(new StoreUnavailable("disk full"));
    const tried = stage.slack.says(channel, "U1", "hello", { thread: root });
    await vi.waitFor(() => expect(stage.slack.unacknowledged()[0]?.attempt).toBeGreaterThan(0));
    stage.breakStore(undefined);
    await told(1);
    expect(stage.events[0]).toMatchObject({ key: `w:${channel}:${tried}` });
    expect(stage.slack.lost()).toEqual([]);
  });

  it("a press that could not be stored is told to the person as failed", async () => {
    const choices: Post["choices"] = [{ action: "send", subject: "m1", label: "Send" }];
    const post = await stage.adapter.send(opened.thread, { ...from("Send?"), choices }, "k1");
    stage.breakStore(new StoreUnavailable("disk full"));
    const acknowledged = stage.slack.presses(channel, whereOf(post).ts, "send:m1", "U1");
    // In Socket Mode nothing says no: the person sees it after three seconds.
    expect(await acknowledged).toBe(false);
  });

  it("the command answers with help, to the person alone", async () => {
    expect(await stage.slack.command("U1", channel, "/sms")).toBe(true);
    expect(stage.slack.ephemerals(channel)).toMatchObject([
      { to: "U1", text: expect.stringContaining("Reply in the thread") },
    ]);
  });

  it("doctor finds all well, or the channel that the bot is missing in", async () => {
    expect((await stage.adapter.check([place])).map(({ ok }) => ok)).toEqual([true, true, true]);
    stage.slack.kickBot(channel);
    expect((await stage.adapter.check([place])).at(-1)).toMatchObject({
      ok: false,
      detail: expect.stringContaining("/invite"),
    });
    const waits = { name: "RetryLater", scope: "target", afterMs: 60_000 };
    await expect(stage.adapter.send(opened.thread, from("x"), "k1")).rejects.toMatchObject(waits);
    expect(stage.adapter.unwell()).toContain(channel);
    stage.slack.inviteBot(channel);
    await vi.waitFor(() => expect(stage.adapter.unwell()).toBeUndefined());
    await stage.adapter.send(opened.thread, from("x"), "k1");
  });

  it("a revoked token is told as unwell, and work waits", async () => {
    stage.slack.revokeToken();
    await expect(stage.adapter.send(opened.thread, from("x"), "k1")).rejects.toMatchObject({
      name: "RetryLater",
      scope: "target",
    });
    expect(stage.adapter.unwell()).toMatch(/token_revoked/);
  });

  it("a stop breaks off no call that is under way", async () => {
    stage.slack.latency(100);
    const sending = stage.adapter.send(opened.thread, from("under way"), "k1");
    await stage.adapter.stop();
    const message = stage.slack.message(channel, whereOf(await sending).ts);
    expect(message && stage.slack.rendered(message)).toContain("under way");
  });

  it("after an outage everything goes on", async () => {
    const { slack, adapter } = stage;
    slack.down(true);
    await expect(adapter.send(opened.thread, from("x"), "k1")).rejects.toMatchObject({ name: "RetryLater" });
    slack.down(false);
    await vi.waitFor(() => expect(adapter.unwell()).toBeUndefined());
    slack.says(channel, "U1", "hello", { thread: root });
    await told(1);
    await adapter.send(opened.thread, from("x"), "k1");
  });
});

it("in Socket Mode a refreshed and a broken connection are renewed, and stop leaves none", async () => {
  const stage = await setStage("socket");
  stage.slack.addUser({ id: "U1", name: "Anna" });
  stage.slack.addChannel({ id: channel, name: "sales" });
  const { thread } = await stage.adapter.open(conversation, place, card, "k1");
  const { ts } = whereOf(thread);
  const opens = () => stage.slack.calls.filter(({ method }) => method === "apps.connections.open").length;
  stage.slack.disconnect("refresh_requested");
  stage.slack.says(channel, "U1", "one", { thread: ts });
  await vi.waitFor(() => expect(stage.events).toMatchObject([{ text: "one" }]));
  await vi.waitFor(() => expect(opens()).toBe(2));
  stage.slack.dropSockets();
  stage.slack.says(channel, "U1", "two", { thread: ts });
  await vi.waitFor(() => expect(new Set(stage.events.map(({ key }) => key)).size).toBe(2));
  await stage.adapter.stop();
  await vi.waitFor(() => expect(stage.slack.connections()).toBe(0));
  await stage.close();
});

it("in HTTP mode the address answers Slack's challenge", async () => {
  const stage = await setStage("http");
  expect(await stage.slack.verifiesUrl()).toBe(true);
  await stage.close();
});

it("with the config's leave, people of another organisation and guests speak too", async () => {
  const stage = await setStage("http", { allowGuests: true, allowOutsiders: true });
  stage.slack.addUser({ id: "U2", name: "Gus", guest: "single" });
  stage.slack.addUser({ id: "U3", name: "Olga", team: "TOTHER" });
  expect(await stage.adapter.person("U2")).toEqual({ name: "Gus" });
  expect(await stage.adapter.person("U3")).toEqual({ name: "Olga" });
  await stage.close();
});

it.each(modes)("what comes again in %s mode because the answer was lost has the same key", async (mode) => {
  const stage = await setStage(mode);
  stage.slack.addUser({ id: "U1", name: "Anna" });
  stage.slack.addChannel({ id: channel, name: "sales" });
  const { thread } = await stage.adapter.open(conversation, place, card, "k1");
  await vi.waitFor(() => expect(stage.slack.unacknowledged()).toEqual([]));
  // The reply's own, and that of the thread's count of replies.
  stage.slack.loseAcks(2);
  stage.slack.says(channel, "U1", "hello", { thread: whereOf(thread).ts });
  await vi.waitFor(() => expect(stage.events).toHaveLength(2));
  expect(stage.events[0]?.key).toBe(stage.events[1]?.key);
  await stage.close();
});
