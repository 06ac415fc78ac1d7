/** Texts that no line listed when they came: taken again when an admin, who has listed the number since, retries them. */
import { GiveUp } from "../errors.js";
import type { Line } from "../message.js";
import type { TextTold } from "../pbx/types.js";
import type { Doer } from "../queue/attempts.js";
import { showText, type TakingDeps } from "../taking.js";

export function unmatchedDoer(
  deps: TakingDeps & { lineFor(extension: number, did: string | undefined): Line | undefined },
): Doer {
  return {
    async attempt([{ work }]) {
      if (work.kind !== "unmatched") throw new TypeError(`not unmatched: ${work.kind}`);
      const { event, at, message } = work;
      const line = deps.lineFor(event.extension, event.did?.number);
      if (line === undefined) throw new GiveUp(unmatchedReason(event));
      return { result: "done", and: (tx) => showText(tx, { event, line, at, message, echoed: true }, deps) };
    },
  };
}

export function unmatchedReason({ extension, did }: Pick<TextTold, "extension" | "did">): string {
  const number = did === undefined ? "" : ` with the number ${did.number}`;
  return `No line of the config lists extension ${extension}${number}. Add it under "lines", restart, then retry this delivery.`;
}
