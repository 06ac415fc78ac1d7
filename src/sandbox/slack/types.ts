/**
 * What the Slack emulator keeps and shows. Field names in snake_case are Slack's own, as on the wire; the rest is ours.
 */

/** A Block Kit block, element or text object: only `type` is sure. */
export interface Block {
  readonly type: string;
  readonly block_id?: string;
  readonly [field: string]: unknown;
}

export interface Reaction {
  readonly name: string;
  readonly count: number;
  readonly users: readonly string[];
}

export interface Metadata {
  readonly event_type: string;
  readonly event_payload?: Readonly<Record<string, unknown>>;
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly mimetype: string;
  readonly url_private: string;
  readonly [field: string]: unknown;
}

/** A message as Slack would give it to an app. Never changed in place: every change makes a new object. */
export interface WireMessage {
  readonly type: "message";
  readonly subtype?: string;
  readonly ts: string;
  /** Escaped: `&`, `<` and `>` stand as entities unless they belong to a mention or a link. */
  readonly text: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly username?: string;
  readonly icons?: Readonly<Record<string, string>>;
  readonly team?: string;
  readonly user_team?: string;
  readonly source_team?: string;
  readonly client_msg_id?: string;
  readonly blocks?: readonly Block[];
  readonly attachments?: readonly unknown[];
  readonly files?: readonly SlackFile[];
  readonly metadata?: Metadata;
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly root?: WireMessage;
  readonly reply_count?: number;
  readonly reply_users?: readonly string[];
  readonly reply_users_count?: number;
  readonly latest_reply?: string;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly reactions?: readonly Reaction[];
  readonly hidden?: boolean;
}

/** How Slack was asked to treat the text; not on the wire, but it decides what a person sees. */
export interface TextSettings {
  readonly mrkdwn: boolean;
  readonly parse: "none" | "client" | "full";
}

/** A message with what only the workspace knows of it. */
export interface SeenMessage extends WireMessage, TextSettings {
  readonly channel: string;
}

/** A message that one person alone sees. */
export interface Ephemeral extends SeenMessage {
  readonly to: string;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: "public" | "private" | "im";
  readonly extShared: boolean;
  readonly created: number;
  archived: boolean;
  /** User ids, the bot's among them while it is a member. */
  readonly members: Set<string>;
  /** By `ts`, oldest first. */
  readonly messages: Map<string, SeenMessage>;
  /** The `ts` of the replies that are left, by the `ts` of their parent. */
  readonly replies: Map<string, string[]>;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly team: string;
  readonly guest?: "multi" | "single";
  readonly deactivated?: boolean;
  readonly bot: boolean;
}

export interface NewChannel {
  readonly id?: string;
  readonly name: string;
  readonly private?: boolean;
  /** Whether the bot is a member; default true. */
  readonly member?: boolean;
  /** Shared with another workspace by Slack Connect. */
  readonly extShared?: boolean;
  /** User ids. */
  readonly members?: readonly string[];
}

export interface NewUser {
  readonly id?: string;
  readonly name: string;
  readonly displayName?: string;
  readonly guest?: "multi" | "single";
  /** Has left the team. */
  readonly deactivated?: boolean;
  /** The id of another workspace, for people from outside. */
  readonly team?: string;
  readonly bot?: boolean;
}

/** One Web API call as it arrived, without its token. `status`: what was answered; 0: no answer was given. */
export interface Call {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly at: number;
  status: number;
  error?: string;
}

/** An inner event or a payload before it is wrapped for delivery. */
export interface SlackEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}
