import { expect, it } from "vitest";
import { office, outcome, post, tsOf } from "./harness.js";

it("gives history newest first, in pages, within the asked-for time", async () => {
  const { slack, channel, anna, web } = await office();
  const stamps = ["a", "b", "c", "d"].map((text) => slack.says(channel, anna, text));
  const first = await web.conversations.history({ channel, limit: 3 });
  expect(first.messages?.map(({ text }) => text)).toEqual(["d", "c", "b"]);
  expect(first.has_more).toBe(true);
  const cursor = first.response_metadata?.next_cursor ?? "";
  expect((await web.conversations.history({ channel, limit: 3, cursor })).messages?.map(({ text }) => text)).toEqual([
    "a",
  ]);
  const [, oldest = "", , latest = ""] = stamps;
  const texts = async (inclusive: boolean) =>
    (await web.conversations.history({ channel, oldest, latest, inclusive })).messages?.map(({ text }) => text);
  expect(await texts(false)).toEqual(["c"]);
  expect(await texts(true)).toEqual(["d", "c", "b"]);
  expect(await outcome(web.conversations.history({ channel, cursor: "nonsense" }))).toBe("invalid_cursor");
});

it("tells a message's metadata only when asked for all of it", async () => {
  const { channel, web } = await office();
  const metadata = { event_type: "sms", event_payload: { key: "k" } };
  const ts = tsOf(await post(web, { channel, text: "x", metadata }));
  const read = async (include_all_metadata: boolean) =>
    (await web.conversations.replies({ channel, ts, include_all_metadata })).messages?.[0]?.metadata;
  expect(await read(false)).toEqual({ event_type: "sms" });
  expect(await read(true)).toEqual(metadata);
});

it("gives a thread oldest first with its parent, and no thread that is not there", async () => {
  const { slack, channel, anna, web } = await office();
  const ts = slack.says(channel, anna, "parent");
  const [one = ""] = ["one", "two", "three"].map((text) => slack.says(channel, anna, text, { thread: ts }));
  const texts = async (more: object) =>
    (await web.conversations.replies({ channel, ts, ...more })).messages?.map(({ text }) => text);
  expect(await texts({})).toEqual(["parent", "one", "two", "three"]);
  expect(await texts({ oldest: one })).toEqual(["parent", "two", "three"]);
  expect(await texts({ limit: 2 })).toEqual(["parent", "one", "two"]);
  expect(await outcome(web.conversations.replies({ channel, ts: "1600000000.000001" }))).toBe("thread_not_found");
});

it("gives no more than 15 messages to an app that is sold", async () => {
  const { slack, channel, anna, web } = await office({ historyLimit: 15 });
  for (let n = 0; n < 20; n += 1) slack.says(channel, anna, `${n}`);
  expect((await web.conversations.history({ channel, limit: 200 })).messages).toHaveLength(15);
});

it("tells of channels what an app may know", async () => {
  const { slack, channel, anna, web } = await office();
  const hidden = slack.addChannel({ name: "secret", private: true, member: false }).id;
  const shared = slack.addChannel({ name: "partners", extShared: true, member: false }).id;
  expect((await web.conversations.info({ channel: shared })).channel).toMatchObject({
    is_member: false,
    is_ext_shared: true,
  });
  expect(await outcome(web.conversations.info({ channel: hidden }))).toBe("channel_not_found");
  expect(await outcome(web.conversations.history({ channel: shared }))).toBe("not_in_channel");
  await web.conversations.join({ channel: shared });
  expect(
    slack
      .channels()
      .find(({ id }) => id === shared)
      ?.members.has(slack.bot.userId),
  ).toBe(true);
  const list = await web.conversations.list({ types: "public_channel,private_channel" });
  expect(list.channels?.map(({ id }) => id)).toEqual([channel, shared]);
  slack.says(channel, anna, "hi");
  expect((await web.conversations.members({ channel })).members).toEqual([slack.bot.userId, anna]);
});

it("tells who people are: guests, outsiders and bots", async () => {
  const { slack, web } = await office();
  const guest = slack.addUser({ name: "Gus", guest: "single" }).id;
  const outsider = slack.addUser({ name: "Olga", team: "T0OTHER" }).id;
  expect((await web.users.info({ user: guest })).user).toMatchObject({
    is_restricted: true,
    is_ultra_restricted: true,
  });
  expect((await web.users.info({ user: outsider })).user).toMatchObject({ team_id: "T0OTHER", is_restricted: false });
  expect(await outcome(web.users.info({ user: "U404" }))).toBe("user_not_found");
  const page = await web.users.list({ limit: 1 });
  expect([page.members?.length, page.response_metadata?.next_cursor !== ""]).toEqual([1, true]);
  expect((await web.bots.info({ bot: slack.bot.botId })).bot).toMatchObject({ user_id: slack.bot.userId });
});

it("links to messages, and whispers to one person", async () => {
  const { slack, channel, anna, web } = await office();
  const ts = slack.says(channel, anna, "hi");
  const { permalink } = await web.chat.getPermalink({ channel, message_ts: ts });
  expect(permalink).toBe(`${slack.url}archives/${channel}/p${ts.replace(".", "")}`);
  await web.chat.postEphemeral({ channel, user: anna, text: "only you" });
  expect(slack.ephemerals(channel)).toMatchObject([{ to: anna, text: "only you" }]);
  const stranger = slack.addUser({ name: "Stan" }).id;
  expect(await outcome(web.chat.postEphemeral({ channel, user: stranger, text: "x" }))).toBe("user_not_in_channel");
});
