/** What people did in chats and nobody could decide on, such as a reply of a person whose name could not be asked for: told, and tried again. */
import type { ChatEvent } from "../../adapter.js";
import { markDelivery, settleDelivery } from "../../bridge.js";
import { messageIdOf } from "../../message-id.js";
import type { ConversationId } from "../../message.js";
import type { Heard } from "../../queue/work.js";
import { SAY } from "../../say.js";
import type { Transaction } from "../../store/port.js";
import type { Announcing } from "../announcing.js";
import { isAside } from "../buttons.js";
import type { Decision } from "../decided.js";
import { retryChoice } from "../outcome.js";
import type { Parts } from "../parts.js";
import { notice, sceneOf, show } from "./scene.js";
import { addressed } from "./written.js";

/**
 * Whoever did it must see that it led nowhere, and why, with a button to try it again: in its thread, where that is known; else by the
 * mark alone. Gives what is written then.
 */
export async function undecided(
  parts: Parts,
  { platform, event }: Heard,
  reason: string,
): Promise<(tx: Transaction) => Promise<void>> {
  if (event.kind === "gone") return async () => {};
  const id = await conversationOf(parts, platform, event);
  const conversation = id === undefined ? undefined : parts.store.conversation(id);
  return async (tx) => {
    const { place, post, key, at } = event;
    if (event.kind === "written") await tx.queue.replace(markDelivery(place, "failed", post, parts.chats));
    if (conversation === undefined) return;
    const about = event.kind === "deleted" ? {} : { about: { place, post } };
    const choices = [retryChoice(messageIdOf(platform, key))];
    const told = notice(
      sceneOf(parts, conversation, place),
      SAY.undecided(whatOf(event), reason),
      `undecided.${key}`,
      at,
      {
        ...about,
        choices,
      },
    );
    await show(tx, parts, [place], told);
  };
}

async function conversationOf(
  parts: Parts,
  platform: string,
  event: Exclude<ChatEvent, { kind: "gone" }>,
): Promise<ConversationId | undefined> {
  if (event.kind === "written") return addressed(parts, platform, event);
  return (await parts.links.post(platform, event.post))?.conversation;
}

function whatOf(event: Exclude<ChatEvent, { kind: "gone" }>): string {
  switch (event.kind) {
    case "written":
      return SAY.about(event.text, "Nothing was sent.");
    case "edited":
      return SAY.about(event.text, "This change was not taken up; the contact does not get it.");
    case "deleted":
      return "The deletion of a post was not taken up; if it was a text, the contact gets or has it.";
    case "chosen":
      return "What was chosen by the button here was not taken up.";
  }
}

/** What gave up is tried again because somebody said so. false: it is no longer aside. */
export async function tryAgain(
  tx: Transaction,
  { message, by, under }: Decision,
  { chats, now }: Announcing,
): Promise<boolean> {
  const heard = (await tx.queue.ofMessage(message)).find((each) => each.work.kind === "heard" && isAside(each));
  if (heard === undefined || !(await tx.queue.revive(heard.key, now))) return false;
  const settling = { outcome: SAY.takenUpAgain(by), said: under?.said };
  if (under !== undefined) await tx.queue.replace(settleDelivery(under.place, under.post, settling, chats));
  return true;
}
