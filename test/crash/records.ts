/** What the simulators recorded, in the judge's words. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SeenMessage } from "../../src/sandbox/slack/types.js";
import type { MessageView, TopicView } from "../../src/sandbox/telegram/views.js";
import type { PushedEvent } from "../../src/sandbox/pbx/types.js";
import type { Post, Records, Thread, Written } from "./judge.js";
import type { Office } from "./office.js";
import type { Reply, Traffic } from "./traffic.js";

/** For whoever looks into what went wrong. Gives the file's path. */
export function keepRecords(records: Records, seed: number): string {
  const file = join(tmpdir(), `crash-records-${seed}.json`);
  writeFileSync(file, JSON.stringify(records, undefined, 2));
  return file;
}

/** `left`: deliveries that the bridge still has. */
export function recordsOf(office: Office, { contacts, replies }: Traffic, left: number): Records {
  return {
    told: toldBy(office),
    written: replies.map((reply) => writtenBy(office, reply)),
    taken: office.pbx.sentTexts().map(({ contact, text }) => ({ conversation: contact, text })),
    threads: contacts.flatMap((contact) => [...slackThreads(office, contact), ...topics(office, contact)]),
    left,
  };
}

export function slackRoots({ slack, channel }: Office, contact: string): SeenMessage[] {
  return slack
    .messages(channel)
    .filter(({ user, text }) => user === slack.bot.userId && digits(text.split(" (")[0]) === digits(contact));
}

export function topicsOf({ telegram, group }: Office, contact: string): TopicView[] {
  return telegram.topics(group).filter(({ name }) => name.startsWith(`${contact} `));
}

/** What a Telegram post says of itself when an earlier attempt to make it may have succeeded. */
export function isPossibleRepeat(words: string): boolean {
  return words.includes("(maybe a repeat)");
}

/**
 * In the PBX's order. What it told through the API itself is an echo. A text that its events never told of, because the bridge was
 * away and the PBX says everything once, is in its list.
 */
function toldBy({ pbx }: Office): Records["told"] {
  const answered = pbx.events().filter(isAnswered).map(textOf);
  const again = new Set(
    pbx
      .events()
      .filter(({ attempts }) => attempts.length > 1)
      .map(textOf),
  );
  return pbx
    .messages()
    .filter(({ via }) => via !== "api")
    .map(({ contact, text }) => {
      // Equal texts are as good as each other.
      const at = answered.indexOf(`${contact} ${text}`);
      if (at >= 0) answered.splice(at, 1);
      return { conversation: contact, text, answered: at >= 0, again: again.has(`${contact} ${text}`) };
    });
}

function textOf({ type, fields }: PushedEvent): string {
  if (type === "message-in") return `${fields["src_number"]} ${fields["text"]}`;
  return type === "message-out" ? `${fields["dst_number"]} ${fields["text"]}` : "";
}

export function isAnswered({ attempts }: PushedEvent): boolean {
  return attempts.some(({ status }) => status === 200);
}

function writtenBy(
  { slack, telegram, channel, group }: Office,
  { platform, conversation, text, post }: Reply,
): Written {
  const marks =
    platform === "slack"
      ? (slack.message(channel, String(post))?.reactions ?? []).map(({ name }) => name)
      : (telegram.messages(group).find(({ id }) => id === post)?.reactions ?? []).map(({ emoji }) => emoji);
  return { platform, conversation, text, marks };
}

function slackThreads(office: Office, conversation: string): Thread[] {
  const { slack, channel, anna } = office;
  return slackRoots(office, conversation).map(({ ts }) => ({
    platform: "slack",
    conversation,
    posts: slack
      .replies(channel, ts)
      .filter(({ user }) => user !== anna)
      .map((message) => postOf(slack.rendered(message))),
  }));
}

function topics(office: Office, conversation: string): Thread[] {
  const ours = ({ from, kind }: MessageView): boolean => from.isBot && kind === "text";
  return topicsOf(office, conversation).map(({ id }) => ({
    platform: "telegram",
    conversation,
    posts: office.telegram
      .messages(office.group, id)
      .filter(ours)
      .map(({ text }) => postOf(text)),
  }));
}

export function postOf(words: string): Post {
  return { texts: words.match(UNQUOTED) ?? [], repeat: isPossibleRepeat(words) };
}

/** A notice quotes the text that it tells of, and is none. */
const UNQUOTED = /(?<!“)<\w+ \d+>/g;

function digits(text = ""): string {
  return text.replaceAll(/\D/g, "");
}
