/** What a person sees of a conversation in Slack and in Telegram, as lines such as `Anna: On our way :white_check_mark:`. */
import { expect } from "vitest";
import type { Saying as SlackSaying } from "../../src/sandbox/slack/people.js";
import type { SeenMessage } from "../../src/sandbox/slack/types.js";
import type { Saying as TelegramSaying } from "../../src/sandbox/telegram/people.js";
import type { MessageView } from "../../src/sandbox/telegram/views.js";
import type { World } from "../../src/sandbox/world.js";
import type { Eventually } from "./eventually.js";

export interface Thread<Id, Saying> {
  /** The root's `ts`, or the topic's id. */
  readonly id: Id;
  lines(): string[];
  /** Waits until the thread reads exactly so, without its card. */
  reads(...lines: readonly (string | RegExp)[]): Promise<void>;
  /** Waits until it holds these lines, in this order, whatever stands between them. */
  holds(...lines: readonly (string | RegExp)[]): Promise<void>;
  /** A colleague writes in it; Anna and Boris unless told. */
  says(text: string, saying?: Saying, by?: Saying extends SlackSaying ? string : number): Id;
  /** Presses a button below the newest post that has it. */
  presses(label: string): Promise<void>;
}

export type SlackThread = Thread<string, Omit<SlackSaying, "thread">> & { root(): SeenMessage };
export type TelegramThread = Thread<number, TelegramSaying> & { messages(): readonly MessageView[] };

type Deps = Pick<World, "slack" | "telegram" | "anna" | "boris"> & { readonly eventually: Eventually };

/** The newest thread of the contact in the channel; `did`: of several numbers of ours, this one's. */
export async function slackThreadOf(
  deps: Deps & { readonly names: ReadonlyMap<string, string> },
  { channel, contact, did, not }: { channel: string; contact: string; did?: string; not?: string },
): Promise<SlackThread> {
  const { slack, anna, eventually, names } = deps;
  const wanted = (message: SeenMessage): boolean =>
    message.user === slack.bot.userId &&
    message.ts !== not &&
    message.thread_ts !== undefined &&
    digits(message.text.split(" (")[0]) === digits(contact) &&
    (did === undefined || digits(message.text.split(" (")[1]) === digits(did));
  const found = await eventually(() => {
    const root = slack.messages(channel).findLast(wanted);
    if (root === undefined) throw new Error(`no thread of ${contact} in ${channel}`);
    return root;
  });
  const id = found.ts;
  const whoIs = ({ username, user = "" }: SeenMessage): string => username ?? names.get(user) ?? user;
  const line = (message: SeenMessage): string =>
    lineOf(
      whoIs(message),
      slack.rendered(message),
      (message.reactions ?? []).map(({ name }) => `:${name}:`),
    );
  const lines = (): string[] => slack.replies(channel, id).map(line);
  return {
    id,
    root: () => slack.message(channel, id) ?? found,
    lines,
    ...reading(lines, eventually),
    says: (text, saying = {}, by = anna) => slack.says(channel, by, text, { ...saying, thread: id }),
    async presses(label) {
      const { ts, action } = await eventually(() => buttonIn(slack.replies(channel, id), label));
      expect(await slack.presses(channel, ts, action, anna), "Slack tells the person that the button failed").toBe(
        true,
      );
    },
  };
}

function buttonIn(replies: readonly SeenMessage[], label: string): { ts: string; action: string } {
  for (const { ts, blocks = [] } of replies.toReversed()) {
    const elements = blocks.flatMap((block) => (block.type === "actions" ? (block["elements"] as Button[]) : []));
    const action = elements.find(({ text }) => text.text === label)?.action_id;
    if (action !== undefined) return { ts, action };
  }
  throw new Error(`no button ${label}`);
}

interface Button {
  readonly action_id: string;
  readonly text: { readonly text: string };
}

/** The newest topic of the contact in the group. */
export async function topicOf(
  deps: Deps,
  { group, contact, not }: { group: number; contact: string; not?: number },
): Promise<TelegramThread> {
  const { telegram, boris, eventually } = deps;
  const { id } = await eventually(() => {
    const topic = telegram.topics(group).findLast((each) => each.name.startsWith(`${contact} `) && each.id !== not);
    if (topic === undefined) throw new Error(`no topic of ${contact} in ${group}`);
    return topic;
  });
  return telegramThread(deps, group, id, () => telegram.messages(group, id), { topic: id }, boris);
}

/** A chat without topics, as one thread. */
export function chatWith(deps: Deps, chat: number, person = deps.boris): TelegramThread {
  return telegramThread(deps, chat, chat, () => deps.telegram.messages(chat), {}, person);
}

function telegramThread(
  { telegram, eventually }: Deps,
  chat: number,
  id: number,
  all: () => readonly MessageView[],
  place: TelegramSaying,
  person: number,
): TelegramThread {
  // The contact's number above each of their texts is left out; a test of its own looks at that.
  const line = ({ from, text, reactions }: MessageView): string =>
    lineOf(
      from.isBot ? "bot" : from.name,
      text.replace(/^\+\d{7,15}\n/, ""),
      reactions.map(({ emoji }) => emoji),
    );
  const messages = (): readonly MessageView[] => all().filter(({ kind, text }) => kind === "text" && !isCard(text));
  const lines = (): string[] => messages().map(line);
  return {
    id,
    messages,
    lines,
    ...reading(lines, eventually),
    says: (text, saying = {}, by = person) => telegram.says(chat, by, text, { ...place, ...saying }),
    async presses(label) {
      const { message, data } = await eventually(() => buttonOf(all(), label));
      await telegram.presses(chat, message, data, person).answered;
    },
  };
}

function isCard(text: string): boolean {
  return /\n(Write here to answer\.|Reply to this message)/.test(text);
}

function buttonOf(messages: readonly MessageView[], label: string): { message: number; data: string } {
  for (const { id, buttons } of messages.toReversed()) {
    const button = buttons.flat().find(({ text }) => text === label);
    if (button !== undefined && "callback_data" in button) return { message: id, data: button.callback_data };
  }
  throw new Error(`no button ${label}`);
}

function reading(lines: () => string[], eventually: Eventually): Pick<Thread<unknown, unknown>, "reads" | "holds"> {
  return {
    reads: (...wanted) =>
      eventually(() =>
        expect(lines()).toEqual(
          wanted.map((each) => (typeof each === "string" ? each : (expect.stringMatching(each) as unknown))),
        ),
      ),
    holds: (...wanted) =>
      eventually(() => {
        const there = lines();
        let from = 0;
        for (const each of wanted) {
          const at = there.findIndex((line, index) => index >= from && fits(line, each));
          expect(at, `${String(each)} in its place in\n${there.join("\n")}`).toBeGreaterThanOrEqual(0);
          from = at + 1;
        }
      }),
  };
}

function fits(line: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? line === wanted : wanted.test(line);
}

function lineOf(who: string, text: string, marks: readonly string[]): string {
  return [`${who}: ${text.replaceAll("\n", " / ")}`, ...marks].join(" ");
}

function digits(text = ""): string {
  return text.replaceAll(/\D/g, "");
}
