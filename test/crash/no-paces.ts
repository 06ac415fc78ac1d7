/** In the build for the crash tests this stands in for src/paces.ts: the same, but that the chat platforms set no rates. */
import type { ChatAdapter } from "../../src/adapter.js";
import type { Chats } from "../../src/bridge.js";
import { chatsOf as pacedChatsOf } from "../../src/paces.js";

export * from "../../src/paces.js";

export function chatsOf(adapters: ReadonlyMap<string, ChatAdapter>): Chats {
  const chats = pacedChatsOf(adapters);
  return { ...chats, pace: (place, work) => ({ ...chats.pace(place, work), rates: [] }) };
}
