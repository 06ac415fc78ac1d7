/** Taking the bot's own messages out of a thread, its card included. What people wrote no bot can delete. */
import type { ConversationsRepliesResponse } from "@slack/web-api";
import type { Erased, ErasesThreads } from "../../src/adapter.js";
import { GiveUp, RetryLater, ThreadGone } from "../../src/errors.js";
import { type SlackApi, unless } from "./api.js";
import { type Where, whereOf } from "./ids.js";

interface InThread {
  readonly ts: string;
  readonly ours: boolean;
}

export function createErasing({ api }: { readonly api: SlackApi }): ErasesThreads["eraseThread"] {
  const read = async ({ channel, ts }: Where, bot: string | undefined): Promise<readonly InThread[]> => {
    const found: InThread[] = [];
    let next: string | undefined;
    do {
      const range = { channel, ts, limit: 200, ...(next === undefined ? {} : { cursor: next }) };
      const page: ConversationsRepliesResponse = await api.call("conversations.replies", "same", (web) =>
        web.conversations.replies(range),
      );
      for (const message of page.messages ?? [])
        if (message.ts !== undefined && !isTombstone(message))
          found.push({ ts: message.ts, ours: bot !== undefined && message.bot_id === bot });
      next = page.response_metadata?.next_cursor === "" ? undefined : page.response_metadata?.next_cursor;
    } while (next !== undefined);
    // The parent stands at the head of every page.
    return [...new Map(found.map((each) => [each.ts, each])).values()];
  };

  /** Gives why it stays for good, if it does. */
  const remove = async (channel: string, ts: string): Promise<string | undefined> => {
    try {
      await api.call("chat.delete", "same", (web) =>
        web.chat.delete({ channel, ts }).catch(unless("message_not_found")),
      );
      return undefined;
    } catch (error) {
      if (error instanceof GiveUp) return error.message;
      throw error;
    }
  };

  return async (thread) => {
    const where = whereOf(thread);
    const { channel } = where;
    const stays: string[] = [];
    const refusals: string[] = [];
    let removed = 0;
    const so = (): Pick<Erased, "removed" | "stays"> => ({
      removed,
      stays: [...stays, ...refusedWords(refusals, where)],
    });
    try {
      const { bot_id: bot } = await api.call("auth.test", "same", (web) => web.auth.test());
      const messages = await read(where, bot);
      const others = messages.filter(({ ours }) => !ours).length;
      if (others > 0) stays.push(stayingWords(others, where));
      // The newest first: a thread whose root is gone shows what is left of it as deleted.
      for (const { ts } of messages.filter(({ ours }) => ours).toReversed()) {
        const refusal = await remove(channel, ts);
        if (refusal === undefined) removed += 1;
        else refusals.push(refusal);
      }
    } catch (error) {
      if (error instanceof RetryLater) return { ...so(), again: error };
      if (error instanceof GiveUp) refusals.push(error.message);
      else if (!(error instanceof ThreadGone)) throw error;
    }
    return so();
  };
}

function stayingWords(count: number, { channel, ts }: Where): string {
  const what = count === 1 ? "1 message by a person stays" : `${count} messages by people stay`;
  return `${what} in Slack channel ${channel}, thread ${ts}: a bot can delete its own only. Delete them there by hand.`;
}

/** Each reason once, with how many messages stay for it. */
function refusedWords(refusals: readonly string[], { channel, ts }: Where): readonly string[] {
  return [...new Set(refusals)].map((reason) => {
    const count = refusals.filter((each) => each === reason).length;
    const what = count === 1 ? "1 message of the bot stays" : `${count} messages of the bot stay`;
    return `${what} in Slack channel ${channel}, thread ${ts}: ${reason} Delete what stays there by hand.`;
  });
}

/** What Slack shows in the place of a deleted root that has replies; its type leaves the word out. */
function isTombstone(message: object): boolean {
  return "subtype" in message && message.subtype === "tombstone";
}
