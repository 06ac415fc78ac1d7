/** How far each place has told of what happened there, by its platform's own clock; from there it is read after an absence. */
import type { ChatEvent } from "../adapter.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { Place } from "../message.js";

export interface HorizonDeps {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly logger: Logger;
  /** For how long it is remembered which events were taken, ms. */
  readonly keysKeptMs: number;
  /** A small durable store of its own. */
  readonly memory: { get(key: string): Promise<string | undefined>; set(key: string, value: string): Promise<void> };
}

const DAY_MS = 24 * 3_600_000;
/** Never further back, even if the bridge was away for longer. */
const FURTHEST_MS = 6 * DAY_MS;
/** Of the time for which keys of events are remembered: what is read after that would look new. The rest is for clocks that are off. */
const SAFE_PART = 6 / 7;
/** From so long before the last event on: an earlier one may have got lost, and what was written lately may have been edited since. */
const OVERLAP_MS = DAY_MS;
/** An older moment costs a longer look and nothing else, so not every event is worth a write. */
const WRITE_EVERY_MS = 60_000;

export function createHorizon({ clock, logger, keysKeptMs, memory }: HorizonDeps) {
  const furthestMs = Math.min(FURTHEST_MS, keysKeptMs * SAFE_PART);
  const reached = new Map<string, { readonly place: Place; readonly at: number; readonly written: number }>();
  /** Platforms of which not all has been read yet: what they tell meanwhile moves nothing. */
  const held = new Set<string>();

  const write = async (key: string, at: number): Promise<void> =>
    memory.set(key, String(at)).catch((error: unknown) => {
      logger.warn({ err: error }, "how far a platform has told could not be remembered");
    });

  const writeAll = async (which: (place: Place) => boolean): Promise<void> => {
    for (const [key, { place, at }] of reached) if (which(place)) await write(key, at);
  };

  return {
    /** The platform has told of this, and it is stored. */
    note({ place, at }: ChatEvent): void {
      const key = keyOf(place);
      const known = reached.get(key);
      if (known !== undefined && known.at >= at) return;
      const now = clock.monotonic();
      const due = !held.has(place.platform) && (known === undefined || now - known.written >= WRITE_EVERY_MS);
      reached.set(key, { place, at, written: due ? now : (known?.written ?? -Infinity) });
      if (due) void write(key, at);
    },
    /**
     * From when on a place is to be read (epoch ms). How far it has told is looked up once for each place; how far back it may be read
     * moves on with the time.
     */
    read(): (place: Place) => Promise<number> {
      const from = new Map<string, number>();
      return async (place) => {
        const key = keyOf(place);
        const told = from.get(key) ?? Number((await memory.get(key)) ?? 0);
        from.set(key, told);
        return Math.max(told - OVERLAP_MS, clock.now() - furthestMs);
      };
    },
    hold: (platform: string): void => void held.add(platform),
    /** All of the platform has been read. */
    async release(platform: string): Promise<void> {
      held.delete(platform);
      await writeAll((place) => place.platform === platform);
    },
    close: (): Promise<void> => writeAll(({ platform }) => !held.has(platform)),
  };
}

const keyOf = ({ platform, chat }: Place): string => `${platform} ${chat}`;
