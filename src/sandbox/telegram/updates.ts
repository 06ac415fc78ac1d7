/**
 * The queue of updates: what `getUpdates` hands out and confirms, and what a webhook is fed from.
 * Confirmation is by the next call's offset, so an update is handed out until somebody asks for a later one.
 */
import type { Update } from "@grammyjs/types";
import { conflict } from "./errors.js";

export type UpdateKind = Exclude<keyof Update, "update_id">;
type Payload<Kind extends UpdateKind> = NonNullable<Update[Kind]>;

export interface Pending {
  readonly update: Update;
  /** Updates of one lane keep their order: a chat, or the user who pressed a button. */
  readonly lane: string;
  /** Epoch ms. An update that nobody fetched until then is lost. */
  readonly expiresAt: number;
}

export interface PollRequest {
  readonly offset: number;
  readonly limit: number;
  /** Seconds. */
  readonly timeout: number;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface UpdateQueue {
  add<Kind extends UpdateKind>(kind: Kind, payload: Payload<Kind>, lane: string, livesMs: number): void;
  poll(request: PollRequest): Promise<readonly Update[]>;
  isPolled(): boolean;
  /** Ends a waiting poll with this error. */
  interrupt(error: Error): void;
  /** Oldest first. */
  pending(): Iterable<Pending>;
  size(): number;
  remove(updateId: number): void;
  clear(): void;
  /** What the bot asked for; undefined keeps the setting, an empty list is the default. */
  allow(kinds: readonly UpdateKind[] | undefined): void;
  allowed(): readonly UpdateKind[];
  /** One listener: called after each addition. */
  onAdd(listener: () => void): void;
}

/** These come only if asked for by name. */
const ON_REQUEST: readonly UpdateKind[] = ["chat_member", "message_reaction", "message_reaction_count"];
/** More than this past the end, an offset is taken for a mistake and ignored (tdlib's TQueue). */
const FUTURE = 10;

interface Waiter {
  readonly request: PollRequest;
  settle(result: readonly Update[] | Error): void;
}

export function createUpdateQueue(now: () => number, firstId = 430_000_001): UpdateQueue {
  // By update_id, in rising order.
  const queue = new Map<number, Pending>();
  let soonestEnd = Number.POSITIVE_INFINITY;
  let nextId = firstId;
  let kinds: readonly UpdateKind[] = [];
  let waiter: Waiter | undefined;
  let listener = () => {};

  function dropExpired(): void {
    if (now() < soonestEnd) return;
    soonestEnd = Number.POSITIVE_INFINITY;
    for (const [id, { expiresAt }] of queue) {
      if (expiresAt <= now()) queue.delete(id);
      else soonestEnd = Math.min(soonestEnd, expiresAt);
    }
  }

  function confirm(offset: number): void {
    const kept = offset < 0 ? Math.min(queue.size, -offset) : 0;
    const first = kept > 0 ? ([...queue.keys()].at(-kept) ?? 0) : offset;
    if (first > nextId + FUTURE) return;
    for (const id of queue.keys()) {
      if (id >= first) return;
      queue.delete(id);
    }
  }

  function take({ offset, limit }: PollRequest): readonly Update[] {
    dropExpired();
    confirm(offset);
    const taken: Update[] = [];
    for (const { update } of queue.values()) {
      if (taken.length === limit) break;
      taken.push(update);
    }
    return taken;
  }

  function interrupt(error: Error): void {
    waiter?.settle(error);
  }

  function wait(request: PollRequest): Promise<readonly Update[]> {
    interrupt(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"));
    return new Promise((resolve, reject) => {
      const finish = () => settle(take(request));
      const settle = (result: readonly Update[] | Error) => {
        clearTimeout(timer);
        request.signal.removeEventListener("abort", finish);
        if (waiter === self) waiter = undefined;
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      const timer = setTimeout(finish, request.timeout * 1000);
      const self: Waiter = { request, settle };
      request.signal.addEventListener("abort", finish);
      waiter = self;
    });
  }

  return {
    add(kind, payload, lane, livesMs) {
      if (kinds.length === 0 ? ON_REQUEST.includes(kind) : !kinds.includes(kind)) return;
      const update: Update = { update_id: nextId++, [kind]: payload };
      // A snapshot: what happens to the message later must not change what was told.
      const expiresAt = now() + livesMs;
      queue.set(update.update_id, { update: structuredClone(update), lane, expiresAt });
      soonestEnd = Math.min(soonestEnd, expiresAt);
      waiter?.settle(take(waiter.request));
      listener();
    },
    async poll(request) {
      const ready = take(request);
      return ready.length > 0 || request.timeout === 0 ? ready : await wait(request);
    },
    isPolled: () => waiter !== undefined,
    interrupt,
    pending() {
      dropExpired();
      return queue.values();
    },
    size() {
      dropExpired();
      return queue.size;
    },
    remove: (updateId) => void queue.delete(updateId),
    clear: () => queue.clear(),
    allow(list) {
      kinds = list ?? kinds;
    },
    allowed: () => kinds,
    onAdd(added) {
      listener = added;
    },
  };
}
