/** What people do in the workspace, and what an onlooker sees of it. */
import { randomUUID } from "node:crypto";
import { canonicalName } from "./emoji.js";
import type { Changes, Posts } from "./posts.js";
import { typed } from "./typed.js";
import type { Channel, Ephemeral, NewChannel, NewUser, SeenMessage, SlackEvent, SlackFile, User } from "./types.js";
import type { Workspace } from "./workspace.js";
import { isTopLevel, liveMessage } from "./workspace.js";

export interface Saying {
  /** The parent's `ts`. */
  readonly thread?: string;
  /** Also send the reply to the channel. */
  readonly broadcast?: boolean;
  readonly files?: readonly { readonly name: string; readonly mimetype: string }[];
  readonly subtype?: "me_message";
  /** The text is on the wire as it stands, without what Slack's client makes of typed words. */
  readonly raw?: boolean;
}

export interface People {
  addChannel(channel: NewChannel): Channel;
  addUser(user: NewUser): User;
  /** The direct conversation of a person with the bot. */
  direct(user: string): Channel;
  /** Returns the `ts`. */
  says(channel: string, user: string, text: string, how?: Saying): string;
  edits(channel: string, ts: string, text: string, how?: Pick<Saying, "raw">): void;
  removes(channel: string, ts: string): void;
  reacts(channel: string, ts: string, name: string, user: string): void;
  unreacts(channel: string, ts: string, name: string, user: string): void;
  /** A preview appears under a message: a change that is no edit. */
  unfurls(channel: string, ts: string): void;
  archive(channel: string): void;
  unarchive(channel: string): void;
  kickBot(channel: string): void;
  inviteBot(channel: string): void;
  joins(channel: string, user: string): void;
  channels(): readonly Channel[];
  /** What stands in the channel itself, oldest first: no replies unless they were also sent to the channel. */
  messages(channel: string): readonly SeenMessage[];
  replies(channel: string, ts: string): readonly SeenMessage[];
  message(channel: string, ts: string): SeenMessage | undefined;
  ephemerals(channel: string): readonly Ephemeral[];
}

export interface PeopleDeps {
  readonly workspace: Workspace;
  readonly posts: Posts;
  readonly tell: (event: SlackEvent, channel: Channel) => void;
  readonly changed: () => void;
}

export function findChannel(workspace: Workspace, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new Error(`there is no channel ${id}: add it first`);
  return channel;
}

export function findUser(workspace: Workspace, id: string): User {
  const user = workspace.users.get(id);
  if (user === undefined) throw new Error(`there is no user ${id}: add them first`);
  return user;
}

export function createPeople({ workspace, posts, tell, changed }: PeopleDeps): People {
  const { team, bot } = workspace;
  const channelOf = (id: string) => findChannel(workspace, id);

  const names = {
    user: (name: string) =>
      [...workspace.users.values()].find((user) => user.displayName === name || user.name === name)?.id,
    channel: (name: string) => [...workspace.channels.values()].find((channel) => channel.name === name)?.id,
  };
  const words = (text: string, raw = false): Changes & { text: string } =>
    raw || text === "" ? { text, blocks: undefined } : typed(text, names);

  function origin(user: User): Partial<SeenMessage> {
    return user.team === team.id
      ? { team: team.id }
      : { team: user.team, user_team: user.team, source_team: user.team };
  }

  function file({ name, mimetype }: { name: string; mimetype: string }): SlackFile {
    const id = workspace.nextId("F");
    const url_private = `https://files.sandbox.example/${id}/${encodeURIComponent(name)}`;
    return { id, name, title: name, mimetype, mode: "hosted", url_private, url_private_download: url_private };
  }

  function says(channelId: string, userId: string, text: string, how: Saying = {}): string {
    const channel = channelOf(channelId);
    const user = findUser(workspace, userId);
    if (channel.archived) throw new Error(`nobody can write in ${channelId}: it is archived`);
    if (how.thread !== undefined && liveMessage(channel, how.thread) === undefined)
      throw new Error(`nobody can reply to ${how.thread}: it is not there`);
    channel.members.add(user.id);
    const files = (how.files ?? []).map(file);
    const subtype = how.subtype ?? (files.length > 0 ? "file_share" : undefined);
    const { text: wire, blocks } = words(text, how.raw);
    const content = { text: wire, ...(blocks === undefined ? {} : { blocks }), ...(files.length > 0 ? { files } : {}) };
    const who = { user: user.id, ...origin(user), ...(user.bot ? {} : { client_msg_id: randomUUID() }) };
    const fields = { ...who, ...content, ...(subtype === undefined ? {} : { subtype }) };
    return posts.put(channel, { fields, threadTs: how.thread, broadcast: how.broadcast, unfurl: true }).ts;
  }

  function edits(channelId: string, ts: string, text: string, how: Pick<Saying, "raw"> = {}): void {
    const channel = channelOf(channelId);
    const user = liveMessage(channel, ts)?.user;
    if (user === undefined || user === bot.userId) throw new Error(`${ts} is no message of a person`);
    posts.change(channel, ts, { ...words(text, how.raw), edited: { user, ts: workspace.nextTs() } });
  }

  function putAway(id: string, is: boolean): void {
    const channel = channelOf(id);
    channel.archived = is;
    const type = `${channel.kind === "private" ? "group" : "channel"}_${is ? "archive" : "unarchive"}`;
    tell({ type, channel: id, user: "USLACKADMIN", event_ts: workspace.nextTs() }, channel);
  }

  /** The app learns of it although it is no longer there. */
  function kickBot(id: string): void {
    const channel = channelOf(id);
    const event_ts = workspace.nextTs();
    const channel_type = channel.kind === "private" ? "G" : "C";
    tell(
      { type: "member_left_channel", user: bot.userId, channel: id, channel_type, team: team.id, event_ts },
      channel,
    );
    const left = channel.kind === "private" ? "group_left" : "channel_left";
    tell({ type: left, channel: id, actor_id: "USLACKADMIN", event_ts }, channel);
    channel.members.delete(bot.userId);
    changed();
  }

  function join(id: string, user: string, invited: { readonly inviter?: string } = {}): void {
    const channel = channelOf(id);
    channel.members.add(user);
    const channel_type = channel.kind === "private" ? "G" : "C";
    const who = { user, team: team.id, ...invited };
    tell({ type: "member_joined_channel", ...who, channel: id, channel_type, event_ts: workspace.nextTs() }, channel);
  }

  function emoji(name: string): string {
    const known = canonicalName(name);
    if (known === undefined) throw new Error(`there is no emoji ${name}`);
    return known;
  }

  return {
    addChannel: (channel) => {
      const added = workspace.addChannel(channel);
      changed();
      return added;
    },
    addUser: (user) => workspace.addUser(user),
    direct: (user) => workspace.direct(user),
    says,
    edits,
    removes: (channel, ts) => posts.remove(channelOf(channel), ts),
    reacts: (channel, ts, name, user) => posts.react(channelOf(channel), ts, emoji(name), user),
    unreacts: (channel, ts, name, user) => posts.unreact(channelOf(channel), ts, emoji(name), user),
    unfurls: (channel, ts) =>
      void posts.change(channelOf(channel), ts, { attachments: [{ id: 1, fallback: "A page", title: "A page" }] }),
    archive: (id) => putAway(id, true),
    unarchive: (id) => putAway(id, false),
    kickBot,
    inviteBot: (channel) => join(channel, bot.userId, { inviter: "USLACKADMIN" }),
    joins: join,
    channels: () => [...workspace.channels.values()],
    messages: (channel) => [...channelOf(channel).messages.values()].filter(isTopLevel),
    replies: (channel, ts) =>
      (channelOf(channel).replies.get(ts) ?? []).flatMap((reply) => channelOf(channel).messages.get(reply) ?? []),
    message: (channel, ts) => channelOf(channel).messages.get(ts),
    ephemerals: (channel) => workspace.ephemerals.filter((one) => one.channel === channel),
  };
}
