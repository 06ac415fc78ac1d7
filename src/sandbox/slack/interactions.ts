/** Buttons and slash commands: what the app is told, and what it may say in answer. */
import { readContent } from "./content.js";
import type { Deliveries } from "./deliveries.js";
import type { Params } from "./params.js";
import { flag, isRecord, optional } from "./params.js";
import type { Posts } from "./posts.js";
import type { Origin, Triggers } from "./triggers.js";
import type { Block, Channel, SeenMessage, User } from "./types.js";
import type { Workspace } from "./workspace.js";
import { isReply, onTheWire } from "./workspace.js";

export interface Interactions {
  /** Presses a button. Resolves to whether the app acknowledged in time; if not, the person sees that it failed. */
  presses(channel: string, ts: string, actionId: string, user: string): Promise<boolean>;
  /** `text` begins with the command. Not for threads: Slack's client refuses commands there. */
  command(user: string, channel: string, text: string): Promise<boolean>;
}

export interface InteractionDeps {
  readonly workspace: Workspace;
  readonly posts: Posts;
  readonly deliveries: Deliveries;
  readonly triggers: Triggers;
  readonly responseUrl: (key: string) => string;
  readonly changed: () => void;
  readonly people: {
    channel(id: string): Channel;
    user(id: string): User;
  };
}

export function createInteractions(deps: InteractionDeps): Interactions {
  const { workspace, deliveries, triggers, people } = deps;
  const { team, bot } = workspace;

  function common(user: User, origin: Origin) {
    return {
      api_app_id: bot.appId,
      token: "verification-token",
      trigger_id: triggers.trigger(user.id),
      response_url: deps.responseUrl(triggers.responseKey(origin)),
      is_enterprise_install: false,
    };
  }

  return {
    async presses(channelId, ts, actionId, userId) {
      const channel = people.channel(channelId);
      const user = people.user(userId);
      const hidden = workspace.ephemerals.find((one) => one.ts === ts && one.to === userId);
      const message = channel.messages.get(ts) ?? hidden;
      const { block, element } = findAction(message, actionId);
      const origin = { channel: channel.id, user: user.id, ts };
      const answer = await deliveries.ask("interactive", {
        type: "block_actions",
        ...common(user, origin),
        user: { id: user.id, username: user.name, name: user.name, team_id: user.team },
        team: { id: team.id, domain: team.domain },
        enterprise: null,
        channel: { id: channel.id, name: channel.name },
        container: container(message, channel.id, hidden !== undefined),
        ...(hidden === undefined && message !== undefined ? { message: onTheWire(message) } : {}),
        state: { values: {} },
        actions: [{ ...element, block_id: block.block_id, action_ts: workspace.nextTs() }],
      });
      return answer !== undefined;
    },
    async command(userId, channelId, text) {
      const channel = people.channel(channelId);
      const user = people.user(userId);
      const [command = "", ...words] = text.split(" ");
      if (!command.startsWith("/")) throw new Error(`not a command: it does not begin with a slash`);
      const origin = { channel: channel.id, user: user.id };
      const answer = await deliveries.ask("slash_commands", {
        ...common(user, origin),
        team_id: team.id,
        team_domain: team.domain,
        channel_id: channel.id,
        channel_name: channel.kind === "private" ? "privategroup" : channel.name,
        user_id: user.id,
        user_name: user.name,
        command,
        text: words.join(" ").trim(),
      });
      const said = isRecord(answer?.response) ? answer.response : { text: answer?.response };
      if (typeof said.text === "string" && said.text !== "") respond(deps, origin, said);
      return answer !== undefined;
    },
  };
}

function findAction(message: SeenMessage | undefined, actionId: string): { block: Block; element: object } {
  for (const block of message?.blocks ?? []) {
    const elements = [...(Array.isArray(block.elements) ? (block.elements as unknown[]) : []), block.accessory];
    const element = elements.find((candidate) => isRecord(candidate) && candidate.action_id === actionId);
    if (isRecord(element)) return { block, element };
  }
  throw new Error(`there is no ${actionId} to press: the message is gone or has no such element`);
}

function container(message: SeenMessage | undefined, channel: string, ephemeral: boolean): object {
  const thread = message !== undefined && isReply(message) ? { thread_ts: message.thread_ts } : {};
  return { type: "message", message_ts: message?.ts, channel_id: channel, is_ephemeral: ephemeral, ...thread };
}

/** An answer through a response URL, or with the acknowledgement of a command: seen by the person alone unless it says otherwise. */
export function respond(deps: Omit<InteractionDeps, "people">, origin: Origin, params: Params): void {
  const { workspace, posts } = deps;
  const channel = workspace.channels.get(origin.channel);
  if (channel === undefined) return;
  const original = origin.ts === undefined ? undefined : channel.messages.get(origin.ts);
  if (flag(params, "delete_original") === true) {
    if (original === undefined) dropEphemeral(workspace, origin.ts);
    else posts.remove(channel, original.ts);
    return deps.changed();
  }
  const content = readContent(params, () => workspace.nextNumber().toString(36).padStart(5, "0"));
  const fields = { bot_id: workspace.bot.botId, subtype: "bot_message", ...content, text: content.text ?? "" };
  const threadTs = optional(params, "thread_ts");
  if (flag(params, "replace_original") === true && original !== undefined)
    posts.change(channel, original.ts, { blocks: undefined, ...content });
  else if (optional(params, "response_type") === "in_channel") posts.put(channel, { fields, threadTs });
  else {
    if (flag(params, "replace_original") === true) dropEphemeral(workspace, origin.ts);
    const place = threadTs === undefined ? {} : { thread_ts: threadTs };
    const seen = { type: "message", mrkdwn: true, parse: "none", channel: channel.id, to: origin.user } as const;
    workspace.ephemerals.push({ ...fields, ...place, ...seen, ts: workspace.nextTs() });
  }
  deps.changed();
}

function dropEphemeral(workspace: Workspace, ts: string | undefined): void {
  const index = workspace.ephemerals.findIndex((one) => one.ts === ts);
  if (index >= 0) workspace.ephemerals.splice(index, 1);
}
