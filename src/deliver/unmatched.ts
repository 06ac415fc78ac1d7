/** Texts that no line listed when they came: taken again when an admin, who has listed the number since, retries them. */
import type { Line } from "../message.js";
import { GiveUp } from "../errors.js";
import { takeText, unmatchedReason, type IntakeDeps } from "../intake.js";
import type { Doer } from "../queue/worker.js";

export function unmatchedDoer(
  deps: Pick<IntakeDeps, "store" | "chats" | "newMessageId"> & {
    lineFor(extension: number, did: string | undefined): Line | undefined;
  },
): Doer {
  return {
    async attempt([{ work }]) {
      if (work.kind !== "unmatched") throw new TypeError(`not unmatched: ${work.kind}`);
      const { event, at } = work;
      const line = deps.lineFor(event.extension, event.did?.number);
      if (line === undefined) throw new GiveUp(unmatchedReason(event));
      return { result: "done", and: async (tx) => void (await takeText(tx, event, line, at, deps)) };
    },
  };
}
