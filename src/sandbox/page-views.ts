/** The emulated PBX and Telegram as the page shows them. */
import { CONTACTS, contactIn } from "./contacts.js";
import type { SimulatedMessage } from "./pbx/types.js";
import type { MessageView as TelegramMessage, TopicView } from "./telegram/views.js";
import type { World } from "./world.js";

export interface PhoneMessageView {
  readonly id: string;
  /** The contact wrote it. */
  readonly mine: boolean;
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  readonly status: SimulatedMessage["status"];
  readonly via: SimulatedMessage["via"];
}

export interface PhoneView {
  readonly line: { readonly name: string; readonly did: string };
  readonly contacts: readonly {
    readonly number: string;
    readonly name: string;
    readonly messages: readonly PhoneMessageView[];
  }[];
}

const MOST_MESSAGES = 200;

export function phoneView({ pbx, did }: World): PhoneView {
  const all = pbx.messages();
  return {
    line: { name: "Sales", did },
    contacts: CONTACTS.map(({ number, name }) => ({
      number,
      name,
      messages: all
        .filter(({ contact }) => contact === number)
        .slice(-MOST_MESSAGES)
        .map(({ id, flow, text, at, status, via }) => ({ id, mine: flow === "in", text, at, status, via })),
    })),
  };
}

export interface TelegramMessageView {
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  readonly author: { readonly id: number; readonly name: string; readonly isBot: boolean };
  readonly text: string;
  readonly segments: readonly { readonly text: string; readonly styles: readonly string[] }[];
  readonly replyTo?: string;
  readonly buttons: readonly { readonly data: string; readonly label: string }[];
  readonly reactions: readonly string[];
  readonly pinned: boolean;
  readonly edited: boolean;
  /** What happened, where it is no message of words: `pinned_message`, `new_chat_members` … */
  readonly service?: string;
}

export interface TelegramTopicView {
  /** 1: General. */
  readonly id: number;
  readonly name: string;
  /** RGB. */
  readonly colour: number;
  readonly contact?: string;
  readonly messages: readonly TelegramMessageView[];
}

export interface TelegramView {
  readonly group: string;
  readonly people: readonly { readonly id: number; readonly name: string }[];
  readonly topics: readonly TelegramTopicView[];
}

const GENERAL: TopicView = { id: 1, name: "General", colour: 0x8a96a3, closed: false, byBot: false };

export function telegramView({ telegram, group }: World, people: TelegramView["people"]): TelegramView {
  const all = telegram.messages(group);
  const words = new Map(all.map(({ id, text }) => [id, text]));
  return {
    group: telegram.chats().find(({ id }) => id === group)?.title ?? "",
    people,
    topics: [...telegram.topics(group), GENERAL].map((topic) => {
      const contact = contactIn(topic.name);
      return {
        id: topic.id,
        name: topic.name,
        colour: topic.colour,
        ...(contact === undefined ? {} : { contact: contact.number }),
        messages: all
          .filter((message) => (message.topic ?? GENERAL.id) === topic.id)
          .slice(-MOST_MESSAGES)
          .map((message) => messageView(message, words)),
      };
    }),
  };
}

function messageView(message: TelegramMessage, words: ReadonlyMap<number, string>): TelegramMessageView {
  const { id, at, from, text, rendered, replyTo, buttons, reactions, pinned, editedAt, kind } = message;
  const answered = replyTo === undefined ? undefined : words.get(replyTo);
  const isWords = ["text", "photo", "document", "voice", "sticker"].includes(kind);
  return {
    id,
    at,
    author: from,
    text,
    segments: rendered.map((segment) => ({ text: segment.text, styles: [...segment.styles, ...segment.detected] })),
    ...(answered === undefined || answered === "" ? {} : { replyTo: answered }),
    buttons: buttons
      .flat()
      .flatMap((button) => ("callback_data" in button ? [{ data: button.callback_data, label: button.text }] : [])),
    reactions: reactions.map(({ emoji }) => emoji),
    pinned,
    edited: editedAt !== undefined,
    ...(isWords ? {} : { service: kind }),
  };
}
