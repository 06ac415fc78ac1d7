/** chat.*: posting, rewriting and removing messages. Errors by docs.slack.dev/reference/methods. */
import { cutText, readContent, readMetadata } from "../content.js";
import { SlackError, invalidArguments } from "../errors.js";
import type { MethodDeps, Methods } from "../method.js";
import type { Params } from "../params.js";
import { flag, optional, required, timestamp } from "../params.js";
import type { Block, Channel, SeenMessage, TextSettings } from "../types.js";
import { isReply, liveMessage, onTheWire, visibleChannel } from "../workspace.js";

const MAX_UPDATE = 4000;

export function chatMethods(deps: MethodDeps): Methods {
  const { workspace, posts, scopes } = deps;
  const { bot } = workspace;
  const blockId = () => workspace.nextNumber().toString(36).padStart(5, "0");

  /** By id, by name or, for a person, the direct conversation. */
  function writableChannel(params: Params): Channel {
    const wanted = required(params, "channel");
    const name = wanted.replace(/^#/, "");
    const named = [...workspace.channels.values()].find((channel) => channel.kind !== "im" && channel.name === name);
    const channel = workspace.users.has(wanted)
      ? workspace.direct(wanted)
      : visibleChannel(workspace, named?.id ?? wanted);
    if (channel.archived) throw new SlackError("is_archived");
    if (!channel.members.has(bot.userId) && !scopes.includes("chat:write.public"))
      throw new SlackError("not_in_channel");
    return channel;
  }

  function author(params: Params): Partial<SeenMessage> {
    const custom = scopes.includes("chat:write.customize");
    const username = custom ? optional(params, "username") : undefined;
    const icons = custom ? icon(params) : {};
    const mine = { bot_id: bot.botId, app_id: bot.appId };
    if (username === undefined) return { ...mine, user: bot.userId, team: workspace.team.id, ...icons };
    return { ...mine, subtype: "bot_message", username, ...icons };
  }

  function post(params: Params) {
    const channel = writableChannel(params);
    const threadTs = timestamp(params, "thread_ts", "invalid_thread_ts");
    const content = readContent(params, blockId);
    const metadata = readMetadata(params);
    if (threadTs !== undefined) refuseReplies(channel, threadTs);
    const { text, warning } = cutText(content.text ?? fallback(content.blocks));
    const message = posts.put(channel, {
      fields: { ...author(params), ...content, text, ...(metadata ? { metadata } : {}) },
      threadTs,
      broadcast: flag(params, "reply_broadcast"),
      settings: settings(params, "none"),
      unfurl: flag(params, "unfurl_links") !== false || flag(params, "unfurl_media") !== false,
    });
    return { channel: channel.id, ts: message.ts, message: onTheWire(message), ...warning };
  }

  function update(params: Params) {
    const channel = visibleChannel(workspace, required(params, "channel"));
    const { message, ts } = own(channel, params, "ts", "cant_update_message");
    if (channel.archived) throw new SlackError("is_inactive");
    if ((optional(params, "text") ?? "").length > MAX_UPDATE) throw new SlackError("msg_too_long");
    const { text, blocks, attachments } = readContent(params, blockId);
    const metadata = readMetadata(params);
    refuseMismatch(message, blocks);
    const after = posts.change(channel, ts, {
      ...settings(params, "client"),
      text: text ?? message.text,
      // Text without blocks takes the blocks away; neither text nor blocks leaves them.
      ...(text === undefined && blocks === undefined ? {} : { blocks }),
      ...(attachments === undefined ? {} : { attachments }),
      ...(metadata === undefined ? {} : { metadata: metadata ?? undefined }),
      ...(blocks === undefined ? { edited: { user: bot.userId, ts: workspace.nextTs() } } : {}),
    });
    return { channel: channel.id, ts, text: after.text, message: onTheWire(after) };
  }

  function own(channel: Channel, params: Params, name: string, refusal: string) {
    const ts = timestamp(params, name, "message_not_found") ?? required(params, name);
    const message = liveMessage(channel, ts);
    if (message === undefined) throw new SlackError("message_not_found");
    if (message.bot_id !== bot.botId) throw new SlackError(refusal);
    return { message, ts };
  }

  function remove(params: Params) {
    const channel = visibleChannel(workspace, required(params, "channel"));
    const { ts } = own(channel, params, "ts", "cant_delete_message");
    posts.remove(channel, ts);
    return { channel: channel.id, ts };
  }

  function postEphemeral(params: Params) {
    const channel = writableChannel(params);
    const to = required(params, "user");
    if (!channel.members.has(to)) throw new SlackError("user_not_in_channel");
    const content = readContent(params, blockId);
    const ts = workspace.nextTs();
    const thread = timestamp(params, "thread_ts", "invalid_thread_ts");
    workspace.ephemerals.push({
      type: "message",
      ...author(params),
      ...content,
      text: content.text ?? fallback(content.blocks),
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...settings(params, "none"),
      ts,
      channel: channel.id,
      to,
    });
    return { message_ts: ts };
  }

  function getPermalink(params: Params) {
    const channel = visibleChannel(workspace, required(params, "channel"));
    const message = liveMessage(channel, required(params, "message_ts"));
    if (message === undefined) throw new SlackError("message_not_found");
    const thread = isReply(message) ? `?thread_ts=${message.thread_ts ?? ""}&cid=${channel.id}` : "";
    const permalink = `${deps.url}archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
    return { channel: channel.id, permalink };
  }

  const write = ["chat:write"];
  return {
    "chat.postMessage": { scopes: write, run: post },
    "chat.update": { scopes: write, run: update },
    "chat.delete": { scopes: write, run: remove },
    "chat.postEphemeral": { scopes: write, run: postEphemeral },
    "chat.getPermalink": { run: getPermalink },
  };
}

/** The `ts` of a reply opens no thread of its own; Slack asks for the parent's. */
function refuseReplies(channel: Channel, threadTs: string): void {
  const parent = liveMessage(channel, threadTs);
  if (parent !== undefined && isReply(parent)) throw new SlackError("cannot_reply_to_message");
}

/** Documented for chat.update: rich text gives way to rich text only. */
function refuseMismatch(before: SeenMessage, blocks: readonly Block[] | undefined): void {
  const rich = (list: readonly Block[] | undefined) => (list ?? []).some(({ type }) => type === "rich_text");
  if (blocks !== undefined && rich(before.blocks) && !rich(blocks)) throw new SlackError("block_mismatch");
}

function settings(params: Params, usual: TextSettings["parse"]): TextSettings {
  const parse = optional(params, "parse") ?? usual;
  if (parse !== "none" && parse !== "client" && parse !== "full") throw invalidArguments("parse must be none or full");
  return { parse, mrkdwn: flag(params, "mrkdwn") ?? true };
}

function icon(params: Params): Partial<SeenMessage> {
  const emoji = optional(params, "icon_emoji");
  if (emoji !== undefined) return { icons: { emoji } };
  const url = optional(params, "icon_url");
  return url === undefined ? {} : { icons: { image_48: url } };
}

/** Without `text`, Slack writes something for notifications. */
function fallback(blocks: readonly Block[] | undefined): string {
  return blocks === undefined ? "" : "This content can't be displayed.";
}
