/**
 * Durable deliveries. A lane's deliveries are taken in order; a lane that waits (a retry, a hold) holds back nothing but
 * itself. The port allows one process with SQLite and many with a database that they share: who works a target holds
 * its lease for a short time, and everything else is a row.
 */
import type { MessageId } from "../message.js";
import type { Kind, Work } from "./work.js";

/** 0: texts to contacts; 1: what chats told us and texts to the team; 2: cards and marks. */
export type Urgency = 0 | 1 | 2;

export interface NewDelivery {
  /** Unique; a second delivery with the key of an earlier one is not added. */
  readonly key: string;
  readonly lane: string;
  readonly target: string;
  readonly urgency: Urgency;
  readonly message?: MessageId;
  readonly work: Work;
  /** Epoch ms; not to be done before. Absent: at once. */
  readonly dueAt?: number;
}

export interface Delivery {
  /** Its place in line: another one once it was put last, or tried again by a person. */
  readonly id: number;
  /** What people call it, for as long as it is there: its first id. */
  readonly number: number;
  readonly key: string;
  readonly lane: string;
  readonly target: string;
  readonly message: MessageId | undefined;
  readonly work: Work;
  readonly createdAt: number;
  /** How many attempts have begun. */
  readonly attempts: number;
  readonly firstAttemptAt: number | undefined;
  /** Names the attempt and its repetitions; shared by deliveries that were attempted together. */
  readonly attempt: string | undefined;
  /** An earlier attempt's outcome is not known: a crash, a lost answer. */
  readonly uncertain: boolean;
}

/** `reason`: why it was set aside or held. */
export type Kept = Delivery & { readonly state: State; readonly reason: string | undefined };

export type Aside = Delivery & { readonly state: "set-aside" | "held"; readonly reason: string };

/** Deliveries of one lane that are attempted together; at least one, oldest first. */
export type Batch = readonly [Delivery, ...Delivery[]];

/** Chooses how many of a lane's waiting deliveries, from the first on, go out together; at least 1. Pure. */
export type Join = (waiting: readonly Delivery[]) => number;

export interface WaitingCount {
  readonly target: string;
  readonly kind: Kind;
  readonly count: number;
}

/** Reading, outside of any transaction. */
export interface QueueReader {
  /** The most urgent, then oldest due lane of the target that is not in `busy`, with what of it goes together. */
  next(target: string, now: number, busy: ReadonlySet<string>, join: Join): Batch | undefined;
  /** When the target's next lane is due (epoch ms), busy ones left out; undefined: nothing waits. */
  nextDue(target: string, busy: ReadonlySet<string>): number | undefined;
  /** Every target with waiting deliveries, with one of them. */
  targets(): readonly { readonly target: string; readonly sample: Delivery }[];
  /** The first of each of the target's lanes, where its attempt is under way or ended without anybody knowing how. */
  begun(target: string): readonly Delivery[];
  /** What of the lane waits or is held, oldest first; only what has a greater id than `after`, where given. */
  inLane(lane: string, after?: number): readonly Delivery[];
  aside(limit?: number): readonly Aside[];
  /** How many deliveries wait, by target and kind, and how many are set aside or held. */
  counts(): { readonly waiting: readonly WaitingCount[]; readonly aside: number };
  /** How many of these are held: questions that nobody has answered yet. */
  held(): number;
}

/** Writing, within a transaction of the store. */
export interface QueueWriter {
  /** false: its key was there already. */
  add(delivery: NewDelivery): Promise<boolean>;
  /** Adds, after removing what waits in that lane and was not begun, and what gave up there: the last one wins. */
  replace(delivery: NewDelivery): Promise<void>;
  /** A delivery that is not to be done yet: somebody must decide (`held`), or nothing more can be done (`set-aside`). */
  addAside(delivery: NewDelivery, state: Aside["state"], reason: string): Promise<boolean>;
  /**
   * Marks the batch's attempt as begun. false, and no delivery is changed: another process works this target, or the batch is no longer
   * waiting as it was read.
   */
  begin(batch: Batch, now: number): Promise<boolean>;
  /** What was not begun since it was read is not to be done before `dueAt`; nothing else of it changes. */
  putOff(batch: Batch, dueAt: number): Promise<void>;
  /** Done. `keepUntil` (epoch ms): kept so long, so that it can be done again; absent: removed now. What was set aside meanwhile stays. */
  finish(batch: Batch, keepUntil?: number): Promise<void>;
  /** The lane waits until `dueAt`; its first deliveries stay first. `uncertain` as in `Delivery`. */
  postpone(batch: Batch, dueAt: number, uncertain: boolean): Promise<void>;
  /** Whether all of it was erased while it was under way. */
  isErased(batch: Batch): Promise<boolean>;
  /** What of the lane was attempted and waits for another attempt is due now. */
  hasten(lane: string, now: number): Promise<void>;
  /**
   * What gave up leaves the lane, which goes on. Also takes what is done and kept. `uncertain`: the outcome of its last attempt is not
   * known, which is still so when it is revived.
   */
  setAside(key: string, reason: string, uncertain?: boolean): Promise<boolean>;
  /** Back to the end of its lane, as if new but for an uncertain attempt. false: there is no such delivery aside. */
  revive(key: string, now: number): Promise<boolean>;
  /** Removes a delivery that is aside, or waiting and not begun. false: it is neither. */
  withdraw(key: string): Promise<boolean>;
  /** Removes a delivery whatever its state, also one that is under way: what is done of it then ends without a trace here. */
  erase(key: string): Promise<boolean>;
  /** Puts other work in the place of that of a waiting delivery that was not begun. false: too late. */
  revise(key: string, work: Work): Promise<boolean>;
  /** The keys of what waits behind this one in its lane, in order; none if it does not wait. */
  behind(key: string): Promise<readonly string[]>;
  /** Whether it is aside as it was when it was read: not decided on, worked or changed since. */
  isStill(read: Pick<Aside, "id" | "state">): Promise<boolean>;
  /** Puts what waits and was not begun at the end of its lane; else it stays as it is. */
  putLast(key: string): Promise<void>;
  /** Every delivery whose key begins with the message's id and a dot, whatever its state, oldest first. */
  ofMessage(message: MessageId): Promise<readonly Kept[]>;
  /** Whether the target's lane has deliveries that wait. */
  waits(lane: string, target: string): Promise<boolean>;
  /** As in `QueueReader`, with what this transaction wrote. */
  inLane(lane: string): Promise<readonly Delivery[]>;
  release(): Promise<void>;
}

export type State = "waiting" | "set-aside" | "held" | "done";
