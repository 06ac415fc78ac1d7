/** Slack's words for what happened, as the bridge's events. Pure. */
import type { Author, ChatEvent, Chosen, Deleted, Edited, Gone, Written } from "../../src/adapter.js";
import type { Place, PostId } from "../../src/message.js";
import { placeOf, postIdOf, threadIdOf, timeOf } from "./ids.js";
import { type Names, peopleIn, plainText } from "./plain-text.js";
import {
  blockActions,
  eventCallback,
  memberJoined,
  type WireChoice,
  type WireEvent,
  type WireMessage,
} from "./wire.js";

/** Our own side: the workspace that the app is installed in, and the bot in it. */
export interface Home {
  readonly team: string;
  readonly enterprise?: string | undefined;
  readonly botUser: string;
}

export interface Reader {
  readonly home: Home;
  readonly allowOutsiders: boolean;
  readonly names: Names;
}

/** The event in a body of Slack's Events API or interactivity; undefined when it is nothing that the bridge cares about. */
export function fromSlack(body: unknown, reader: Reader): ChatEvent | undefined {
  const callback = eventCallback.safeParse(body);
  if (callback.success) return fromEvent(callback.data.event, reader);
  const choice = blockActions.safeParse(body);
  return choice.success ? chosen(choice.data, reader) : undefined;
}

/** The ids of the people that a body's text mentions: their names are wanted before `fromSlack`. */
export function peopleMentioned(body: unknown): readonly string[] {
  const callback = eventCallback.safeParse(body);
  if (!callback.success) return [];
  const { event } = callback.data;
  return peopleIn(event.message ?? event);
}

/** The post that a button was pressed in, and what it shows. */
export function pressedIn(body: unknown): [PostId, Pick<WireChoice["message"], "text" | "blocks">] | undefined {
  const choice = blockActions.safeParse(body);
  if (!choice.success) return undefined;
  const { channel, message } = choice.data;
  return [postIdOf({ channel: channel.id, ts: message.ts }), { text: message.text, blocks: message.blocks }];
}

/** The channel into which the bot was invited, if that is what a body tells. */
export function joinedIn(body: unknown, { botUser }: Home): Place | undefined {
  const joined = memberJoined.safeParse(body);
  return joined.success && joined.data.event.user === botUser ? placeOf(joined.data.event.channel) : undefined;
}

function fromEvent(event: WireEvent, reader: Reader): ChatEvent | undefined {
  if (event.subtype === "message_changed") return changed(event, reader);
  if (event.subtype === "message_deleted") return deleted(event, reader);
  return written(event, reader);
}

/** The kinds of messages that are a person's words; Slack has some thirty others, such as joins and topics. */
const spoken: ReadonlySet<string | undefined> = new Set([undefined, "file_share", "thread_broadcast", "me_message"]);

function written(event: WireEvent, reader: Reader): Written | undefined {
  const reply = replyIn(event);
  if (reply === undefined || !isPersons(event, reader.home)) return undefined;
  const { channel } = event;
  const text = plainText(event, reader.names);
  return {
    kind: "written",
    // One post can be told by a message event and by a mention of the bot.
    key: `w:${channel}:${reply.ts}`,
    at: timeOf(reply.ts),
    place: placeOf(channel),
    post: postIdOf({ channel, ts: reply.ts }),
    thread: threadIdOf({ channel, ts: reply.thread }),
    author: authorOf(event, reader),
    text,
    ...speaksTo(event, reader.home),
    files: text === "" ? somethingIn(event) : filesIn(event),
  };
}

/** Also told when Slack adds a preview or counts replies: only another text is an edit. */
function changed(event: WireEvent, reader: Reader): Edited | Gone | Deleted | undefined {
  const { channel, message, previous_message: before } = event;
  if (message?.ts === undefined) return undefined;
  if (message.subtype === "tombstone")
    return replyIn(message) === undefined ? gone(event, message.ts) : deletedPost(event, message.ts);
  const reply = replyIn(message);
  if (reply === undefined || message.edited === undefined || !isPersons(message, reader.home)) return undefined;
  const text = plainText(message, reader.names);
  const sameAsBefore =
    before !== undefined && (before.edited?.ts === message.edited.ts || plainText(before, reader.names) === text);
  if (sameAsBefore) return undefined;
  return {
    kind: "edited",
    key: `e:${channel}:${reply.ts}:${message.edited.ts}`,
    at: timeOf(message.edited.ts),
    writtenAt: timeOf(reply.ts),
    place: placeOf(channel),
    post: postIdOf({ channel, ts: reply.ts }),
    thread: threadIdOf({ channel, ts: reply.thread }),
    author: authorOf(message, reader),
    text,
    ...speaksTo(message, reader.home),
  };
}

/** A root of ours that goes takes its thread with it: a reply would land openly in the channel. */
function deleted(event: WireEvent, reader: Reader): Deleted | Gone | undefined {
  const { deleted_ts: ts, previous_message: before } = event;
  if (ts === undefined) return undefined;
  if (before === undefined) return deletedPost(event, ts);
  const ours = before.user === reader.home.botUser || before.bot_id !== undefined;
  if (replyIn(before) === undefined) return ours || before.subtype === "tombstone" ? gone(event, ts) : undefined;
  return ours ? undefined : deletedPost(event, ts);
}

const happened = (event: WireEvent, key: string, ts: string) => ({
  key,
  at: timeOf(event.event_ts ?? event.ts ?? ts),
  place: placeOf(event.channel),
});

const deletedPost = (event: WireEvent, ts: string): Deleted => ({
  kind: "deleted",
  ...happened(event, `d:${event.channel}:${ts}`, ts),
  post: postIdOf({ channel: event.channel, ts }),
});

const gone = (event: WireEvent, ts: string): Gone => ({
  kind: "gone",
  ...happened(event, `g:${event.channel}:${ts}`, ts),
  thread: threadIdOf({ channel: event.channel, ts }),
});

function chosen(body: WireChoice, reader: Reader): Chosen | undefined {
  const [pressed] = body.actions;
  const button = pressed && buttonOf(pressed.action_id);
  if (pressed === undefined || button === undefined) return undefined;
  const where = { channel: body.channel.id, ts: body.message.ts };
  return {
    kind: "chosen",
    key: `c:${postIdOf(where)}:${pressed.action_id}:${pressed.action_ts}:${body.user.id}`,
    at: timeOf(pressed.action_ts),
    place: placeOf(where.channel),
    post: postIdOf(where),
    author: authorOf({ user: body.user.id, user_team: body.user.team_id }, reader),
    ...button,
  };
}

/** A button's `action_id` is made in `to-slack.ts`. */
function buttonOf(actionId: string): Pick<Chosen, "action" | "subject"> | undefined {
  const [, action, subject] = /^(retry|send|discard):([\w-]{1,40})$/.exec(actionId) ?? [];
  if (subject === undefined) return undefined;
  if (action !== "retry" && action !== "send" && action !== "discard") return undefined;
  return { action, subject };
}

/** Where a message stands, if it is a reply in a thread. */
function replyIn({ ts, thread_ts: thread }: WireMessage): { ts: string; thread: string } | undefined {
  return ts === undefined || thread === undefined || ts === thread ? undefined : { ts, thread };
}

const isPersons = (message: WireMessage, home: Home): boolean =>
  spoken.has(message.subtype) &&
  message.bot_id === undefined &&
  message.user !== undefined &&
  message.user !== home.botUser &&
  message.user !== "USLACKBOT";

/** Whom the words mention first of all: before it are signs only, as of lists, quotes and styles, emoji, and what nobody sees. */
function speaksTo({ text = "" }: WireMessage, { botUser }: Home): Pick<Written, "speaksTo"> {
  const found = /<(@[A-Z0-9]+|!subteam\^[A-Z0-9]+|!here|!channel|!everyone)(?:\|[^<>]*)?>/.exec(text);
  if (found === null || /[\p{L}\p{N}]/u.test(text.slice(0, found.index).replaceAll(signs, ""))) return {};
  return { speaksTo: found[1] === `@${botUser}` ? "bot" : "colleagues" };
}

/** Those that are written with letters or digits: emoji, escapes, the numbers of a list. */
const signs = /:[a-z0-9_+'-]+:|&(?:amp|lt|gt);|\d{1,3}[.)]/g;

function authorOf(message: Pick<WireMessage, "user" | "team" | "user_team" | "source_team">, reader: Reader): Author {
  const id = message.user ?? "";
  const name = reader.names.person(id);
  const refused = reader.allowOutsiders || isOneOfUs(message, reader.home) ? undefined : outsider;
  return { id, ...(name === undefined ? {} : { name }), ...(refused === undefined ? {} : { refused }) };
}

export const outsider = "This person belongs to another organisation (a channel shared by Slack Connect).";

/** In an Enterprise organisation colleagues may have another team: there only Slack's answer tells who they are, in `people.ts`. */
const isOneOfUs = (from: Pick<WireMessage, "team" | "user_team" | "source_team">, home: Home): boolean =>
  home.enterprise !== undefined ||
  [from.team, from.user_team, from.source_team].every((team) => team === undefined || team === home.team);

/** What is in a message beside words. */
const filesIn = (message: WireMessage): readonly string[] => [
  ...(message.files ?? [])
    .filter((file) => file.mode !== "tombstone")
    .map((file) => file.name ?? file.title ?? "a file"),
  ...blocksIn(message),
  ...(message.attachments?.some(({ is_share: share }) => share === true) ? ["a shared message"] : []),
];

/** A table that was pasted is an attachment's. Other blocks of attachments are previews of links, which may come later, as a change. */
function blocksIn({ blocks = [], attachments = [] }: WireMessage): readonly string[] {
  const attached = attachments.flatMap((each) => each.blocks ?? []).filter(({ type }) => type === "table");
  return [...blocks, ...attached].flatMap(({ type }) => blockNames[type] ?? []);
}

const blockNames: Readonly<Record<string, string>> = { table: "a table", image: "an image", video: "a video" };

/** Of a message without words: whatever it shows, people must be told that it did not leave. */
function somethingIn(message: WireMessage): readonly string[] {
  const files = filesIn(message);
  if (files.length > 0) return files;
  // Somebody else's message, passed on.
  if ((message.attachments ?? []).length > 0) return ["a shared message"];
  return (message.blocks ?? []).length > 0 ? ["something that only Slack shows"] : [];
}
