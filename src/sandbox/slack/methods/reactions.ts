/** reactions.*. Errors by docs.slack.dev/reference/methods/reactions.add. */
import { canonicalName } from "../emoji.js";
import { SlackError } from "../errors.js";
import type { MethodDeps, Methods } from "../method.js";
import type { Params } from "../params.js";
import { optional, required, timestamp } from "../params.js";
import { joinedChannel, liveMessage, onTheWire } from "../workspace.js";

/** Different emoji on one message, and reactions by one person to it. */
const MAX_EMOJI = 23;

export function reactionMethods({ workspace, posts }: MethodDeps): Methods {
  const me = workspace.bot.userId;

  function target(params: Params) {
    if (optional(params, "channel") === undefined) throw new SlackError("no_item_specified");
    const channel = joinedChannel(workspace, required(params, "channel"));
    const ts = timestamp(params, "timestamp", "bad_timestamp");
    if (ts === undefined) throw new SlackError("no_item_specified");
    const message = liveMessage(channel, ts);
    if (message === undefined) throw new SlackError("message_not_found");
    return { channel, message, ts };
  }

  function emoji(params: Params): string {
    const name = canonicalName(required(params, "name"));
    if (name === undefined) throw new SlackError("invalid_name");
    return name;
  }

  function add(params: Params) {
    const name = emoji(params);
    const { channel, message, ts } = target(params);
    if (channel.archived) throw new SlackError("is_archived");
    const reactions = message.reactions ?? [];
    const same = reactions.find((reaction) => reaction.name === name);
    if (same?.users.includes(me) === true) throw new SlackError("already_reacted");
    if (reactions.filter(({ users }) => users.includes(me)).length >= MAX_EMOJI)
      throw new SlackError("too_many_reactions");
    if (same === undefined && reactions.length >= MAX_EMOJI) throw new SlackError("too_many_emoji");
    posts.react(channel, ts, name, me);
    return {};
  }

  function remove(params: Params) {
    const name = emoji(params);
    const { channel, message, ts } = target(params);
    const same = message.reactions?.find((reaction) => reaction.name === name);
    if (same?.users.includes(me) !== true) throw new SlackError("no_reaction");
    posts.unreact(channel, ts, name, me);
    return {};
  }

  function get(params: Params) {
    const { channel, message } = target(params);
    return { type: "message", channel: channel.id, message: onTheWire(message) };
  }

  return {
    "reactions.add": { scopes: ["reactions:write"], run: add },
    "reactions.remove": { scopes: ["reactions:write"], run: remove },
    "reactions.get": { scopes: ["reactions:read"], run: get },
  };
}
