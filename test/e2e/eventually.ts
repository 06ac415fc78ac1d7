/** Waiting for what somebody will see, without sleeping: looked at anew whenever the world changes. */
import type { World } from "../../src/sandbox/world.js";

export type Eventually = <T>(check: () => T | Promise<T>, withinMs?: number) => Promise<T>;

/** What no simulator tells of (a commit after an answer, a program's output) is looked at so often. */
const LOOK_EVERY_MS = 50;

/** `check` is repeated until it throws no more; after `withinMs` its last error is thrown. */
export function createEventually(world: Pick<World, "pbx" | "slack" | "telegram">): Eventually {
  const changed = new Set<() => void>();
  const tell = (): void => changed.forEach((listener) => listener());
  for (const part of [world.pbx, world.slack, world.telegram]) part.onChange(tell);

  return async (check, withinMs = 40_000) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const change = nextOf(changed);
      try {
        return await check();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await change.soon;
      } finally {
        change.forget();
      }
    }
  };
}

function nextOf(listeners: Set<() => void>): { readonly soon: Promise<void>; forget(): void } {
  let forget = (): void => {};
  const soon = new Promise<void>((resolve) => {
    const timer = setTimeout(() => resolve(), LOOK_EVERY_MS);
    listeners.add(resolve);
    forget = () => {
      clearTimeout(timer);
      listeners.delete(resolve);
    };
  });
  return { soon, forget: () => forget() };
}
