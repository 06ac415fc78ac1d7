/** Whether what a chat told waits in the order in which it happened, though some of it was missed and found later. */
import type { Delivery, QueueReader } from "../../queue/port.js";

/** What of a lane was seen to be in order: up to this id, and none of it later than that (epoch ms). */
interface InOrder {
  readonly upTo: number;
  readonly latest: number;
}

/** Gives what tells it of the lane of a delivery that is being attempted. Reads only what came since it was asked before. */
export function createTurns(queue: Pick<QueueReader, "inLane">): (underWay: Delivery) => boolean {
  const seen = new Map<string, InOrder>();
  const look = (underWay: Delivery, { upTo, latest }: InOrder): boolean => {
    const more = queue.inLane(underWay.lane, upTo);
    if (outOfTurn(underWay, more).length > 0 || more.some((each) => happenedAt(each) < latest)) return false;
    const last = more.at(-1);
    if (last !== undefined) seen.set(underWay.lane, { upTo: last.id, latest: Math.max(latest, happenedAt(last)) });
    return true;
  };
  return (underWay) => {
    const before = seen.get(underWay.lane);
    if (before !== undefined && look(underWay, before)) return true;
    seen.delete(underWay.lane);
    return look(underWay, { upTo: 0, latest: -Infinity });
  };
}

/** The keys to put last, one after the other, so that the lane goes on in the order in which things happened; none if it does. Pure. */
export function outOfTurn(underWay: Delivery, lane: readonly Delivery[]): readonly string[] {
  const movable = lane.filter(({ id, attempt }) => id === underWay.id || attempt === undefined);
  let earliest = Infinity;
  const inTurn = movable
    .toReversed()
    .map((each) => (earliest = Math.min(earliest, happenedAt(each))) >= happenedAt(each));
  const first = inTurn.toReversed().indexOf(false);
  if (first < 0) return [];
  return movable
    .slice(first)
    .toSorted((a, b) => happenedAt(a) - happenedAt(b))
    .map(({ key }) => key);
}

function happenedAt({ work }: Delivery): number {
  return work.kind === "heard" ? work.event.at : 0;
}
