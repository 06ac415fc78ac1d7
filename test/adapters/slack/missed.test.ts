/** What was written while nobody listened, on the emulator: the same events, with the same keys, as those that tell of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatEvent, Written } from "../../../src/adapter.js";
import type { Card, Conversation, ConversationId, ThreadId } from "../../../src/message.js";
import { setStage, type Stage } from "./stage.js";

const contact = { number: "+442079460123", wire: "+442079460123" };
const conversation: Conversation = { id: "c1" as ConversationId, line: "Sales", extension: 1, contact };
const card: Card = { contact: contact.number, line: "Sales", state: "open" };

let stage: Stage;
let channel: string;
let anna: string;
let thread: ThreadId;
let root: string;

beforeEach(async () => {
  stage = await setStage("socket");
  channel = stage.slack.addChannel({ name: "sales" }).id;
  anna = stage.slack.addUser({ name: "anna", displayName: "Anna" }).id;
  ({ thread } = await stage.adapter.open(conversation, { platform: "slack", chat: channel }, card, "k1"));
  root = thread.split(":")[1] ?? "";
});

afterEach(() => stage.close());

const says = (text: string, more = {}) => stage.slack.says(channel, anna, text, { thread: root, ...more });

async function allMissed(since = 0): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = [];
  for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
    const missed = await stage.adapter.missed(thread, since, page);
    events.push(...missed.events);
    page = missed.more;
  }
  return events;
}

describe("what is read from a thread", () => {
  it("is what would have been told, word for word: replies, files, mentions, edits, outsiders", async () => {
    const { slack, events } = stage;
    const guest = slack.addUser({ name: "gil", team: "T0OTHER" }).id;
    says("plain *bold* <https://x.example> & :wave:");
    says(`ask <@${anna}>`);
    says("also here", { broadcast: true });
    says("", { files: [{ name: "plan.pdf", mimetype: "application/pdf" }] });
    says("leans back", { subtype: "me_message" });
    slack.says(channel, guest, "from outside", { thread: root });
    await vi.waitFor(() => expect(events).toHaveLength(6));
    const read = await allMissed();
    expect(read).toEqual(events);
    expect((read.at(-1) as Written).author.refused).toBeTruthy();
  });

  it("holds an edit beside what was written, both with the new words and the keys of old", async () => {
    const ts = says("helo");
    await vi.waitFor(() => expect(stage.events).toHaveLength(1));
    stage.slack.edits(channel, ts, "hello");
    await vi.waitFor(() => expect(stage.events).toHaveLength(2));
    const [written, edited] = await allMissed();
    expect(written).toEqual({ ...stage.events[0], text: "hello" });
    expect(edited).toEqual(stage.events[1]);
  });

  it("holds nothing that was deleted, and none of our own posts", async () => {
    const at = Date.now();
    await stage.adapter.send(thread, { speaker: { kind: "contact", name: "x" }, texts: [{ text: "ours", at }] }, "k2");
    stage.slack.removes(channel, says("never mind"));
    says("kept");
    expect(await allMissed()).toMatchObject([{ kind: "written", text: "kept" }]);
  });

  it("names every post that is still there, by whomever", async () => {
    const at = Date.now();
    const ours = await stage.adapter.send(
      thread,
      { speaker: { kind: "contact", name: "x" }, texts: [{ text: "ours", at }] },
      "k3",
    );
    stage.slack.removes(channel, says("never mind"));
    const kept = says("kept");
    const { posts } = await stage.adapter.missed(thread, 0);
    expect(posts).toEqual(expect.arrayContaining([ours, `${channel}:${kept}`]));
    expect(posts).toHaveLength(3);
  });

  it("tells that the thread's first message is gone", async () => {
    says("kept");
    stage.slack.removes(channel, root);
    await vi.waitFor(() => expect(stage.events).toHaveLength(2));
    const gone = (await allMissed()).find(({ kind }) => kind === "gone");
    expect(gone).toMatchObject({ key: stage.events[1]?.key, thread });
  });

  it("begins at the moment asked for, and comes page by page", async () => {
    const at = Math.floor(Number(says("before")) * 1000);
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(at + 1));
    for (let n = 0; n < 210; n += 1) says(`${n}`);
    await vi.waitFor(() => expect(new Set(stage.events.map(({ key }) => key)).size).toBe(211), { timeout: 10_000 });
    const first = await stage.adapter.missed(thread, at + 1);
    expect(first.more).toBeDefined();
    const words = (await allMissed(at + 1)).map((event) => event.kind === "written" && event.text);
    expect(words).toEqual(Array.from({ length: 210 }, (_, n) => `${n}`));
  });

  it("waits when Slack limits reading", async () => {
    stage.slack.fail({ kind: "rate-limit", retryAfter: 60, method: "conversations.replies", times: 1 });
    await expect(stage.adapter.missed(thread, 0)).rejects.toMatchObject({ name: "RetryLater", afterMs: 60_000 });
  });
});
