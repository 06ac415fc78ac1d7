/**
 * Topics that the bot has opened without hearing so, because the answer was lost. Telegram cannot be asked for topics, but it tells
 * the bot of each new one in an update too, a service message by the bot itself: so an empty one of the right name is known again.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Memory } from "./chats.js";

/** Chats by their present id. What is stored holds no names. `key`: of the attempt to open a topic, and of its repetitions. */
export interface Topics {
  /** An update tells that the bot has opened this topic. Resolves once that is stored. */
  told(chat: number, name: string, topic: number): Promise<void>;
  /** A call was answered with this topic: it is the attempt's. Resolves once that is stored. */
  answered(chat: number, name: string, topic: number, key: string): Promise<void>;
  /**
   * A topic that no call was answered with; it is the attempt's from now on. `again`: an earlier try of this attempt may have had one
   * already, and died with it.
   */
  claim(chat: number, name: string, key: string, again: boolean): Promise<number | undefined>;
  /** The topic in use of the same name as this one, which nobody claimed. */
  twinOf(chat: number, topic: number): Promise<number | undefined>;
}

/** `by`: the attempt that has it; absent: nobody. */
const KNOWN = z.array(z.object({ topic: z.int(), by: z.string().optional() }));
type Known = z.infer<typeof KNOWN>;

/** The update of a topic comes within a day of its answer, and hardly anybody has more topics of one name in a day. */
const MOST_REMEMBERED = 20;

export function createTopics(memory: Memory): Topics {
  let turn: Promise<unknown> = Promise.resolve();

  const read = async (key: string): Promise<Known> => {
    const stored = await memory.get(key);
    return stored === undefined ? [] : KNOWN.parse(JSON.parse(stored));
  };

  /** One after the other, since each builds on what the one before has stored. */
  const change = <T>(chat: number, name: string, work: (known: Known) => [Known, T]): Promise<T> => {
    const key = keyOf(chat, name);
    const done = turn.then(async () => {
      const known = await read(key);
      const [changed, result] = work(known);
      if (changed !== known) await memory.set(key, JSON.stringify(changed));
      return result;
    });
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    async told(chat, name, topic) {
      await memory.set(namedIn(chat, topic), keyOf(chat, name));
      await change(chat, name, (known) => {
        if (known.some((each) => each.topic === topic)) return [known, undefined];
        return [latest(known, { topic }), undefined];
      });
    },
    answered: (chat, name, topic, by) => change(chat, name, (known) => [latest(known, { topic, by }), undefined]),
    claim: (chat, name, key, again) =>
      change(chat, name, (known) => {
        const left = known.findLast(({ by }) => by === undefined || (again && by === key));
        return left === undefined ? [known, undefined] : [latest(known, { ...left, by: key }), left.topic];
      }),
    async twinOf(chat, topic) {
      const key = await memory.get(namedIn(chat, topic));
      const known = key === undefined ? [] : await read(key);
      const isLeft = known.some((each) => each.topic === topic && each.by === undefined);
      return isLeft ? known.findLast(({ by }) => by !== undefined)?.topic : undefined;
    },
  };
}

function latest(known: Known, last: Known[number]): Known {
  return [...known.filter(({ topic }) => topic !== last.topic), last].slice(-MOST_REMEMBERED);
}

function keyOf(chat: number, name: string): string {
  return `topics:${chat}:${createHash("sha256").update(name).digest("base64url").slice(0, 22)}`;
}

/** Where it is stored under which key a topic is known. */
function namedIn(chat: number, topic: number): string {
  return `topic:${chat}:${topic}`;
}
