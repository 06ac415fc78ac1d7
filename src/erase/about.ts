/** Which deliveries tell of a contact. Pure. */
import { contactIn } from "../conversation-id.js";
import type { MessageId } from "../message.js";
import type { Delivery } from "../queue/port.js";

/** What is known of a contact: its number, and the ids of what was said with it. */
export interface Contact {
  readonly number: string;
  readonly messages: ReadonlySet<MessageId>;
  /** `<platform> <id>` of each. */
  readonly threads: ReadonlySet<string>;
  readonly posts: ReadonlySet<string>;
}

/** By what it holds, or by the ids of what it is about. */
export function tellsOf(delivery: Delivery, contact: Contact): boolean {
  const { work } = delivery;
  switch (work.kind) {
    case "text":
    case "post":
    case "card":
      return contactIn(work.conversation) === contact.number;
    case "unmatched":
    case "check":
      return work.event.contact.number === contact.number;
    case "heard":
    case "mark":
    case "settle":
      return isAbout(delivery, contact);
    case "unreadable":
      return work.body.includes(contact.number) || isAbout(delivery, contact);
  }
}

/** By the ids alone: what still comes of a conversation after it was erased. */
export function isAbout({ message, work }: Delivery, { messages, threads, posts }: Contact): boolean {
  if (message !== undefined && messages.has(message)) return true;
  if (work.kind === "mark" || work.kind === "settle")
    return work.post !== undefined && posts.has(`${work.place.platform} ${work.post}`);
  if (work.kind !== "heard") return false;
  const { platform, event } = work;
  const ids = event.kind === "gone" ? [] : [event.post, ...(event.kind === "written" ? [event.replyTo] : [])];
  const thread = event.kind === "written" || event.kind === "gone" ? event.thread : undefined;
  return threads.has(`${platform} ${thread}`) || ids.some((id) => id !== undefined && posts.has(`${platform} ${id}`));
}
