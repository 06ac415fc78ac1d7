/** Which doer does which kind of work. */
import type { IntakeDeps } from "../intake.js";
import { GiveUp } from "../errors.js";
import type { Delivery } from "../queue/port.js";
import type { Doer } from "../queue/attempts.js";
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
    unreadable: unreadableDoer(parts),
  };
  return ({ work }) => doers[work.kind];
}

function unreadableDoer({ logger }: Pick<Parts, "logger">): Doer {
  return {
    async attempt([{ id, target }]) {
      logger.error({ delivery: id, target }, "a delivery in the database cannot be read and was set aside as it is");
      throw new GiveUp(
        "This delivery cannot be read: it is damaged, or a newer version of this program wrote it. Retry it with that version, or discard it.",
      );
    },
  };
}
