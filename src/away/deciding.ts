/** Whether a change of a post was told of that is yet to be decided. */
import { heardLane } from "../intake.js";
import type { PostId } from "../message.js";
import type { Delivery, QueueReader } from "../queue/port.js";
import type { WrittenAs } from "../queue/work.js";

/** The posts of a lane that were changed, as far as it was read: up to this id. Some of that may have been decided since. */
interface Told {
  readonly upTo: number;
  readonly posts: ReadonlySet<PostId>;
  /** Once there are more, those whose changes were decided are forgotten. */
  readonly most: number;
}

const MOST = 100;

/** Gives what tells it. Asked for every text, it reads what came since it was asked before, and all only where there was a change. */
export function createDeciding(queue: Pick<QueueReader, "inLane">): (written: WrittenAs) => boolean {
  const told = new Map<string, Told>();
  const readOn = (lane: string, { upTo, posts, most }: Told): Told => {
    const more = queue.inLane(lane, upTo);
    const all = new Set([...posts, ...more.flatMap(changed)]);
    return { upTo: more.at(-1)?.id ?? upTo, posts: all, most };
  };
  const readAll = (lane: string): Told => {
    const all = readOn(lane, { upTo: 0, posts: new Set(), most: MOST });
    return { ...all, most: Math.max(MOST, 2 * all.posts.size) };
  };
  return ({ place, post }) => {
    const lane = heardLane(place);
    const before = told.get(lane);
    const known = before === undefined ? undefined : readOn(lane, before);
    const isEnough = known !== undefined && !known.posts.has(post) && known.posts.size <= known.most;
    const now = isEnough ? known : readAll(lane);
    told.set(lane, now);
    return now.posts.has(post);
  };
}

function changed({ work }: Delivery): readonly PostId[] {
  if (work.kind !== "heard") return [];
  const { event } = work;
  return event.kind === "edited" || event.kind === "deleted" ? [event.post] : [];
}
