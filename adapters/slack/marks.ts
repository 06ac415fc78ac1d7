/** What became of a person's message, as one reaction of the bot's on it. */
import type { Mark, PostId } from "../../src/message.js";
import { type SlackApi, unless } from "./api.js";
import { timeOf, whereOf } from "./ids.js";

const reactions: Readonly<Record<Mark, string>> = {
  waiting: "hourglass_flowing_sand",
  sent: "white_check_mark",
  failed: "x",
  note: "memo",
  ignored: "no_entry_sign",
};
const allMarks = Object.keys(reactions) as readonly Mark[];

const mostRemembered = 5000;
/** Slack's clock and ours may differ. */
const skewMs = 30_000;

/** The reactions of ours that may be on a post; `only`: the one that is there for certain, and no other. */
interface Shown {
  readonly maybe: ReadonlySet<Mark>;
  readonly only?: Mark;
}

/** `bot`: the bot's own user id. */
export interface MarksDeps {
  readonly api: SlackApi;
  readonly now: () => number;
  readonly bot: () => string;
}

/**
 * The new reaction is added before earlier ones go, so that the message is never without. Slack has a call for each:
 * should one fail, the repetition does what is left.
 */
export function createMarks(deps: MarksDeps): (post: PostId, mark: Mark) => Promise<void> {
  const { api } = deps;
  const remembered = new Map<PostId, Shown>();
  let forgotten = deps.now() + skewMs;

  const remember = (post: PostId, shown: Shown): void => {
    remembered.delete(post);
    remembered.set(post, shown);
    const [oldest] = remembered.keys();
    if (remembered.size <= mostRemembered || oldest === undefined) return;
    remembered.delete(oldest);
    forgotten = Math.max(forgotten, timeOf(whereOf(oldest).ts));
  };

  /** Only a post from before this process, or one that it has forgotten, can have marks that it does not remember. */
  const shownOn = async (post: PostId): Promise<Shown> => {
    const { channel, ts } = whereOf(post);
    const shown = remembered.get(post);
    if (shown !== undefined) return shown;
    if (timeOf(ts) > forgotten) return { maybe: new Set() };
    const answer = await api.call("reactions.get", "same", (web) =>
      web.reactions.get({ channel, timestamp: ts, full: true }).catch(unless("message_not_found")),
    );
    const ours = (answer?.message?.reactions ?? []).filter(({ users }) => users?.includes(deps.bot()));
    return { maybe: new Set(allMarks.filter((mark) => ours.some(({ name }) => name === reactions[mark]))) };
  };

  return async (post, mark) => {
    const { channel, ts } = whereOf(post);
    const reaction = (of: Mark) => ({ channel, timestamp: ts, name: reactions[of] });
    const shown = await shownOn(post);
    if (shown.only === mark) return;
    // Before the call, because it may take effect without an answer.
    remember(post, { maybe: new Set([...shown.maybe, mark]) });
    // A message that is gone needs no mark.
    await api.call("reactions.add", "same", (web) =>
      web.reactions.add(reaction(mark)).catch(unless("already_reacted", "message_not_found")),
    );
    for (const earlier of shown.maybe) {
      if (earlier === mark) continue;
      await api.call("reactions.remove", "same", (web) =>
        web.reactions.remove(reaction(earlier)).catch(unless("no_reaction", "message_not_found")),
      );
    }
    remember(post, { maybe: new Set([mark]), only: mark });
  };
}
