/** The simulated PBX as tests and the sandbox's page see it. */

export interface PbxSimulatorOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  readonly host?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** For `grant_type=password`. */
  readonly username?: string;
  readonly password?: string;
  /** `expires_in` of a token; 3,600 unless told. */
  readonly tokenSeconds?: number;
  /** How many event subscriptions an extension may have; 10 unless told. */
  readonly eventLimit?: number;
  /** What the fields of a text to send are called. */
  readonly sendFields?: { readonly to: string; readonly from: string; readonly text: string };
  /** What becomes of texts by itself; without it they wait for `settle`. `sent` after 0 ms unless told. */
  readonly settling?: Settling | "by hand";
  /** Never unless told. */
  readonly eventRetries?: EventRetries;
  readonly quirks?: Partial<Quirks>;
  /** Epoch ms; the PBX's clock. */
  readonly now?: () => number;
}

/** What the PBX does with an event that was not answered well. */
export interface EventRetries {
  readonly times: number;
  readonly waitMs: number;
  /** What the PBX has to tell of the same conversation waits for it. */
  readonly inTurn?: boolean;
}

export interface Settling {
  readonly status: "sent" | "failed";
  readonly afterMs: number;
}

/** In what the builds of the API may differ. */
export interface Quirks {
  /** `start_datetime`, `end_datetime` and `flow` change nothing. */
  ignoresFilters: boolean;
  /** Always the newest first. */
  ignoresOrder: boolean;
  /** Every page is the whole list. */
  ignoresPaging: boolean;
  /** Lists are arrays, not objects around them. */
  bareLists: boolean;
  /** The most that one page gives, whatever was asked for. */
  maxPerPage: number;
  idsAsNumbers: boolean;
  numbersWithoutPlus: boolean;
  commaTimes: boolean;
  /** How far the PBX's clock is ahead. */
  clockOffsetMs: number;
  /** How long a message is missing from lists after it came to be. */
  listsLateMs: number;
  /** What the answer to a send holds. */
  sendAnswer: "message" | "id" | "empty";
  /** `message-out-status` cannot be subscribed to. */
  refusesStatusEvents: boolean;
  /** Subscribers of `message-out` are told `message-out-status` too. */
  statusComesWithOut: boolean;
  eventsWithoutType: boolean;
  /** Nobody is told anything. */
  losesEvents: boolean;
}

export interface SimulatedExtension {
  readonly id: number;
  /** `prefix*extension`, such as `100*101`. */
  readonly name: string;
  /** Our public numbers, E.164. */
  readonly dids: readonly string[];
}

export interface SimulatedMessage {
  readonly id: string;
  readonly chatId: string;
  readonly extension: number;
  readonly flow: "in" | "out";
  readonly did: string;
  readonly contact: string;
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  readonly read: boolean;
  readonly status: "received" | "queued" | "sent" | "failed";
  /** Where it came from. */
  readonly via: "contact" | "api" | "phone";
}

export interface SimulatedSubscription {
  readonly id: string;
  readonly extension: number;
  readonly url: string;
  readonly type: string;
  readonly method: "GET" | "POST";
}

/** One call of the API. `status` is missing while it is under way, and for good when it got no answer. */
export interface ApiCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Epoch ms. */
  readonly at: number;
  readonly status?: number;
}

/** One event to one subscriber. */
export interface PushedEvent {
  readonly type: string;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly fields: Readonly<Record<string, string>>;
  /** What each attempt was answered; `error` where there was no answer. */
  readonly attempts: readonly { readonly at: number; readonly status?: number; readonly error?: string }[];
}

/**
 * How calls go wrong. `method` and `path` (a part of it, or a pattern) choose them; without `path` it is every call but that for a
 * token. `times`: then it is over; without it, until `stop`. `effect`: the call is carried out all the same, only its answer is lost.
 */
export type Fault = {
  readonly method?: string;
  readonly path?: string | RegExp;
  readonly times?: number;
} & (
  | { readonly kind: "rate-limit"; readonly retryAfter?: number | string }
  | { readonly kind: "status"; readonly code: number; readonly body?: string; readonly effect?: boolean }
  | { readonly kind: "hang"; readonly effect?: boolean }
  | { readonly kind: "reset before effect" | "reset after effect" }
  /** Answered 200 with what is no JSON, or with JSON that breaks off. `effect: false`: not carried out, as by a proxy's page. */
  | { readonly kind: "garbage"; readonly effect?: boolean }
  | { readonly kind: "truncated" }
);

export type Change = "message" | "subscription" | "call" | "event";

export interface PbxSimulator {
  /** Scheme, host and port; goes into `pbx.url`. */
  readonly url: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly quirks: Quirks;

  addExtension(extension: SimulatedExtension): void;
  /** A contact texts one of our numbers. `silent`: no event, the bridge misses it. `copies`: the event comes so often. */
  textFrom(
    contact: string,
    did: string,
    text: string,
    options?: { readonly at?: number; readonly silent?: boolean; readonly copies?: number },
  ): SimulatedMessage;
  /** Somebody of ours texts a contact, but not through the API. */
  deskPhoneSends(
    did: string,
    to: string,
    text: string,
    options?: { readonly at?: number; readonly silent?: boolean },
  ): SimulatedMessage;
  /** Decides what became of a text to a contact, and tells. */
  settle(id: string, status: "sent" | "failed"): void;
  /** What becomes of texts from now on. */
  setSettling(settling: Settling | "by hand"): void;
  setQuirks(quirks: Partial<Quirks>): void;

  /** All that the PBX has, oldest first; deleted ones are gone. */
  messages(): readonly SimulatedMessage[];
  /** Texts that were sent through the API, in the order in which they were taken; also those deleted since. */
  sentTexts(): readonly SimulatedMessage[];
  subscriptions(): readonly SimulatedSubscription[];
  calls(): readonly ApiCall[];
  events(): readonly PushedEvent[];
  /** Resolves when no event, retry or settling is outstanding. */
  idle(): Promise<void>;
  onChange(listener: (change: Change) => void): () => void;

  fail(fault: Fault): { stop(): void };
  /** Every answer takes so much longer. */
  latency(ms: number): void;
  /** While down, connections are refused. */
  down(isDown: boolean): Promise<void>;
  /** Makes every token that was given out invalid. */
  expireTokens(): void;
  /** The application's credentials stop or begin to be accepted; its tokens are gone. */
  revokeClient(isRevoked: boolean): void;
  /** Calls beyond so many at once are answered 429. */
  limitConcurrency(calls: number): void;
  close(): Promise<void>;
}
