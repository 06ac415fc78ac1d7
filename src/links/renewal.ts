/** Keeping what is in use: links are written anew before they run out. */

/** One work after the other for each key: Keyv cannot compare and set, and a renewal must not bring back what has changed meanwhile. */
export function createInTurn(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    const end = (): void => {
      if (last.get(key) === turn) last.delete(key);
    };
    last.set(key, turn);
    turn.then(end, end);
    return turn;
  };
}

/** Enough for the conversations of a busy week. */
const MOST_REMEMBERED = 10_000;

/** Which links were written lately, so that not every use writes them anew. `now`: epoch ms. */
export function createRenewals(everyMs: number, now: () => number) {
  const written = new Map<string, number>();
  return {
    isDue: (key: string): boolean => now() - (written.get(key) ?? -Infinity) >= everyMs,
    note(key: string): void {
      if (written.size >= MOST_REMEMBERED) written.clear();
      written.set(key, now());
    },
  };
}
