/** Slack's emulator as a stage. */
import { postIdOf, whereOf } from "../../../adapters/slack/ids.js";
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import type { PostId } from "../../../src/message.js";
import { createSlackEmulator, type SlackEmulator } from "../../../src/sandbox/slack/index.js";
import type { FaultKind } from "../../../src/sandbox/slack/faults.js";
import type { SeenMessage } from "../../../src/sandbox/slack/types.js";
import { until } from "../adapter/scene.js";
import type { Seen, Stage, Trouble, Verb } from "../adapter/stage.js";
import { createHookServer } from "./hook-server.js";
import { createRecordedLog } from "./log.js";

const CHANNEL = "C0SALES";
const ANNA = "U0ANNA";
const READING = /^(auth|users|conversations|bots)\.|^apps\.connections\.open$|\.get$/;

const METHODS: Readonly<Record<Verb, string>> = {
  open: "chat.postMessage",
  send: "chat.postMessage",
  mark: "reactions.add",
  showCard: "chat.update",
  settle: "chat.update",
  erase: "chat.delete",
};

export async function slackStage(mode: "socket" | "http"): Promise<Stage> {
  const slack = await createSlackEmulator({ ackWithinMs: 1000, retryDelaysMs: [0, 20, 20, 20] });
  const hooks = await createHookServer();
  const log = createRecordedLog();
  const { apiUrl, botToken, appToken, signingSecret } = slack;
  if (mode === "http") slack.sendEventsTo(`${hooks.url}/slack/events`);
  slack.addUser({ id: ANNA, name: "Anna" });
  slack.addChannel({ id: CHANNEL, name: "sales", members: [ANNA] });

  const create = (): SlackAdapter => {
    const adapter = createSlackAdapter(
      { botToken, ...(mode === "http" ? { signingSecret } : { appToken }), apiUrl, command: "/sms", timeoutMs: 700 },
      { logger: log.logger, now: Date.now, sleep: async () => {} },
    );
    const { start } = adapter;
    return {
      ...adapter,
      // Requests go to whichever adapter was started last.
      start: (inbox) => {
        hooks.serves(adapter.webhooks ?? []);
        return start(inbox);
      },
    };
  };

  return {
    adapter: create(),
    another: create,
    place: { platform: "slack", chat: CHANNEL },
    tells: ["written", "edited", "deleted", "chosen", "gone"],
    people: {
      writes: (thread, text) =>
        postIdOf({ channel: CHANNEL, ts: slack.says(CHANNEL, ANNA, text, { thread: whereOf(thread).ts }) }),
      edits: (post, text) => slack.edits(CHANNEL, whereOf(post).ts, text),
      deletes: (post) => slack.removes(CHANNEL, whereOf(post).ts),
      presses: (post, { action, subject }) => slack.presses(CHANNEL, whereOf(post).ts, `${action}:${subject}`, ANNA),
      removesThread: (thread) => slack.removes(CHANNEL, whereOf(thread).ts),
    },
    shown: (thread) => {
      const { ts } = whereOf(thread);
      const root = slack.message(CHANNEL, ts);
      return [...(root === undefined ? [] : [root]), ...slack.replies(CHANNEL, ts)].map((each) => seenBy(slack, each));
    },
    seen: (post) => {
      const message = slack.message(CHANNEL, whereOf(post).ts);
      return message && seenBy(slack, message);
    },
    readable: () =>
      slack.channels().flatMap(({ messages }) => [...messages.values()].map((each) => slack.rendered(each))),
    trouble: {
      next: (verb, trouble) => void slack.fail({ ...faultOf(trouble), method: METHODS[verb], times: 1 }),
      connecting: () => {
        const method = mode === "socket" ? "apps.connections.open" : "auth.test";
        slack.fail({ kind: "status", code: 503, method, times: 1 });
      },
      slow: (ms) => slack.latency(ms),
      // The reply's own, and that of the thread's count of replies.
      losesReceipt: async () => {
        await until(() => slack.unacknowledged().length === 0);
        slack.loseAcks(2);
      },
      vanishes: () => slack.close(),
      locksOut: () => slack.kickBot(CHANNEL),
      letsIn: () => slack.inviteBot(CHANNEL),
    },
    changes: () => slack.calls.filter((call) => !READING.test(call.method) && call.error === undefined).length,
    logged: log.text,
    secrets: [botToken, appToken, signingSecret],
    async close() {
      await slack.close();
      await hooks.close();
    },
  };
}

function faultOf(trouble: Trouble): FaultKind {
  switch (trouble.kind) {
    case "limited":
      return { kind: "rate-limit", retryAfter: trouble.afterMs / 1000 };
    case "refused":
      return { kind: "error", error: "msg_too_long" };
    case "failed":
      return { kind: "status", code: 503 };
    case "lost call":
      return { kind: "reset before effect" };
    case "lost answer":
      return { kind: "reset after effect" };
    case "no answer":
      return { kind: "hang" };
  }
}

function seenBy(slack: SlackEmulator, message: SeenMessage): Seen {
  const post: PostId = postIdOf({ channel: CHANNEL, ts: message.ts });
  const ours = (message.reactions ?? []).filter(({ users }) => users.includes(slack.bot.userId));
  return {
    post,
    by: message.username ?? message.user ?? "",
    text: slack.rendered(message),
    signs: ours.map(({ name }) => name),
    buttons: (message.blocks ?? []).flatMap((block) =>
      block.type === "actions" && Array.isArray(block["elements"]) ? block["elements"].map(labelOf) : [],
    ),
    rings: slack.live(message),
  };
}

function labelOf(element: unknown): string {
  const { text } = element as { readonly text: { readonly text: string } };
  return text.text;
}
