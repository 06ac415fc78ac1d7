/** The workspace as data: who is there, where they talk, and the clock that numbers their messages. Tells nobody of anything. */
import { SlackError } from "./errors.js";
import type { Channel, Ephemeral, NewChannel, NewUser, SeenMessage, User, WireMessage } from "./types.js";

export interface Workspace {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string; readonly name: string };
  readonly channels: Map<string, Channel>;
  readonly users: Map<string, User>;
  readonly ephemerals: Ephemeral[];
  /** Epoch ms. */
  now(): number;
  /** Unique and rising, however often it is asked within one millisecond. */
  nextTs(): string;
  nextId(prefix: string): string;
  nextNumber(): number;
  addChannel(channel: NewChannel): Channel;
  addUser(user: NewUser): User;
  /** The conversation between a person and the bot, opened when there is none. */
  direct(user: string): Channel;
}

export function createWorkspace(now: () => number): Workspace {
  let lastTs = 0;
  let lastNumber = 0;
  const nextNumber = () => (lastNumber += 1);
  const nextId = (prefix: string) => `${prefix}${nextNumber().toString(36).toUpperCase().padStart(10, "0")}`;
  const team = { id: nextId("T"), name: "Sandbox", domain: "sandbox" };
  const bot = { userId: nextId("U"), botId: nextId("B"), appId: nextId("A"), name: "SMS" };
  const channels = new Map<string, Channel>();
  const users = new Map<string, User>();

  function keep(channel: Omit<Channel, "archived" | "created" | "messages" | "replies">): Channel {
    const kept = { ...channel, archived: false, created: now(), messages: new Map(), replies: new Map() };
    channels.set(kept.id, kept);
    return kept;
  }

  function addChannel(channel: NewChannel): Channel {
    return keep({
      id: channel.id ?? nextId("C"),
      name: channel.name,
      kind: channel.private === true ? "private" : "public",
      extShared: channel.extShared ?? false,
      members: new Set([...(channel.members ?? []), ...(channel.member === false ? [] : [bot.userId])]),
    });
  }

  function addUser(user: NewUser): User {
    const kept = {
      displayName: user.name,
      team: team.id,
      bot: false,
      ...user,
      id: user.id ?? nextId("U"),
    };
    users.set(kept.id, kept);
    return kept;
  }

  function direct(user: string): Channel {
    const open = [...channels.values()].find(({ kind, members }) => kind === "im" && members.has(user));
    const members = new Set([user, bot.userId]);
    return open ?? keep({ id: nextId("D"), name: user, kind: "im", extShared: false, members });
  }

  function nextTs(): string {
    lastTs = Math.max(Math.round(now() * 1000), lastTs + 1);
    return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, "0")}`;
  }

  users.set(bot.userId, { id: bot.userId, name: bot.name, displayName: bot.name, team: team.id, bot: true });
  return { team, bot, channels, users, ephemerals: [], now, nextTs, nextId, nextNumber, addChannel, addUser, direct };
}

/** What an app may know of: a private channel that it is not in does not exist for it. */
export function visibleChannel(workspace: Workspace, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined || (channel.kind !== "public" && !channel.members.has(workspace.bot.userId)))
    throw new SlackError("channel_not_found");
  return channel;
}

export function joinedChannel(workspace: Workspace, id: string): Channel {
  const channel = visibleChannel(workspace, id);
  if (!channel.members.has(workspace.bot.userId)) throw new SlackError("not_in_channel");
  return channel;
}

/** The message, unless it is gone or only its tombstone is left. */
export function liveMessage(channel: Channel, ts: string): SeenMessage | undefined {
  const message = channel.messages.get(ts);
  return message?.subtype === "tombstone" ? undefined : message;
}

export function isReply(message: WireMessage): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

/** In the channel itself: parents, messages without a thread, and replies that were also sent to the channel. */
export function isTopLevel(message: WireMessage): boolean {
  return !isReply(message) || message.subtype === "thread_broadcast";
}

export function onTheWire(message: SeenMessage): WireMessage {
  const { channel: _channel, mrkdwn: _mrkdwn, parse: _parse, ...wire } = message;
  return wire;
}
