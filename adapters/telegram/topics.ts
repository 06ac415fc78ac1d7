/**
 * Topics that the bot has opened without hearing so, because the answer was lost. Telegram cannot be asked for topics, but it tells
 * the bot of each new one in an update too, a service message by the bot itself: so an empty one of the right name is known again.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Memory } from "./chats.js";

/** Chats by their present id. What is stored holds no names. */
export interface Topics {
  /** An update tells that the bot has opened this topic. Resolves once that is stored. */
  told(chat: number, name: string, topic: number): Promise<void>;
  /** A call was answered with this topic: it is in use. Resolves once that is stored. */
  answered(chat: number, name: string, topic: number): Promise<void>;
  /** A topic that no call was answered with; it is the caller's from now on. */
  claim(chat: number, name: string): Promise<number | undefined>;
}

const KNOWN = z.object({ empty: z.array(z.int()), used: z.array(z.int()) });
type Known = z.infer<typeof KNOWN>;

/** The update of a topic comes within a day of its answer, and hardly anybody has more topics of one name in a day. */
const MOST_REMEMBERED = 20;

export function createTopics(memory: Memory): Topics {
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other, since each builds on what the one before has stored. */
  const change = <T>(chat: number, name: string, work: (known: Known) => [Known, T]): Promise<T> => {
    const key = `topics:${chat}:${createHash("sha256").update(name).digest("base64url").slice(0, 22)}`;
    const done = turn.then(async () => {
      const stored = await memory.get(key);
      const known: Known = stored === undefined ? { empty: [], used: [] } : KNOWN.parse(JSON.parse(stored));
      const [changed, result] = work(known);
      if (changed !== known) await memory.set(key, JSON.stringify(changed));
      return result;
    });
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    told: (chat, name, topic) =>
      change(chat, name, (known) => {
        if (known.used.includes(topic) || known.empty.includes(topic)) return [known, undefined];
        return [{ ...known, empty: latest(known.empty, topic) }, undefined];
      }),
    answered: (chat, name, topic) => change(chat, name, (known) => [use(known, topic), undefined]),
    claim: (chat, name) =>
      change(chat, name, (known) => {
        const topic = known.empty.at(-1);
        return topic === undefined ? [known, undefined] : [use(known, topic), topic];
      }),
  };
}

function use({ empty, used }: Known, topic: number): Known {
  return { empty: empty.filter((each) => each !== topic), used: latest(used, topic) };
}

function latest(topics: readonly number[], topic: number): number[] {
  return [...topics, topic].slice(-MOST_REMEMBERED);
}
