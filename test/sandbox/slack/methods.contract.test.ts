/**
 * One suite of what the methods mean, run through Slack's own client on our emulator and on one that others wrote (`emulate`), so
 * that ours is not merely as we imagine Slack. Where the two differ, the last part says how and why ours stays.
 */
import { WebClient } from "@slack/web-api";
import { createEmulator } from "emulate";
import { describe, expect, it } from "vitest";
import { createSlackEmulator } from "../../../src/sandbox/slack/index.js";
import { finallyDo, outcome, post, silent, tsOf } from "./harness.js";

interface Server {
  readonly web: WebClient;
  /** A public channel that the app is in. */
  readonly channel: string;
}

const servers = { ours: startOurs, emulate: startTheirs };

async function startOurs(): Promise<Server> {
  const slack = await createSlackEmulator();
  finallyDo(() => slack.close());
  const channel = slack.addChannel({ name: "sales" }).id;
  return { web: client(slack.apiUrl, slack.botToken), channel };
}

async function startTheirs(): Promise<Server> {
  const slack = await createEmulator({ service: "slack", port: 0, seed: { slack: { channels: [{ name: "sales" }] } } });
  finallyDo(() => slack.close());
  const web = client(`${slack.url}/api/`, "xoxb-any");
  const { channels = [] } = await web.conversations.list();
  return { web, channel: channels.find(({ name }) => name === "sales")?.id ?? "" };
}

function client(slackApiUrl: string, token: string): WebClient {
  return new WebClient(token, { slackApiUrl, retryConfig: { retries: 0 }, timeout: 2000, logger: silent });
}

const unknown = "1600000000.000001";
const section = (text: string) => ({ type: "section" as const, text: { type: "plain_text" as const, text } });
const metadata = { event_type: "sms", event_payload: { key: "k" } };

describe.each(["ours", "emulate"] as const)("%s", (name) => {
  const start = servers[name];

  it("says who the app is", async () => {
    const { web } = await start();
    expect(await web.auth.test()).toMatchObject({ ok: true, team_id: expect.any(String), user_id: expect.any(String) });
  });

  it("stores a post and gives it back, newest first", async () => {
    const { web, channel } = await start();
    const answer = await post(web, { channel, text: "one", blocks: [section("one")], metadata });
    await post(web, { channel, text: "two" });
    expect(answer).toMatchObject({ channel, ts: expect.stringMatching(/^\d{10}\.\d{6}$/), message: { text: "one" } });
    const { messages = [] } = await web.conversations.history({ channel, include_all_metadata: true });
    expect(messages.slice(0, 2)).toMatchObject([{ text: "two" }, { text: "one", ts: answer.ts, metadata }]);
    expect(messages[1]?.blocks?.[0]).toMatchObject(section("one"));
  });

  it("gives a thread its parent first, and keeps replies out of the channel", async () => {
    const { web, channel } = await start();
    const ts = tsOf(await post(web, { channel, text: "parent" }));
    const reply = await post(web, { channel, text: "reply", thread_ts: ts });
    expect(reply.message).toMatchObject({ thread_ts: ts });
    const { messages } = await web.conversations.replies({ channel, ts });
    expect(messages).toMatchObject([
      { text: "parent", reply_count: 1 },
      { text: "reply", thread_ts: ts },
    ]);
    const texts = (await web.conversations.history({ channel })).messages?.map(({ text }) => text);
    expect(texts).toContain("parent");
    expect(texts).not.toContain("reply");
  });

  it("rewrites and removes the app's own messages", async () => {
    const { web, channel } = await start();
    const ts = tsOf(await post(web, { channel, text: "a" }));
    expect(await web.chat.update({ channel, ts, text: "b" })).toMatchObject({ channel, ts, text: "b" });
    expect(await web.chat.delete({ channel, ts })).toMatchObject({ channel, ts });
    expect(await outcome(web.chat.update({ channel, ts, text: "c" }))).toBe("message_not_found");
    expect(await outcome(web.chat.delete({ channel, ts }))).toBe("message_not_found");
  });

  it("counts a reaction once", async () => {
    const { web, channel } = await start();
    const timestamp = tsOf(await post(web, { channel, text: "a" }));
    const reaction = { channel, timestamp, name: "memo" };
    await web.reactions.add(reaction);
    expect(await outcome(web.reactions.add(reaction))).toBe("already_reacted");
    expect((await web.reactions.get({ channel, timestamp })).message?.reactions).toMatchObject([
      { name: "memo", count: 1 },
    ]);
    await web.reactions.remove(reaction);
    expect(await outcome(web.reactions.remove(reaction))).toBe("no_reaction");
    expect(await outcome(web.reactions.add({ ...reaction, timestamp: unknown }))).toBe("message_not_found");
  });

  it("cuts text above 40,000 characters with a warning", async () => {
    const { web, channel } = await start();
    const answer = await post(web, { channel, text: "x".repeat(40_001) });
    expect([answer.message?.text?.length, answer.warning]).toEqual([40_000, "message_truncated"]);
  });

  it("knows channels, members, people and no strangers", async () => {
    const { web, channel } = await start();
    const { user_id: user = "" } = await web.auth.test();
    expect((await web.conversations.info({ channel })).channel).toMatchObject({
      id: channel,
      name: "sales",
      is_member: true,
    });
    expect((await web.conversations.members({ channel })).members).toContain(user);
    expect((await web.users.info({ user })).user).toMatchObject({ id: user });
    expect(await outcome(web.conversations.info({ channel: "C404" }))).toBe("channel_not_found");
    expect(await outcome(post(web, { channel: "C404", text: "x" }))).toBe("channel_not_found");
    expect(await outcome(web.users.info({ user: "U404" }))).toBe("user_not_found");
    expect(await outcome(web.bots.info({ bot: "B404" }))).toBe("bot_not_found");
  });

  it("pages through history with a cursor", async () => {
    const { web, channel } = await start();
    for (const text of ["a", "b", "c"]) await post(web, { channel, text });
    const first = await web.conversations.history({ channel, limit: 2 });
    const cursor = first.response_metadata?.next_cursor ?? "";
    const second = await web.conversations.history({ channel, limit: 2, cursor });
    const texts = [...(first.messages ?? []), ...(second.messages ?? [])].map(({ text }) => text);
    expect([first.has_more, texts.slice(0, 3)]).toEqual([true, ["c", "b", "a"]]);
  });

  it("links to a message", async () => {
    const { web, channel } = await start();
    const message_ts = tsOf(await post(web, { channel, text: "a" }));
    const { permalink } = await web.chat.getPermalink({ channel, message_ts });
    expect(permalink).toContain(`/archives/${channel}/p${message_ts.replace(".", "")}`);
  });
});

/** What a server answers to what; each is documented by Slack as ours does it (sources in the emulator). */
const differences: readonly {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ask: (server: Server) => Promise<string | undefined>;
}[] = [
  {
    what: "an update above 4,000 characters",
    ours: "msg_too_long",
    theirs: "ok",
    ask: async ({ web, channel }) => {
      const ts = tsOf(await post(web, { channel, text: "a" }));
      return outcome(web.chat.update({ channel, ts, text: "x".repeat(4001) }));
    },
  },
  {
    what: "a section above 3,000 characters",
    ours: "invalid_blocks",
    theirs: "ok",
    ask: ({ web, channel }) => outcome(post(web, { channel, text: "x", blocks: [section("x".repeat(3001))] })),
  },
  {
    what: "metadata that nobody asked for in full",
    ours: '{"event_type":"sms"}',
    theirs: JSON.stringify(metadata),
    ask: async ({ web, channel }) => {
      const ts = tsOf(await post(web, { channel, text: "x", metadata }));
      return JSON.stringify((await web.conversations.replies({ channel, ts })).messages?.[0]?.metadata);
    },
  },
  {
    what: "the kind of a post under another name",
    ours: "bot_message",
    theirs: "none",
    ask: async ({ web, channel }) =>
      (await post(web, { channel, text: "x", username: "Bob" })).message?.subtype ?? "none",
  },
  {
    what: "a reaction that is no emoji",
    ours: "invalid_name",
    theirs: "ok",
    ask: async ({ web, channel }) => {
      const timestamp = tsOf(await post(web, { channel, text: "a" }));
      return outcome(web.reactions.add({ channel, timestamp, name: "no_such_emoji_at_all" }));
    },
  },
  {
    what: "the thread of a message that never was",
    ours: "thread_not_found",
    theirs: "ok",
    ask: ({ web, channel }) => outcome(web.conversations.replies({ channel, ts: unknown })),
  },
  {
    what: "the thread that a parent says it heads",
    ours: "its own",
    theirs: "none",
    ask: async ({ web, channel }) => {
      const ts = tsOf(await post(web, { channel, text: "parent" }));
      await post(web, { channel, text: "reply", thread_ts: ts });
      const parent = (await web.conversations.replies({ channel, ts })).messages?.[0];
      return parent?.thread_ts === ts ? "its own" : "none";
    },
  },
  {
    what: "a reply to a message that never was",
    ours: "in the channel",
    theirs: "in a thread",
    ask: async ({ web, channel }) => {
      const { message } = await post(web, { channel, text: "x", thread_ts: unknown });
      return message?.thread_ts === undefined ? "in the channel" : "in a thread";
    },
  },
];

describe("known differences", () => {
  it.each(differences)("$what: $ours here, $theirs there", async ({ ask, ours, theirs }) => {
    expect(await ask(await startOurs())).toBe(ours);
    expect(await ask(await startTheirs())).toBe(theirs);
  });
});
