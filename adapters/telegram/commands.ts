/**
 * The commands that the adapter answers itself: /help (and /start, Telegram's own first words) and /id. Every other
 * command is text to the bridge, which knows what a team may ask for.
 */
import type { MessageEntity } from "telegraf/types";
import type { Words } from "./words.js";
import type { WireMessage } from "./wire.js";

export interface Command {
  readonly name: "help" | "id";
  /** The chat's present id. */
  readonly chat: number;
  readonly topic?: number;
  readonly message: number;
  readonly direct: boolean;
}

/** `username`: the bot's, without @; a command addressed to another bot is not ours. */
export function readCommand(message: WireMessage, username: string): Command | undefined {
  const words = /^\/([a-z]+)(?:@(\w+))?\s*$/i.exec(message.text ?? "");
  const name = nameOf(words?.[1]?.toLowerCase());
  const addressee = words?.[2];
  if (!name) return undefined;
  if (addressee !== undefined && addressee.toLowerCase() !== username.toLowerCase()) return undefined;
  const topic = message.is_topic_message ? message.message_thread_id : undefined;
  return {
    name,
    chat: message.chat.id,
    ...(topic === undefined ? {} : { topic }),
    message: message.message_id,
    direct: message.chat.type === "private",
  };
}

function nameOf(word: string | undefined): Command["name"] | undefined {
  if (word === "help" || word === "start") return "help";
  return word === "id" ? "id" : undefined;
}

/** `name`: the chat's id for the config. */
export function answerTo(command: Command, name: string): Words {
  return command.name === "help" ? { text: HELP, entities: [] } : idsOf(command, name);
}

const HELP = [
  "This bot brings the texts of your phone lines here, and your answers back.",
  "",
  "• Write in a conversation's topic, or reply to one of its posts, and your words go out as a text.",
  "• Begin with // (unless your admin chose otherwise) to leave a note that only your team sees.",
  "• Reactions on your message: 👌 sent, 👎 failed, ✍ note, 👀 waiting, 🤷 not sent.",
  "• /id tells the ids of this chat for the bridge's config.",
].join("\n");

/** Ids in `code` entities: a tap copies them. */
function idsOf({ topic, direct }: Command, name: string): Words {
  const text: string[] = [];
  const entities: MessageEntity[] = [];
  const say = (words: string, id: string, hint: string) => {
    const offset = text.join("\n").length + (text.length > 0 ? 1 : 0) + words.length;
    entities.push({ type: "code", offset, length: id.length });
    text.push(`${words}${id}${hint}`);
  };
  say(
    "This chat: ",
    name,
    direct ? " (also your user id, for telegram.allowedUsers)" : " (for “to: - telegram:” of a line)",
  );
  if (topic !== undefined) say("This topic: ", String(topic), "");
  return { text: text.join("\n"), entities };
}
