/** What a Web API method is made of. */
import type { Params } from "./params.js";
import type { Posts } from "./posts.js";
import type { Workspace } from "./workspace.js";

export interface Method {
  /** One of these scopes is enough; none: any bot token will do. */
  readonly scopes?: readonly string[];
  /** The fields of a good answer next to `ok`. Throws `SlackError`. */
  run(params: Params): Readonly<Record<string, unknown>>;
}

export type Methods = Readonly<Record<string, Method>>;

export interface MethodDeps {
  readonly workspace: Workspace;
  readonly posts: Posts;
  /** What the bot's token may do. */
  readonly scopes: readonly string[];
  /** `conversations.history` and `replies` give at most so many messages. */
  readonly historyLimit: number;
  /** Whether they show this message yet. */
  readonly isListed: (ts: string) => boolean;
  /** The workspace's address, for permalinks. */
  readonly url: string;
}
