/**
 * Which texts of a post are shown with their own time. Platforms show when the post was made, and people take that for when its words
 * were written. Pure.
 */
import type { Post } from "./message.js";

/** A text that is posted later than this was delayed: an outage, a long wait in line, a text that was recovered. */
const LATE_MS = 2 * 60_000;
/** Texts of one post that are further apart than this are told apart by their times. */
const APART_MS = 60_000;

/** For each text, in order. `postedAt`: epoch ms. */
export function haveOwnTimes({ texts }: Pick<Post, "texts">, postedAt: number): readonly boolean[] {
  let [known, patienceMs] = [postedAt, LATE_MS];
  return texts.map(({ at }, index) => {
    const own = index === 0 ? known - at > patienceMs : Math.abs(at - known) > patienceMs;
    if (own || index === 0) [known, patienceMs] = [at, APART_MS];
    return own;
  });
}
