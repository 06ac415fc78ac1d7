import { expect, it, vi } from "vitest";
import { SUBSCRIPTIONS, type SlackEmulator } from "../../../src/sandbox/slack/index.js";
import { office, post, tsOf } from "./harness.js";
import type { Received } from "./sdk.js";
import { socketClient } from "./sdk.js";

async function listening(slack: SlackEmulator): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  await socketClient(slack, ({ body, ack }: Received) => {
    events.push({ ...body.event, envelope: body });
    void ack();
  });
  return events;
}

const kinds = (events: Record<string, unknown>[]) => events.map(({ type, subtype }) => subtype ?? type);

it("tells a person's message with all that Slack says of it", async () => {
  const { slack, channel, anna } = await office();
  const events = await listening(slack);
  const ts = slack.says(channel, anna, "hello");
  await vi.waitFor(() => expect(events).toHaveLength(1));
  expect(events[0]).toMatchObject({
    type: "message",
    user: anna,
    text: "hello",
    ts,
    event_ts: ts,
    channel,
    channel_type: "channel",
    team: slack.team.id,
    client_msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    blocks: [{ type: "rich_text" }],
    envelope: {
      type: "event_callback",
      team_id: slack.team.id,
      api_app_id: slack.bot.appId,
      event_id: expect.stringMatching(/^Ev/),
      event_time: expect.any(Number),
      authorizations: [{ user_id: slack.bot.userId, is_bot: true }],
    },
  });
  expect(events[0]).not.toHaveProperty("mrkdwn");
});

it("tells files, /me, replies to the channel and outsiders apart", async () => {
  const { slack, channel, anna } = await office();
  const events = await listening(slack);
  const olga = slack.addUser({ name: "Olga", team: "T0OTHER" }).id;
  const thread = slack.says(channel, anna, "", { files: [{ name: "a.jpg", mimetype: "image/jpeg" }] });
  slack.says(channel, anna, "waves", { subtype: "me_message" });
  slack.says(channel, olga, "hi all", { thread, broadcast: true });
  await vi.waitFor(() =>
    expect(kinds(events)).toEqual(["file_share", "me_message", "thread_broadcast", "message_changed"]),
  );
  expect(events[0]).toMatchObject({ text: "", files: [{ name: "a.jpg", mimetype: "image/jpeg" }] });
  expect(events[2]).toMatchObject({
    user: olga,
    user_team: "T0OTHER",
    source_team: "T0OTHER",
    thread_ts: thread,
    parent_user_id: anna,
    root: { ts: thread },
  });
});

it("tells edits, and noise that looks like edits, without a user at the top", async () => {
  const { slack, channel, anna } = await office();
  const events = await listening(slack);
  const ts = slack.says(channel, anna, "helo");
  slack.edits(channel, ts, "hello");
  slack.unfurls(channel, ts);
  slack.says(channel, anna, "reply", { thread: ts });
  const changes = () => events.filter(({ subtype }) => subtype === "message_changed");
  await vi.waitFor(() => expect(changes()).toHaveLength(3));
  const [edit, preview, counter] = changes();
  expect(edit).toMatchObject({
    hidden: true,
    message: { text: "hello", ts, user: anna, edited: { user: anna } },
    previous_message: { text: "helo" },
  });
  for (const change of changes()) expect(change).not.toHaveProperty("user");
  expect(preview).toMatchObject({
    message: { text: "hello", attachments: [{ id: 1 }] },
    previous_message: { text: "hello" },
  });
  expect(counter).toMatchObject({ message: { text: "hello", reply_count: 1 }, previous_message: { text: "hello" } });
});

it("shows previews for links unless a post forbids both kinds", async () => {
  const { slack, channel, web } = await office();
  const text = "<https://x.example>";
  const open = tsOf(await post(web, { channel, text, unfurl_links: false }));
  const shut = tsOf(await post(web, { channel, text, unfurl_links: false, unfurl_media: false }));
  expect(slack.message(channel, open)?.attachments).toHaveLength(1);
  expect(slack.message(channel, shut)?.attachments).toBeUndefined();
});

it("tells removals: plainly, by a tombstone for a parent, and of the tombstone in the end", async () => {
  const { slack, channel, anna } = await office();
  const parent = slack.says(channel, anna, "parent");
  const reply = slack.says(channel, anna, "reply", { thread: parent });
  const events = await listening(slack);
  await vi.waitFor(() => expect(events).toHaveLength(3));
  slack.removes(channel, parent);
  slack.removes(channel, reply);
  await vi.waitFor(() => expect(events).toHaveLength(6));
  expect(events.slice(3)).toMatchObject([
    {
      subtype: "message_changed",
      message: { subtype: "tombstone", ts: parent, user: "USLACKBOT" },
      previous_message: { text: "parent" },
    },
    { subtype: "message_deleted", deleted_ts: reply, previous_message: { text: "reply" } },
    { subtype: "message_deleted", deleted_ts: parent, previous_message: { subtype: "tombstone" } },
  ]);
});

it("brings the app's own posts back to it, with their metadata", async () => {
  const { slack, channel, web } = await office();
  const events = await listening(slack);
  const metadata = { event_type: "sms", event_payload: { key: "k" } };
  const ts = tsOf(await post(web, { channel, text: "x", username: "Bob", metadata }));
  await web.chat.update({ channel, ts, text: "y" });
  await vi.waitFor(() => expect(kinds(events)).toEqual(["bot_message", "message_changed"]));
  expect(events[0]).toMatchObject({ bot_id: slack.bot.botId, username: "Bob", metadata });
  expect(events[0]).not.toHaveProperty("user");
});

it("tells the app only of what it subscribed to", async () => {
  const { slack, anna } = await office({ subscriptions: ["message.groups", "member_joined_channel"] });
  const [open, closed] = [false, true].map((hidden) => slack.addChannel({ name: `is-${hidden}`, private: hidden }).id);
  const events = await listening(slack);
  slack.kickBot(open ?? "");
  slack.inviteBot(open ?? "");
  slack.says(open ?? "", anna, `<@${slack.bot.userId}> hello`, { raw: true });
  slack.says(slack.direct(anna).id, anna, "hello");
  slack.says(closed ?? "", anna, "hello");
  await vi.waitFor(() => expect(kinds(events)).toEqual(["member_joined_channel", "message"]));
  expect(events).toMatchObject([{ user: slack.bot.userId, channel: open }, { channel: closed }]);
});

it("tells reactions without their thread, mentions twice, and nothing from where the app is not", async () => {
  const { slack, channel, anna } = await office({
    subscriptions: [...SUBSCRIPTIONS, "reaction_added", "reaction_removed"],
  });
  const elsewhere = slack.addChannel({ name: "elsewhere", member: false }).id;
  const events = await listening(slack);
  slack.says(elsewhere, anna, "not for bots");
  const ts = slack.says(channel, anna, `<@${slack.bot.userId}> help`, { raw: true });
  slack.reacts(channel, ts, "eyes", anna);
  slack.unreacts(channel, ts, "eyes", anna);
  await vi.waitFor(() =>
    expect(kinds(events)).toEqual(["message", "app_mention", "reaction_added", "reaction_removed"]),
  );
  expect(events[1]).toMatchObject({ ts, user: anna, channel });
  expect(events[2]).toMatchObject({
    user: anna,
    reaction: "eyes",
    item_user: anna,
    item: { type: "message", channel, ts },
  });
});

it("tells the app that it was put out, that a channel was archived and that its token was revoked", async () => {
  const subscriptions = ["member_left_channel", "channel_left", "group_archive", "tokens_revoked"];
  const { slack, channel } = await office({ subscriptions });
  const other = slack.addChannel({ name: "other", private: true }).id;
  const events = await listening(slack);
  slack.kickBot(channel);
  slack.archive(other);
  slack.revokeToken();
  await vi.waitFor(() => expect(kinds(events)).toEqual(subscriptions));
  expect(events[0]).toMatchObject({ user: slack.bot.userId, channel });
});

it("tells which button was pressed where, and takes five answers through the URL it gives", async () => {
  const { slack, channel, anna, web } = await office();
  let pressed: Record<string, unknown> = {};
  await socketClient(slack, ({ type, body, ack }) => {
    if (type === "interactive") pressed = body;
    void ack();
  });
  const text = { type: "plain_text" as const, text: "Retry" };
  const elements = [{ type: "button" as const, action_id: "retry", value: "m1", text }];
  const thread_ts = tsOf(await post(web, { channel, text: "card" }));
  const blocks = [{ type: "actions" as const, block_id: "b1", elements }];
  const ts = tsOf(await post(web, { channel, text: "failed", thread_ts, blocks }));
  // A click fails while the client renews its connection, as it may on a busy machine; a person clicks again.
  await vi.waitFor(async () => expect(await slack.presses(channel, ts, "retry", anna)).toBe(true), 5000);
  expect(pressed).toMatchObject({
    type: "block_actions",
    user: { id: anna, team_id: slack.team.id },
    channel: { id: channel, name: "sales" },
    container: { type: "message", message_ts: ts, channel_id: channel, thread_ts, is_ephemeral: false },
    message: { ts, thread_ts },
    actions: [{ type: "button", action_id: "retry", block_id: "b1", value: "m1" }],
  });
  const answer = async (body: object) =>
    (await fetch(String(pressed.response_url), { method: "POST", body: JSON.stringify(body) })).status;
  expect(await answer({})).toBe(400);
  expect(await answer({ response_type: "in_channel", text: "for all", thread_ts })).toBe(200);
  expect(slack.replies(channel, thread_ts).at(-1)?.text).toBe("for all");
  expect(await answer({ text: "for you" })).toBe(200);
  expect(slack.ephemerals(channel)).toMatchObject([{ to: anna, text: "for you" }]);
  expect(await answer({ replace_original: true, text: "done" })).toBe(200);
  expect(slack.message(channel, ts)?.text).toBe("done");
  expect(await answer({ delete_original: true })).toBe(200);
  expect(slack.message(channel, ts)).toBeUndefined();
  expect(await answer({ text: "once more" })).toBe(404);
});
