/** Which doer does which kind of work. */
import type { IntakeDeps } from "../intake.js";
import type { Delivery } from "../queue/port.js";
import type { Doer } from "../queue/worker.js";
import type { Kind } from "../queue/work.js";
import { checkDoer } from "./check.js";
import { cardDoer, markDoer, settleDoer } from "./chat.js";
import { heardDoer } from "./heard/index.js";
import type { Parts } from "./parts.js";
import { postDoer } from "./post.js";
import { textDoer } from "./text.js";
import { unmatchedDoer } from "./unmatched.js";

export function createDoers(parts: Parts & Pick<IntakeDeps, "newMessageId" | "lineFor">): (delivery: Delivery) => Doer {
  const doers: Readonly<Record<Kind, Doer>> = {
    heard: heardDoer(parts),
    text: textDoer(parts),
    post: postDoer(parts),
    mark: markDoer(parts),
    card: cardDoer(parts),
    settle: settleDoer(parts),
    unmatched: unmatchedDoer(parts),
    check: checkDoer(parts),
  };
  return ({ work }) => doers[work.kind];
}
