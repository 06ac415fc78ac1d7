/** A stage with the adapter on it, an inbox in the test's hands, and the words that the suite speaks. */
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import type { ChatEvent, Inbox, Opened, Written } from "../../../src/adapter.js";
import type { Card, Conversation, ConversationId, Post } from "../../../src/message.js";
import type { AdapterUnderTest, MakeStage, Stage } from "./stage.js";

export interface InboxUnderTest extends Inbox {
  /** What was stored, oldest first. */
  readonly stored: readonly ChatEvent[];
  /** All that was ever handed over, refused ones included. */
  readonly offered: readonly ChatEvent[];
  /** The next event of this kind cannot be stored. */
  refuses(kind: ChatEvent["kind"]): void;
  /** From now on storing takes until the returned function is called. */
  holds(): () => void;
}

export interface Scene {
  readonly stage: Stage;
  readonly adapter: AdapterUnderTest;
  readonly inbox: InboxUnderTest;
}

/** These words must never stand in a log or an error. */
export const PRIVATE = "private words";
const NUMBER = "+12015550123";

export const CARD: Card = { contact: NUMBER, line: "Sales", did: "+12015550100", state: "open" };

export const CONVERSATION: Conversation = {
  id: "7/+12015550100/+12015550123" as ConversationId,
  line: CARD.line,
  extension: 7,
  did: { number: "+12015550100", wire: "12015550100" },
  contact: { number: NUMBER, wire: "12015550123" },
};

export function postOf(text: string | readonly string[], more: Partial<Post> = {}): Post {
  const texts = typeof text === "string" ? [text] : text;
  const at = Date.now();
  return { speaker: { kind: "contact", name: NUMBER }, texts: texts.map((each) => ({ text: each, at })), ...more };
}

/** Not started. Whatever the test does, at its end the log holds nothing private. */
export async function enter(makeStage: MakeStage): Promise<Scene> {
  const stage = await makeStage();
  onTestFinished(async () => {
    await stage.adapter.stop();
    await stage.close();
    keepsSecrets(stage.logged(), stage);
  });
  return { stage, adapter: stage.adapter, inbox: createInbox() };
}

export async function start(makeStage: MakeStage): Promise<Scene> {
  const scene = await enter(makeStage);
  await scene.adapter.start(scene.inbox);
  return scene;
}

export async function startAndOpen(makeStage: MakeStage): Promise<Scene & { readonly opened: Opened }> {
  const scene = await start(makeStage);
  const opened = await scene.adapter.open(CONVERSATION, scene.stage.place, CARD, "k-open");
  return { ...scene, opened };
}

export function keepsSecrets(words: string, { secrets }: Stage): void {
  for (const secret of [PRIVATE, NUMBER, NUMBER.slice(1), ...secrets]) expect(words).not.toContain(secret);
}

/** By its thread, or by the post that it answers. */
export function belongsTo({ thread, card }: Opened): unknown {
  return expect.toSatisfy(
    (event: Written) => event.thread === thread || (event.replyTo !== undefined && event.replyTo === card),
    `belongs to ${thread}`,
  );
}

function createInbox(): InboxUnderTest {
  const stored: ChatEvent[] = [];
  const offered: ChatEvent[] = [];
  const refusals = new Set<ChatEvent["kind"]>();
  let held = Promise.resolve();
  return {
    stored,
    offered,
    refuses: (kind) => void refusals.add(kind),
    holds() {
      let release = (): void => {};
      held = new Promise((resolve) => (release = resolve));
      return () => release();
    },
    async accept(event) {
      offered.push(event);
      await held;
      if (refusals.delete(event.kind)) throw new Error("The disk is full.");
      stored.push(event);
    },
  };
}

const PATIENCE_MS = 10_000;

/** Lets everything else go on until it is so. Uses no timer, so that timers can be counted meanwhile. */
export async function until(isSo: () => boolean): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  while (!isSo() && Date.now() < end) await setImmediate();
  return isSo();
}
