/** How much of requests' bodies may be in memory at once, before anybody could tell whom they are from. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { turnAway } from "./failures.js";

/** Usual events are smaller, and are always read: no stranger keeps them out. */
const SMALL = 64 * 1024;
const MOST = 64 * 1024 * 1024;
/** Whoever sends slowly is cut off after half a minute. */
const RETRY_AFTER_S = 30;

/** Bodies that are larger than usual are received side by side as long as all of them together fit; else the sender comes again later. */
export function createBodyBudget(most = MOST) {
  let held = 0;
  /** Before the body is read. Gives whether it may be. `limit`: of one body, bytes. */
  return (request: FastifyRequest, reply: FastifyReply, limit: number): boolean => {
    const told = Number(request.headers["content-length"] ?? limit);
    // What is larger than the limit is refused unread.
    if (told <= SMALL || told > limit) return true;
    if (held + told > most) {
      turnAway(reply, { why: "full", waitSeconds: RETRY_AFTER_S });
      return false;
    }
    held += told;
    reply.raw.once("close", () => (held -= told));
    return true;
  };
}
