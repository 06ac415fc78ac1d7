/**
 * A limit for whoever knocks with a wrong secret or from an address that may not: a flood is refused without a word in the log. Only
 * wrong requests are counted and limited; a right one is let in whatever else comes from its address, as by a proxy that stands for all.
 */
import { networkOf } from "./addresses.js";

export interface Strangers {
  /** A request was wrong. Whole seconds to wait with the next one if it was one too many; 0: it may be told what was wrong. */
  wrong(address: string): number;
}

export interface StrangerLimits {
  /** Wrong requests of one address: so many at once, and then so many a second. IPv6 addresses of one /64 are one. */
  readonly each: Rate;
  /** The same for all addresses together. */
  readonly all: Rate;
}

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export const usualLimits: StrangerLimits = {
  each: { burst: 20, perSecond: 1 },
  all: { burst: 200, perSecond: 20 },
};

/** A hundred bytes each. Beyond that the oldest is forgotten: the limit for all together holds anyway. */
const mostRemembered = 10_000;

interface Bucket {
  /** What is left at `since`, epoch ms. */
  tokens: number;
  since: number;
}

export function createStrangers(limits: StrangerLimits, now: () => number): Strangers {
  const buckets = new Map<string, Bucket>();
  const all: Bucket = { tokens: limits.all.burst, since: now() };

  /** Who was never wrong, or long ago, has no bucket. */
  const bucketOf = (network: string): Bucket | undefined => {
    const bucket = buckets.get(network);
    if (bucket === undefined || refill(bucket, limits.each, now()) < limits.each.burst) return bucket;
    buckets.delete(network);
    return undefined;
  };
  const waitFor = (bucket: Bucket): number =>
    Math.max(secondsUntil(bucket, limits.each, now()), secondsUntil(all, limits.all, now()));

  return {
    wrong(address) {
      const network = networkOf(address);
      const bucket = bucketOf(network) ?? { tokens: limits.each.burst, since: now() };
      remember(buckets, network, bucket);
      const wait = waitFor(bucket);
      if (wait > 0) return wait;
      bucket.tokens -= 1;
      all.tokens -= 1;
      return 0;
    },
  };
}

function remember(buckets: Map<string, Bucket>, network: string, bucket: Bucket): void {
  buckets.set(network, bucket);
  const [oldest] = buckets.keys();
  if (buckets.size > mostRemembered && oldest !== undefined) buckets.delete(oldest);
}

function refill(bucket: Bucket, { burst, perSecond }: Rate, now: number): number {
  // A clock that was set back gives nothing and takes nothing.
  const passed = Math.max(0, now - bucket.since) / 1000;
  bucket.tokens = Math.min(burst, bucket.tokens + passed * perSecond);
  bucket.since = now;
  return bucket.tokens;
}

function secondsUntil(bucket: Bucket, rate: Rate, now: number): number {
  const tokens = refill(bucket, rate, now);
  return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / rate.perSecond));
}
