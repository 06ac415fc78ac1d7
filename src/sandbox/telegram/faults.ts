/** Failures on demand: what goes wrong between a bot and Telegram, for tests and for the curious. */
export type FaultKind =
  | { readonly kind: "rate-limit"; /** Seconds. */ readonly retryAfter: number }
  | { readonly kind: "status"; readonly code: number; readonly description: string }
  /** The connection breaks; the call had no effect, or had one. */
  | { readonly kind: "reset before effect" | "reset after effect" }
  /** No answer ever comes; the call had no effect, or had one. */
  | { readonly kind: "hang" | "hang after effect" }
  /** The call takes effect; its answer is a page of HTML, or ends half-way (which telegraf 4.16 takes for a slow answer). */
  | { readonly kind: "garbage" | "truncated" };

export type FaultOrder = FaultKind & {
  /** Only this method, in any case; all methods otherwise, the polls for updates among them. */
  readonly method?: string;
  /** Only calls with this `chat_id`. */
  readonly chat?: number;
  /** So many times; for ever otherwise. */
  readonly times?: number;
};

export interface Fault {
  stop(): void;
}

export interface Faults {
  fail(order: FaultOrder): Fault;
  /** The fault that this call runs into; uses up one of its times. */
  next(method: string, chatId: number): FaultKind | undefined;
}

export function createFaults(): Faults {
  const orders: { readonly order: FaultOrder; left: number }[] = [];
  const remove = (entry: (typeof orders)[number]) => {
    const index = orders.indexOf(entry);
    if (index >= 0) orders.splice(index, 1);
  };

  return {
    fail(order) {
      const entry = { order, left: order.times ?? Number.POSITIVE_INFINITY };
      orders.push(entry);
      return { stop: () => remove(entry) };
    },
    next(method, chatId) {
      const entry = orders.find(
        ({ order }) =>
          (order.method === undefined || order.method.toLowerCase() === method) &&
          (order.chat === undefined || order.chat === chatId),
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) remove(entry);
      return entry.order;
    },
  };
}
