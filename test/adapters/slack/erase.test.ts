/** Slack does not let every message be deleted: the others are, and each reason is told once, with how much stays. */
import { expect, it, onTestFinished } from "vitest";
import type { Card, Conversation, ConversationId, Post } from "../../../src/message.js";
import { setStage } from "./stage.js";

const CARD: Card = { contact: "+15550111", line: "Sales", state: "open" };
const CONVERSATION: Conversation = {
  id: "7//+15550111" as ConversationId,
  ...{ line: "Sales", extension: 7, contact: { number: "+15550111", wire: "15550111" } },
};

async function threadOfThree() {
  const { slack, adapter, close } = await setStage("http");
  onTestFinished(close);
  const channel = slack.addChannel({ name: "sales" }).id;
  const { thread } = await adapter.open(CONVERSATION, { platform: "slack", chat: channel }, CARD, "k0");
  for (const text of ["one", "two"]) {
    const post: Post = { speaker: { kind: "contact", name: "+15550111" }, texts: [{ text, at: Date.now() }] };
    await adapter.send(thread, post, text);
  }
  const root = thread.split(":")[1] ?? "";
  return { slack, channel, adapter, thread, left: () => slack.replies(channel, root).map(({ text }) => text) };
}

it("one message that Slack keeps leaves the others deleted, and is told with the remedy", async () => {
  const { slack, adapter, thread, left } = await threadOfThree();
  slack.fail({ kind: "error", error: "cant_delete_message", method: "chat.delete", times: 1 });
  expect(await adapter.eraseThread(thread, [])).toEqual({
    removed: 2,
    stays: [
      expect.stringMatching(
        /^1 message of the bot stays in Slack channel \w+, thread [\d.]+: .*Delete what stays .*by hand/,
      ),
    ],
  });
  expect(left()).toEqual(["two"]);
});

it("a workspace that keeps all of them is told of once, not for each", async () => {
  const { slack, adapter, thread, left } = await threadOfThree();
  const kept = slack.fail({ kind: "error", error: "compliance_exports_prevent_deletion", method: "chat.delete" });
  expect(await adapter.eraseThread(thread, [])).toEqual({
    removed: 0,
    stays: [expect.stringMatching(/^3 messages of the bot stay .* compliance exports forbid to delete/)],
  });
  kept.stop();
  expect(await adapter.eraseThread(thread, [])).toEqual({ removed: 3, stays: [] });
  expect(left()).toEqual([]);
});

it("what could be done before a rate limit is told with what stays, and the rest is done when it is done again", async () => {
  const { slack, adapter, thread } = await threadOfThree();
  slack.fail({ kind: "error", error: "cant_delete_message", method: "chat.delete", times: 1 });
  slack.fail({ kind: "rate-limit", retryAfter: 7, method: "chat.delete", times: 1 });
  expect(await adapter.eraseThread(thread, [])).toMatchObject({
    ...{ removed: 0, again: { afterMs: 7000 } },
    stays: [expect.stringMatching(/^1 message of the bot stays/)],
  });
  expect(await adapter.eraseThread(thread, [])).toEqual({ removed: 3, stays: [] });
});
