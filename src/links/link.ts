/** What is stored of a thread and of a post. */
import type { ConversationId, MessageId, PostId, ThreadId } from "../message.js";

/**
 * `card`: the post with the conversation's card. `recap`: opened in place of a thread that went; the recap is still to be posted.
 * `repeat`: an earlier attempt to open it may have left another one behind, which is empty. `by`: the delivery that it was opened for, in
 * a form that tells nothing of it.
 */
export interface ThreadLink {
  readonly thread: ThreadId;
  readonly card?: PostId;
  readonly recap?: boolean;
  readonly repeat?: boolean;
  readonly by?: string;
}

export interface PostLink {
  readonly conversation: ConversationId;
  /** The message that the post shows; absent for notices, and for posts that show several. */
  readonly message?: MessageId;
  /** Of a note that a person typed: a digest of its words now, and the key of the event that told them. */
  readonly note?: { readonly digest: string; readonly key: string };
  /** Of the latest change of the post that the platform told of, epoch ms, by its clock. */
  readonly changedAt?: number;
}
