/** Token buckets: `capacity` calls at once, then one more every `perMs`. */
export interface Buckets {
  /** Takes a slot; otherwise tells how many ms are missing until there is one. */
  take(key: string, capacity: number, perMs: number): number;
}

export function createBuckets(now: () => number): Buckets {
  const buckets = new Map<string, { level: number; at: number }>();
  return {
    take(key, capacity, perMs) {
      const at = now();
      const last = buckets.get(key) ?? { level: capacity, at };
      const level = Math.min(capacity, last.level + (at - last.at) / perMs);
      const granted = level >= 1;
      buckets.set(key, { level: granted ? level - 1 : level, at });
      return granted ? 0 : Math.ceil((1 - level) * perMs);
    },
  };
}

/** What limits a call, by docs.slack.dev/apis/web-api/rate-limits. Undefined: nothing that we imitate. */
export function limitOf(
  method: string,
  channel: unknown,
): { key: string; capacity: number; perMs: number } | undefined {
  if (method === "chat.postMessage") return { key: `${method} ${String(channel)}`, capacity: 5, perMs: 1000 };
  if (["reactions.add", "chat.update", "chat.delete"].includes(method))
    return { key: method, capacity: 50, perMs: 1200 };
  return undefined;
}
