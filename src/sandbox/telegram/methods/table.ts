/** Every method that the emulator speaks, by its name in lower case: the Bot API ignores the case of names. */
import { botMethods } from "./bot.js";
import { chatMethods } from "./chats.js";
import { messageMethods } from "./messages.js";
import type { Method } from "./method.js";
import { topicMethods } from "./topics.js";

const ALL = { ...botMethods, ...chatMethods, ...messageMethods, ...topicMethods };

export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries(ALL).map(([name, method]) => [name.toLowerCase(), method]),
);
