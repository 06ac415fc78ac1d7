/** conversations.*: where one can be, who is there, and what was said. */
import { SlackError } from "../errors.js";
import type { MethodDeps, Methods } from "../method.js";
import type { Params } from "../params.js";
import { count, flag, optional, page, required, timestamp } from "../params.js";
import type { Channel, SeenMessage, WireMessage } from "../types.js";
import { isTopLevel, joinedChannel, onTheWire, visibleChannel } from "../workspace.js";

const KINDS = { public: "public_channel", private: "private_channel", im: "im" } as const;
const READ = ["channels:read", "groups:read", "im:read"];
const HISTORY = ["channels:history", "groups:history", "im:history"];

export function conversationMethods(deps: MethodDeps): Methods {
  const { workspace } = deps;
  const me = workspace.bot.userId;
  const find = (params: Params) => visibleChannel(workspace, required(params, "channel"));

  const listed = (messages: readonly SeenMessage[]) => messages.filter(({ ts }) => deps.isListed(ts));

  function info(params: Params) {
    const channel = find(params);
    const total = flag(params, "include_num_members") === true ? { num_members: channel.members.size } : {};
    return { channel: { ...view(channel, me), ...total } };
  }

  function list(params: Params) {
    const types = (optional(params, "types") ?? "public_channel").split(",").map((type) => type.trim());
    const known = [...workspace.channels.values()].filter(
      (channel) =>
        types.includes(KINDS[channel.kind]) &&
        (channel.kind === "public" || channel.members.has(me)) &&
        !(channel.archived && flag(params, "exclude_archived") === true),
    );
    const { items, next } = page(known, params, count(params, "limit", 100, 1000));
    return { channels: items.map((channel) => view(channel, me)), response_metadata: { next_cursor: next } };
  }

  function members(params: Params) {
    const { items, next } = page([...find(params).members], params, count(params, "limit", 100, 1000));
    return { members: items, response_metadata: { next_cursor: next } };
  }

  function join(params: Params) {
    const channel = find(params);
    if (channel.kind !== "public") throw new SlackError("method_not_supported_for_channel_type");
    if (channel.archived) throw new SlackError("is_archived");
    const already = channel.members.has(me);
    channel.members.add(me);
    const warnings = ["already_in_channel"];
    const warning = already ? { warning: "already_in_channel", response_metadata: { warnings } } : {};
    return { channel: view(channel, me), ...warning };
  }

  function history(params: Params) {
    const channel = joinedChannel(workspace, required(params, "channel"));
    const found = listed([...channel.messages.values()])
      .filter(isTopLevel)
      .filter(within(params))
      .toReversed();
    return pageOfMessages(found, params, Math.min(100, deps.historyLimit));
  }

  /** The parent stands at the head of every page, also outside the asked-for time. */
  function replies(params: Params) {
    const channel = joinedChannel(workspace, required(params, "channel"));
    const message = channel.messages.get(required(params, "ts"));
    if (message === undefined) throw new SlackError("thread_not_found");
    const parent = channel.messages.get(message.thread_ts ?? message.ts) ?? message;
    const all = (channel.replies.get(parent.ts) ?? []).flatMap((ts) => channel.messages.get(ts) ?? []);
    const result = pageOfMessages(listed(all).filter(within(params)), params, Math.min(1000, deps.historyLimit));
    return { ...result, messages: [shown(parent, params), ...result.messages] };
  }

  function pageOfMessages(found: readonly SeenMessage[], params: Params, usual: number) {
    const { items, next } = page(found, params, count(params, "limit", usual, Math.min(999, deps.historyLimit)));
    const messages = items.map((message) => shown(message, params));
    return { messages, has_more: next !== "", response_metadata: { next_cursor: next } };
  }

  return {
    "conversations.info": { scopes: READ, run: info },
    "conversations.list": { scopes: READ, run: list },
    "conversations.members": { scopes: READ, run: members },
    "conversations.join": { scopes: ["channels:join"], run: join },
    "conversations.history": { scopes: HISTORY, run: history },
    "conversations.replies": { scopes: HISTORY, run: replies },
  };
}

export function view(channel: Channel, me: string): Record<string, unknown> {
  const isIm = channel.kind === "im";
  return {
    id: channel.id,
    created: Math.floor(channel.created / 1000),
    is_im: isIm,
    is_archived: channel.archived,
    is_shared: channel.extShared,
    is_ext_shared: channel.extShared,
    is_org_shared: false,
    is_private: channel.kind !== "public",
    ...(isIm
      ? { user: [...channel.members].find((id) => id !== me) }
      : {
          name: channel.name,
          name_normalized: channel.name,
          is_channel: channel.kind === "public",
          is_group: channel.kind === "private",
          is_mpim: false,
          is_member: channel.members.has(me),
          is_general: false,
        }),
  };
}

/** `oldest` and `latest` shut out the moment itself unless `inclusive`. Same-length strings compare as numbers. */
function within(params: Params): (message: WireMessage) => boolean {
  const oldest = bound(params, "oldest", "invalid_ts_oldest");
  const latest = bound(params, "latest", "invalid_ts_latest");
  const inclusive = flag(params, "inclusive") === true;
  return ({ ts }) =>
    (oldest === undefined || ts > oldest || (inclusive && ts === oldest)) &&
    (latest === undefined || ts < latest || (inclusive && ts === latest));
}

/** Unlike a message's id, a bound may come without its decimals. */
function bound(params: Params, name: string, error: string): string | undefined {
  const value = params[name];
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d+(\.\d+)?$/.test(text)) return timestamp(params, name, error);
  const [seconds = "", decimals = ""] = text.split(".");
  return `${seconds.padStart(10, "0")}.${decimals.padEnd(6, "0").slice(0, 6)}`;
}

function shown(message: SeenMessage, params: Params): WireMessage {
  const wire = onTheWire(message);
  if (wire.metadata === undefined || flag(params, "include_all_metadata") === true) return wire;
  return { ...wire, metadata: { event_type: wire.metadata.event_type } };
}
