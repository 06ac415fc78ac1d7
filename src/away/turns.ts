/** Lets what comes from one place go on in the order in which it came, though some of it waits. */
import type { Place } from "../message.js";

export function createTurns() {
  const last = new Map<string, Promise<unknown>>();

  /** Resolves once `own` has, and all that came before in the place went on. */
  return async ({ platform, chat }: Place, own: Promise<unknown> | undefined): Promise<void> => {
    const key = `${platform} ${chat}`;
    const before = last.get(key);
    if (before === undefined && own === undefined) return;
    const turn = Promise.all([before, own]);
    last.set(key, turn);
    await turn;
    if (last.get(key) === turn) last.delete(key);
  };
}
