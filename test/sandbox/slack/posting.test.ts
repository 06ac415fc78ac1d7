import { describe, expect, it } from "vitest";
import { office, outcome, post, tsOf, webClient } from "./harness.js";

const button = (action_id: string, label = "Retry", value = "v") => ({
  type: "button" as const,
  action_id,
  value,
  text: { type: "plain_text" as const, text: label },
});
const section = (text: string) => ({ type: "section" as const, text: { type: "plain_text" as const, text } });

describe("posting", () => {
  it("shows a post under the name it was given and answers with what it stored", async () => {
    const { slack, channel, web } = await office();
    const answer = await post(web, {
      channel,
      text: "Hello",
      username: "Bob",
      icon_emoji: ":phone:",
      metadata: { event_type: "sms", event_payload: { key: "k1" } },
    });
    expect(answer.message).toMatchObject({
      subtype: "bot_message",
      username: "Bob",
      text: "Hello",
      bot_id: slack.bot.botId,
    });
    expect(slack.message(channel, tsOf(answer))).toMatchObject({
      icons: { emoji: ":phone:" },
      metadata: { event_type: "sms", event_payload: { key: "k1" } },
    });
  });

  it("numbers messages upwards even when the clock stands still", async () => {
    const { channel, web } = await office({ now: () => 1_700_000_000_000 });
    const posts = [1, 2, 3].map((n) => post(web, { channel, text: `${n}` }));
    const stamps = (await Promise.all(posts)).map(tsOf);
    expect(new Set(stamps).size).toBe(3);
    for (const ts of stamps) expect(ts).toMatch(/^1700000000\.\d{6}$/);
  });

  it("refuses tokens by what is wrong with them", async () => {
    const { slack, channel } = await office();
    const as = (token: string) => outcome(post(webClient(slack, token), { channel, text: "x" }));
    expect(await as("xoxb-other")).toBe("invalid_auth");
    expect(await as("")).toBe("not_authed");
    expect(await as(slack.appToken)).toBe("not_allowed_token_type");
    expect(await outcome(webClient(slack).apps.connections.open())).toBe("not_allowed_token_type");
    const old = slack.botToken;
    const fresh = slack.revokeToken();
    expect([await as(old), await as(fresh)]).toEqual(["token_revoked", "ok"]);
  });

  it("takes JSON bodies and query strings as well as forms, and no other kind", async () => {
    const { slack, channel } = await office();
    const authorization = `Bearer ${slack.botToken}`;
    const send = async (type: string, body: string) => {
      const request = { method: "POST", headers: { authorization, "content-type": type }, body };
      return (await fetch(`${slack.apiUrl}chat.postMessage`, request)).json();
    };
    const blocks = [section("hi")];
    expect(await send("application/json; charset=utf-8", JSON.stringify({ channel, blocks }))).toMatchObject({
      ok: true,
    });
    expect(await send("application/json", "{")).toMatchObject({ ok: false, error: "invalid_json" });
    expect(await send("application/json", "[]")).toMatchObject({ error: "json_not_object" });
    expect(await send("text/plain", "x")).toMatchObject({ error: "invalid_post_type" });
    const query = await fetch(`${slack.apiUrl}conversations.info?channel=${channel}`, { headers: { authorization } });
    expect(await query.json()).toMatchObject({ ok: true, channel: { id: channel } });
    const unknown = await fetch(`${slack.apiUrl}chat.shout`, { headers: { authorization } });
    expect(await unknown.json()).toEqual({ ok: false, error: "unknown_method", req_method: "chat.shout" });
  });

  it("names its scopes and refuses what they do not cover", async () => {
    const { slack, channel, web } = await office({ scopes: ["chat:write", "channels:read"] });
    expect((await web.auth.test()).response_metadata?.scopes).toEqual(["chat:write", "channels:read"]);
    expect(await outcome(web.users.info({ user: slack.bot.userId }))).toBe("missing_scope");
    const answer = await post(web, { channel, text: "x", username: "Bob" });
    expect(slack.message(channel, tsOf(answer))?.username).toBeUndefined();
  });

  it("refuses posts where it is not, cannot see or nobody may write", async () => {
    const { slack, web } = await office();
    const postTo = (channel: string) => outcome(post(web, { channel, text: "x" }));
    expect(await postTo("C404")).toBe("channel_not_found");
    expect(await postTo(slack.addChannel({ name: "elsewhere", member: false }).id)).toBe("not_in_channel");
    expect(await postTo(slack.addChannel({ name: "secret", private: true, member: false }).id)).toBe(
      "channel_not_found",
    );
    const old = slack.addChannel({ name: "old" }).id;
    slack.archive(old);
    expect(await postTo(old)).toBe("is_archived");
  });

  it("refuses empty posts, digits lost from a thread's id and metadata out of shape", async () => {
    const { slack, channel, web } = await office();
    const attempt = (more: object) => outcome(web.apiCall("chat.postMessage", { channel, ...more }));
    expect(await attempt({})).toBe("no_text");
    expect(await attempt({ text: "  " })).toBe("no_text");
    expect(await attempt({ text: "x", thread_ts: "1700000000.1" })).toBe("invalid_thread_ts");
    expect(await attempt({ text: "x", metadata: { event_type: "sms" } })).toBe("invalid_metadata_format");
    const event_payload = { long: "x".repeat(4000) };
    expect(await attempt({ text: "x", metadata: { event_type: "sms", event_payload } })).toBe("metadata_too_large");
    expect(slack.messages(channel)).toEqual([]);
  });

  it("cuts text above 40,000 characters and says so", async () => {
    const { slack, channel, web } = await office();
    const answer = await post(web, { channel, text: "x".repeat(40_001) });
    expect(answer.response_metadata?.warnings).toEqual(["message_truncated"]);
    expect(slack.message(channel, tsOf(answer))?.text).toHaveLength(40_000);
  });

  it.each([
    ["51 blocks", Array.from({ length: 51 }, () => section("x"))],
    ["a section of 3,001 characters", [section("x".repeat(3001))]],
    ["an empty section", [section("")]],
    ["26 buttons", [{ type: "actions", elements: Array.from({ length: 26 }, (_, n) => button(`a${n}`)) }]],
    ["a label of 76 characters", [{ type: "actions", elements: [button("a", "x".repeat(76))] }]],
    ["a value of 2,001 characters", [{ type: "actions", elements: [button("a", "x", "v".repeat(2001))] }]],
    ["a button without action_id", [{ type: "actions", elements: [{ type: "button", text: section("x").text }] }]],
    ["an action_id used twice", [{ type: "actions", elements: [button("a"), button("a")] }]],
    ["11 context elements", [{ type: "context", elements: Array.from({ length: 11 }, () => section("x").text) }]],
    [
      "empty rich text",
      [{ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "" }] }] }],
    ],
    ["a block that does not exist", [{ type: "paragraph" }]],
  ])("refuses %s and says where", async (_name, blocks) => {
    const { channel, web } = await office();
    const call = web.apiCall("chat.postMessage", { channel, text: "x", blocks });
    await expect(call).rejects.toMatchObject({
      data: { error: "invalid_blocks", response_metadata: { messages: [expect.stringContaining("/blocks")] } },
    });
  });

  it("refuses blocks that together hold too many words", async () => {
    const { channel, web } = await office();
    const blocks = Array.from({ length: 5 }, () => section("x".repeat(2900)));
    expect(await outcome(post(web, { channel, text: "x", blocks }))).toBe("msg_blocks_too_long");
    expect(await outcome(web.apiCall("chat.postMessage", { channel, blocks: "no" }))).toBe("invalid_blocks_format");
  });

  it("opens a direct conversation when a post is addressed to a person", async () => {
    const { slack, anna, web } = await office();
    const answer = await post(web, { channel: anna, text: "psst" });
    expect(slack.direct(anna).id).toBe(answer.channel);
  });
});

describe("threads", () => {
  it("shows replies under their parent only, unless they are also sent to the channel", async () => {
    const { slack, channel, web } = await office();
    const thread_ts = tsOf(await post(web, { channel, text: "card" }));
    const reply = await post(web, { channel, thread_ts, text: "one" });
    await post(web, { channel, thread_ts, text: "two", reply_broadcast: true });
    expect(reply.message).toMatchObject({ thread_ts });
    expect(slack.messages(channel).map(({ text }) => text)).toEqual(["card", "two"]);
    expect(slack.replies(channel, thread_ts).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(slack.message(channel, thread_ts)).toMatchObject({ thread_ts, reply_count: 2 });
    expect(await outcome(post(web, { channel, thread_ts: tsOf(reply), text: "x" }))).toBe("cannot_reply_to_message");
  });

  it("lets a reply to a removed or unknown parent land openly in the channel, without an error", async () => {
    const { slack, channel, anna, web } = await office();
    const gone = slack.says(channel, anna, "parent");
    slack.says(channel, anna, "reply", { thread: gone });
    slack.removes(channel, gone);
    for (const thread_ts of [gone, "1600000000.000001"]) {
      const answer = await post(web, { channel, thread_ts, text: "for few eyes" });
      expect(answer.message?.thread_ts).toBeUndefined();
      expect(slack.messages(channel).at(-1)?.text).toBe("for few eyes");
    }
  });

  it("keeps a tombstone for a removed parent until its last reply goes", async () => {
    const { slack, channel, anna } = await office();
    const parent = slack.says(channel, anna, "parent");
    const reply = slack.says(channel, anna, "reply", { thread: parent });
    slack.removes(channel, parent);
    expect(slack.message(channel, parent)).toMatchObject({
      subtype: "tombstone",
      user: "USLACKBOT",
      thread_ts: parent,
    });
    slack.removes(channel, reply);
    expect(slack.message(channel, parent)).toBeUndefined();
  });
});

describe("rewriting", () => {
  it("replaces text, takes blocks away with it, and keeps metadata", async () => {
    const { slack, channel, web } = await office();
    const metadata = { event_type: "sms", event_payload: { key: "k" } };
    const ts = tsOf(await post(web, { channel, text: "a", blocks: [section("a")], metadata }));
    await web.chat.update({ channel, ts, text: "b" });
    const after = slack.message(channel, ts);
    expect(after).toMatchObject({ text: "b", metadata });
    expect(after?.blocks).toBeUndefined();
  });

  it("refuses long text, strangers' messages, unknown messages and archived channels", async () => {
    const { slack, channel, anna, web } = await office();
    const ts = tsOf(await post(web, { channel, text: "a" }));
    const update = (at: string, text = "b") => outcome(web.chat.update({ channel, ts: at, text }));
    expect(await update(ts, "x".repeat(4001))).toBe("msg_too_long");
    const hers = slack.says(channel, anna, "mine");
    expect(await update(hers)).toBe("cant_update_message");
    expect(await outcome(web.chat.delete({ channel, ts: hers }))).toBe("cant_delete_message");
    expect(await update("1600000000.000001")).toBe("message_not_found");
    slack.archive(channel);
    expect(await update(ts)).toBe("is_inactive");
  });

  it("lets rich text give way to rich text only", async () => {
    const { channel, web } = await office();
    const elements = [{ type: "rich_text_section" as const, elements: [{ type: "text" as const, text: "a" }] }];
    const blocks = [{ type: "rich_text" as const, elements }];
    const ts = tsOf(await post(web, { channel, text: "a", blocks }));
    expect(await outcome(web.chat.update({ channel, ts, text: "b", blocks: [section("b")] }))).toBe("block_mismatch");
    expect(await outcome(web.chat.update({ channel, ts, text: "b", blocks: [section("b"), ...blocks] }))).toBe("ok");
  });

  it("parses updates like a client unless told not to: an @here in foreign text wakes people", async () => {
    const { slack, channel, web } = await office();
    const ts = tsOf(await post(web, { channel, text: "x" }));
    const wakes = () => {
      const message = slack.message(channel, ts);
      return message === undefined ? [] : slack.notified(message);
    };
    await web.chat.update({ channel, ts, text: "come @here" });
    expect(wakes()).toEqual(["<!here>"]);
    await web.chat.update({ channel, ts, text: "come @here", parse: "none" });
    expect(wakes()).toEqual([]);
  });
});

describe("reactions", () => {
  it("adds and removes under the one name that Slack keeps", async () => {
    const { slack, channel, anna, web } = await office();
    const timestamp = slack.says(channel, anna, "hi");
    await web.reactions.add({ channel, timestamp, name: "thumbsup" });
    slack.reacts(channel, timestamp, "+1", anna);
    expect(slack.message(channel, timestamp)?.reactions).toEqual([
      { name: "+1", count: 2, users: [slack.bot.userId, anna] },
    ]);
    expect(await outcome(web.reactions.add({ channel, timestamp, name: "+1" }))).toBe("already_reacted");
    await web.reactions.remove({ channel, timestamp, name: "+1" });
    expect(await outcome(web.reactions.remove({ channel, timestamp, name: "+1" }))).toBe("no_reaction");
    expect((await web.reactions.get({ channel, timestamp })).message?.reactions).toEqual([
      { name: "+1", count: 1, users: [anna] },
    ]);
  });

  it("refuses names that are none and messages that are not there", async () => {
    const { slack, channel, anna, web } = await office();
    const timestamp = slack.says(channel, anna, "hi");
    const add = (name: string, at = timestamp) => outcome(web.reactions.add({ channel, timestamp: at, name }));
    expect(await add("white_chekc_mark")).toBe("invalid_name");
    expect(await add(":memo:")).toBe("invalid_name");
    expect(await add("memo", "1600000000.000001")).toBe("message_not_found");
    expect(await add("memo", "1600000000.1")).toBe("bad_timestamp");
  });
});
