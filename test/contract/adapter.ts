/**
 * What every adapter of a chat platform promises. To try a new one: write a `Stage` for it (`adapter/stage.ts`; `stages/` has
 * examples), call `describeAdapter` in a test file, and see what is missing. Promises of abilities that an adapter does
 * not have, and of what its platform cannot do, are skipped with the reason.
 */
import { describe } from "vitest";
import { describeConnecting } from "./adapter/connecting.js";
import { describeDrawing } from "./adapter/drawing.js";
import { describeErasing } from "./adapter/erasing.js";
import { describeFailing } from "./adapter/failing.js";
import { describeHearing } from "./adapter/hearing.js";
import { describeShowing } from "./adapter/showing.js";
import type { MakeStage } from "./adapter/stage.js";

export function describeAdapter(name: string, makeStage: MakeStage): void {
  describe(name, () => {
    describeConnecting(makeStage);
    describeShowing(makeStage);
    describeHearing(makeStage);
    describeDrawing(makeStage);
    describeErasing(makeStage);
    describeFailing(makeStage);
  });
}
