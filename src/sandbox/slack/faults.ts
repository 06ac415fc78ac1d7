/** Orders to misbehave: what the emulator does to calls instead of answering them well. */

export type FaultKind =
  | { readonly kind: "rate-limit"; /** Seconds. */ readonly retryAfter: number }
  | { readonly kind: "status"; readonly code: number }
  | { readonly kind: "error"; readonly error: string }
  /** The connection breaks: the call has had no effect, or it has and the answer is lost. */
  | { readonly kind: "reset before effect" }
  | { readonly kind: "reset after effect" }
  /** No answer, ever. */
  | { readonly kind: "hang" }
  /** Status 200 with a page instead of JSON; the call has had its effect unless told otherwise. */
  | { readonly kind: "garbage" }
  /** The answer breaks off in the middle; the call has had its effect. */
  | { readonly kind: "truncated" };

export type FaultOrder = FaultKind & {
  /** A Web API method, or `response_url`; absent: all. */
  readonly method?: string;
  readonly channel?: string;
  /** Absent: until stopped. */
  readonly times?: number;
  /** Whether the call takes effect all the same, where the kind does not say it. */
  readonly effect?: boolean;
};

export interface Fault {
  /** How many calls it has hit. */
  readonly hits: number;
  stop(): void;
}

export interface Faults {
  fail(order: FaultOrder): Fault;
  /** The oldest order that concerns this call; it counts as used. */
  next(method: string, channel: unknown): FaultOrder | undefined;
}

export function createFaults(): Faults {
  const orders = new Map<FaultOrder, number>();
  return {
    fail(order) {
      const mine = { ...order };
      orders.set(mine, 0);
      let hits = 0;
      return {
        get hits() {
          hits = orders.get(mine) ?? hits;
          return hits;
        },
        stop: () => {
          hits = orders.get(mine) ?? hits;
          orders.delete(mine);
        },
      };
    },
    next(method, channel) {
      const found = [...orders].find(
        ([order, hits]) =>
          (order.method ?? method) === method &&
          (order.channel ?? channel) === channel &&
          hits < (order.times ?? Number.POSITIVE_INFINITY),
      );
      if (found !== undefined) orders.set(found[0], found[1] + 1);
      return found?.[0];
    },
  };
}

export function takesEffect(fault: FaultOrder): boolean {
  if (fault.kind === "reset before effect") return false;
  return fault.effect ?? ["reset after effect", "truncated", "garbage"].includes(fault.kind);
}
