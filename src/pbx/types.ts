/** The PBX in our words. Its wire shapes stay in `codec.ts`. */
import type { Party } from "../message.js";

/** Delivery state of an outgoing text. `pending`: anything that is neither sent nor failed. */
export type TextStatus = "pending" | "sent" | "failed";

/** A pushed event. Carries no id and no time: the PBX gives none. `unused`: a type that the bridge has no use for. */
export type PbxEvent =
  | {
      readonly kind: "text-in";
      readonly extension: number;
      readonly did?: Party;
      readonly contact: Party;
      readonly text: string;
    }
  | {
      readonly kind: "text-out";
      readonly extension: number;
      readonly did?: Party;
      readonly contact: Party;
      readonly text: string;
    }
  | {
      readonly kind: "text-status";
      readonly extension: number;
      readonly did?: Party;
      readonly contact: Party;
      readonly text?: string;
      readonly status: TextStatus;
    }
  | { readonly kind: "unused"; readonly type: string };

/** An event that tells of a text. */
export type TextTold = Extract<PbxEvent, { kind: "text-in" | "text-out" }>;

/** A message as the PBX lists it. `at`: epoch ms, by the PBX's clock. */
export interface PbxMessage {
  readonly id: string;
  readonly chatId?: string;
  readonly extension: number;
  readonly direction: "in" | "out";
  readonly did?: Party;
  readonly contact: Party;
  readonly text: string;
  readonly at?: number;
  readonly read?: boolean;
  readonly status?: TextStatus;
}

export interface PbxChat {
  readonly id: string;
  readonly numbers: readonly string[];
  readonly unread?: number;
  readonly messages: readonly PbxMessage[];
}

export interface PbxSubscription {
  readonly id: string;
  readonly url: string;
  readonly type: string;
  readonly method: string;
}

/** `since`, `until`: epoch ms, inclusive; applied on our side too, since a server may ignore them. `limit`: at most so many. */
export interface ListOptions {
  /** Rejects with `RetryLater` where the list is too long to be read whole; else what could be read is given, and a warning logged. */
  readonly whole?: boolean;
  readonly since?: number;
  readonly until?: number;
  readonly direction?: "in" | "out";
  readonly limit?: number;
  readonly order?: "oldest-first" | "newest-first";
  /** Once it has aborted, no further page is asked for. */
  readonly over?: AbortSignal;
}

/**
 * Every call of the PBX's API. All reject with `RetryLater` (with `uncertain` where the request may have taken effect) or
 * `GiveUp` (words for a person) of `errors.ts`; calls that are safe to repeat have then been repeated already.
 */
export interface PbxClient {
  readonly messages: {
    /** The answer's id, where the PBX gave one. Never repeated by the client. */
    send(extension: number, text: { to: string; from?: string; text: string }): Promise<{ readonly id?: string }>;
    list(extension: number, options?: ListOptions): Promise<readonly PbxMessage[]>;
    get(extension: number, id: string): Promise<PbxMessage>;
    markRead(extension: number, id: string, read: boolean): Promise<void>;
    remove(extension: number, id: string): Promise<void>;
  };
  readonly chats: {
    list(extension: number): Promise<readonly PbxChat[]>;
    get(extension: number, id: string): Promise<PbxChat>;
    remove(extension: number, id: string): Promise<void>;
    messages(extension: number, id: string, options?: ListOptions): Promise<readonly PbxMessage[]>;
    markRead(extension: number, id: string): Promise<void>;
    clear(extension: number, id: string): Promise<void>;
  };
  readonly events: {
    list(extension: number): Promise<readonly PbxSubscription[]>;
    add(
      extension: number,
      subscription: { url: string; type: string; method: "GET" | "POST" },
    ): Promise<{ readonly id?: string }>;
    remove(extension: number, id: string): Promise<void>;
  };
  /** Fetches a token now if there is none; for `doctor` and `/readyz`. */
  authorize(): Promise<void>;
}
