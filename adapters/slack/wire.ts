/** What Slack sends, as far as the bridge reads it. Fields that come in an unexpected form count as absent. */
import * as z from "zod";

const words = z.string().optional().catch(undefined);

/** A `rich_text` block or an element in it; their kinds differ in which of these they have. */
export interface RichNode {
  readonly type: string;
  readonly text?: string | undefined;
  readonly url?: string | undefined;
  readonly name?: string | undefined;
  readonly unicode?: string | undefined;
  readonly skin_tone?: number | undefined;
  readonly user_id?: string | undefined;
  readonly channel_id?: string | undefined;
  readonly usergroup_id?: string | undefined;
  readonly range?: string | undefined;
  readonly fallback?: string | undefined;
  readonly value?: string | undefined;
  readonly style?: unknown;
  readonly indent?: number | undefined;
  readonly offset?: number | undefined;
  readonly elements?: readonly RichNode[] | undefined;
}

const node: z.ZodType<RichNode> = z.object({
  type: z.string(),
  text: words,
  url: words,
  name: words,
  unicode: words,
  skin_tone: z.number().optional().catch(undefined),
  user_id: words,
  channel_id: words,
  usergroup_id: words,
  range: words,
  fallback: words,
  value: words,
  style: z.unknown().optional(),
  indent: z.number().int().min(0).max(20).optional().catch(undefined),
  offset: z.number().int().min(0).optional().catch(undefined),
  elements: z.lazy(() => nodes),
});

const nodes = z.array(node).optional().catch(undefined);

const message = z.object({
  subtype: words,
  user: words,
  bot_id: words,
  team: words,
  user_team: words,
  source_team: words,
  ts: words,
  thread_ts: words,
  reply_count: z.number().optional().catch(undefined),
  text: words,
  blocks: nodes,
  files: z
    .array(z.object({ name: words, title: words, mode: words }))
    .optional()
    .catch(undefined),
  attachments: z
    .array(z.object({ is_share: z.boolean().optional().catch(undefined), blocks: nodes }))
    .optional()
    .catch(undefined),
  edited: z.object({ ts: z.string() }).optional().catch(undefined),
});
export type WireMessage = z.infer<typeof message>;

export const eventCallback = z.object({
  type: z.literal("event_callback"),
  event: message.extend({
    type: z.enum(["message", "app_mention"]),
    channel: z.string(),
    channel_type: words,
    event_ts: words,
    deleted_ts: words,
    message: message.optional().catch(undefined),
    previous_message: message.optional().catch(undefined),
  }),
});
export type WireEvent = z.infer<typeof eventCallback>["event"];

/** Somebody came into a channel that the app is in; the app itself, when it was invited. */
export const memberJoined = z.object({
  type: z.literal("event_callback"),
  event: z.object({ type: z.literal("member_joined_channel"), user: z.string(), channel: z.string() }),
});

/** What comes over the WebSocket in place of events that Slack has dropped, as there were too many. */
export const droppedFrame = z
  .string()
  .transform(jsonIn)
  .pipe(z.looseObject({ payload: z.looseObject({ type: z.literal("app_rate_limited") }) }));

function jsonIn(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

export const blockActions = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string(), team_id: words }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), text: words, blocks: z.array(z.unknown()).optional().catch(undefined) }),
  actions: z.array(z.object({ action_id: z.string(), action_ts: z.string() })).min(1),
});
export type WireChoice = z.infer<typeof blockActions>;
