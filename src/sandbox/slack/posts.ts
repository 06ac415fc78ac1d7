/** What can be done to messages, by apps and by people alike, and the events that follow from it. */
import type { Channel, Reaction, SeenMessage, SlackEvent, TextSettings, WireMessage } from "./types.js";
import type { Workspace } from "./workspace.js";
import { isReply, liveMessage, onTheWire } from "./workspace.js";

export interface Draft {
  readonly fields: Omit<WireMessage, "type" | "ts" | "thread_ts">;
  readonly threadTs?: string | undefined;
  /** Also send a reply to the channel. */
  readonly broadcast?: boolean | undefined;
  readonly settings?: TextSettings;
  /** Whether Slack may fetch the links in it and show previews. */
  readonly unfurl?: boolean;
}

export interface Posts {
  put(channel: Channel, draft: Draft): SeenMessage;
  /** Replaces fields; those given as undefined are taken away. */
  change(channel: Channel, ts: string, fields: Changes): SeenMessage;
  remove(channel: Channel, ts: string): void;
  react(channel: Channel, ts: string, name: string, user: string): void;
  unreact(channel: Channel, ts: string, name: string, user: string): void;
}

export type Changes = { readonly [Field in keyof SeenMessage]?: SeenMessage[Field] | undefined };

const CHANNEL_TYPES = { public: "channel", private: "group", im: "im" } as const;
const PLAIN: TextSettings = { mrkdwn: true, parse: "none" };

export function createPosts(workspace: Workspace, tell: (event: SlackEvent, channel: Channel) => void): Posts {
  const at = (channel: Channel) => {
    const ts = workspace.nextTs();
    return { ts, event_ts: ts, channel: channel.id, channel_type: CHANNEL_TYPES[channel.kind] };
  };

  /** A missing or removed parent is no error: the words land in the channel itself (slackapi/python-slack-events-api#87). */
  function place(channel: Channel, { threadTs, broadcast }: Draft): Partial<WireMessage> {
    const parent = threadTs === undefined ? undefined : liveMessage(channel, threadTs);
    if (parent === undefined) return {};
    const author = parent.user === undefined ? {} : { parent_user_id: parent.user };
    const shown = broadcast === true ? { subtype: "thread_broadcast", root: onTheWire(parent) } : {};
    return { thread_ts: parent.ts, ...author, ...shown };
  }

  function put(channel: Channel, draft: Draft): SeenMessage {
    const standing = place(channel, draft);
    const settings = draft.settings ?? PLAIN;
    const ts = workspace.nextTs();
    const message = { ...draft.fields, type: "message" as const, ts, ...standing, ...settings, channel: channel.id };
    channel.messages.set(ts, message);
    tell({ ...onTheWire(message), ...at(channel), ts, event_ts: ts }, channel);
    if (message.thread_ts !== undefined) recount(channel, message.thread_ts, (replies) => [...replies, ts]);
    if (draft.unfurl === true && /<https?:/.test(message.text)) preview(channel, ts, message.text);
    return channel.messages.get(ts) ?? message;
  }

  /** Counters of a thread live on its parent, so each reply changes the parent: an event that is no edit. */
  function recount(channel: Channel, parentTs: string, next: (replies: readonly string[]) => string[]): void {
    const replies = next(channel.replies.get(parentTs) ?? []);
    channel.replies.set(parentTs, replies);
    const authors = replies.map((ts) => channel.messages.get(ts)).map((reply) => reply?.user ?? reply?.bot_id ?? "");
    const users = [...new Set(authors)];
    const counters = { reply_count: replies.length, reply_users: users, reply_users_count: users.length };
    change(channel, parentTs, { thread_ts: parentTs, ...counters, latest_reply: replies.at(-1) });
  }

  function preview(channel: Channel, ts: string, text: string): void {
    const url = /<(https?:[^|>]+)/.exec(text)?.[1] ?? "";
    change(channel, ts, { attachments: [{ id: 1, from_url: url, fallback: "A page", title: "A page" }] });
  }

  function change(channel: Channel, ts: string, fields: Changes): SeenMessage {
    const before = channel.messages.get(ts);
    if (before === undefined) throw new Error(`no message ${ts} in ${channel.id}`);
    const after = merged(before, fields);
    channel.messages.set(ts, after);
    const both = { message: onTheWire(after), previous_message: onTheWire(before) };
    tell({ type: "message", subtype: "message_changed", hidden: true, ...both, ...at(channel) }, channel);
    return after;
  }

  function remove(channel: Channel, ts: string): void {
    const message = channel.messages.get(ts);
    if (message === undefined) throw new Error(`no message ${ts} in ${channel.id}`);
    if ((channel.replies.get(ts) ?? []).length > 0) return entomb(channel, message);
    channel.messages.delete(ts);
    channel.replies.delete(ts);
    const gone = { deleted_ts: ts, previous_message: onTheWire(message) };
    tell({ type: "message", subtype: "message_deleted", hidden: true, ...gone, ...at(channel) }, channel);
    if (isReply(message)) leaveThread(channel, message);
  }

  function leaveThread(channel: Channel, { thread_ts: parentTs = "", ts }: WireMessage): void {
    const parent = channel.messages.get(parentTs);
    if (parent === undefined) return;
    const left = (channel.replies.get(parentTs) ?? []).filter((reply) => reply !== ts);
    if (parent.subtype !== "tombstone" || left.length > 0) return recount(channel, parentTs, () => left);
    channel.replies.set(parentTs, left);
    remove(channel, parentTs);
  }

  /** A parent that still has replies leaves a tombstone, told as a change. */
  function entomb(channel: Channel, message: SeenMessage): void {
    const kept = [
      "type",
      "ts",
      "channel",
      "mrkdwn",
      "parse",
      "thread_ts",
      "reply_count",
      "reply_users",
      "reply_users_count",
    ];
    const empty = Object.fromEntries(Object.keys(message).map((key) => [key, undefined]));
    const left = Object.fromEntries(Object.entries(message).filter(([key]) => kept.includes(key)));
    const stone = { subtype: "tombstone", text: "This message was deleted.", user: "USLACKBOT", hidden: true };
    change(channel, message.ts, { ...empty, ...left, ...stone });
  }

  function setReaction(channel: Channel, ts: string, name: string, next: (users: readonly string[]) => string[]): void {
    const message = channel.messages.get(ts);
    if (message === undefined) throw new Error(`no message ${ts} in ${channel.id}`);
    const others = message.reactions ?? [];
    const users = next(others.find((reaction) => reaction.name === name)?.users ?? []);
    const mine: Reaction = { name, count: users.length, users };
    const all = others.some((reaction) => reaction.name === name)
      ? others.map((reaction) => (reaction.name === name ? mine : reaction))
      : [...others, mine];
    const reactions = all.filter(({ count }) => count > 0);
    channel.messages.set(ts, merged(message, { reactions: reactions.length > 0 ? reactions : undefined }));
  }

  function tellReaction(type: string, channel: Channel, ts: string, reaction: string, user: string): void {
    const owner = channel.messages.get(ts)?.user;
    const item = { type: "message", channel: channel.id, ts };
    const whose = owner === undefined ? {} : { item_user: owner };
    tell({ type, user, reaction, item, ...whose, event_ts: workspace.nextTs() }, channel);
  }

  return {
    put,
    change,
    remove,
    react(channel, ts, name, user) {
      setReaction(channel, ts, name, (users) => [...users, user]);
      tellReaction("reaction_added", channel, ts, name, user);
    },
    unreact(channel, ts, name, user) {
      setReaction(channel, ts, name, (users) => users.filter((other) => other !== user));
      tellReaction("reaction_removed", channel, ts, name, user);
    },
  };
}

/** Fields that end up undefined are left out: they are not on the wire either. */
function merged(before: SeenMessage, fields: Changes): SeenMessage {
  const entries = Object.entries({ ...before, ...fields }).filter(([, value]) => value !== undefined);
  return { text: "", ...(Object.fromEntries(entries) as Omit<SeenMessage, "text">) };
}
