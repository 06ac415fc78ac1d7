/** Work in a chat: follows a group to its new id, keeps the chat's health, and turns failures into what the bridge does next. */
import type { Chats } from "./chats.js";
import { isForAdmins, remedy, TelegramFailure, toBridge } from "./errors.js";
import type { Health } from "./health.js";
import type { Room } from "./ids.js";

/** `work` may run twice: again, with the new id, once Telegram has told that the group moved. */
export type Attempt = <T>(chat: string, work: (room: Room) => Promise<T>) => Promise<T>;

export function createAttempt(deps: { chats: Chats; health: Health }): Attempt {
  const { chats, health } = deps;

  async function following<T>(chat: string, work: (room: Room) => Promise<T>): Promise<T> {
    const room = chats.named(chat);
    try {
      return await work(room);
    } catch (error) {
      if (!(error instanceof TelegramFailure) || error.migratedTo === undefined) throw error;
      await chats.moved(room.actual, error.migratedTo);
      return await work(chats.named(chat));
    }
  }

  function learnFrom({ reason }: TelegramFailure, chat: string): void {
    if (reason === "thread-gone" || reason === "no-forum") chats.forget(chats.named(chat).actual);
    if (isForAdmins(reason)) health.trouble(reason === "token" ? reason : `chat ${chat}`, remedy(reason, chat));
  }

  return async (chat, work) => {
    await chats.ready();
    try {
      const result = await following(chat, work);
      health.fine(`chat ${chat}`);
      health.fine("token");
      return result;
    } catch (error) {
      if (!(error instanceof TelegramFailure)) throw error;
      learnFrom(error, chat);
      throw toBridge(error, chat);
    }
  };
}
