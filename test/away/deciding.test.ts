/** Whether a change of a post was told of that is yet to be decided. */
import { expect, it } from "vitest";
import type { ChatEvent } from "../../src/adapter.js";
import { createDeciding } from "../../src/away/deciding.js";
import type { PostId } from "../../src/message.js";
import type { Delivery } from "../../src/queue/port.js";
import { SLACK } from "../fixtures/conversations.js";

function lane() {
  let waiting: readonly Delivery[] = [];
  let lastId = 0;
  const read: number[] = [];
  const add = (kind: "written" | "edited" | "deleted", post: string): number => {
    lastId += 1;
    const event = { kind, key: `${lastId}`, at: lastId, place: SLACK, post } as ChatEvent;
    waiting = [...waiting, { id: lastId, work: { kind: "heard", platform: "slack", event } } as Delivery];
    return lastId;
  };
  const isDeciding = createDeciding({
    inLane(_, after = 0) {
      const found = waiting.filter(({ id }) => id > after);
      read.push(found.length);
      return found;
    },
  });
  return {
    ...{ add, read },
    decided: (upTo: number) => void (waiting = waiting.filter(({ id }) => id > upTo)),
    asks: (post: string) => isDeciding({ place: SLACK, post: post as PostId, at: 0 }),
  };
}

it("is known of what waits, and no longer once that was decided", () => {
  const { add, decided, asks } = lane();
  add("written", "a");
  const edit = add("edited", "a");
  const deletion = add("deleted", "b");
  expect([asks("a"), asks("b"), asks("c")]).toEqual([true, true, false]);
  decided(edit);
  expect([asks("a"), asks("b")]).toEqual([false, true]);
  decided(deletion);
  expect(asks("b")).toBe(false);
  add("edited", "b");
  expect(asks("b")).toBe(true);
});

it("is not looked for in the whole lane for each of many texts, and what was decided is forgotten", () => {
  const { add, decided, asks, read } = lane();
  for (let n = 0; n < 2000; n += 1) {
    decided(add("written", `new ${n}`) - 1000);
    add("edited", `old ${n}`);
    expect(asks(`new ${n}`)).toBe(false);
  }
  expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThan(10 * 4000);
});
