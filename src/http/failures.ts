/** Answers for whatever goes wrong: the sender learns what to do next, never what happened inside. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { StoreUnavailable } from "../errors.js";
import type { Logger } from "../log.js";

/** Long enough for a full disk to be noticed, short enough for a text to arrive in time. */
const retryAfterSeconds = 5;

export function answerFailures(app: FastifyInstance, log: Logger): void {
  // Before a body is read: nobody shall make us hold one for a path that is none.
  app.addHook("onRequest", (request, reply, done) => {
    if (!request.is404) return done();
    turnAway(reply, { why: "unknown", waitSeconds: 0 });
  });

  app.setErrorHandler((error, request, reply) => {
    const route = request.routeOptions.url;
    const refused = refusal(error);
    if (refused !== undefined) {
      log.debug({ route, status: refused }, "A request was refused");
      return reply.code(refused).send({ message: words[refused] ?? "this request cannot be read" });
    }
    if (error instanceof StoreUnavailable) {
      log.error({ route, err: error }, "The store could not take a request; the sender was told to come again");
      reply.header("retry-after", String(retryAfterSeconds));
      return reply.code(503).send({ message: "this cannot be stored at the moment: send it again later" });
    }
    log.error({ route, err: error }, "A request failed because of a mistake in the bridge");
    return reply.code(500).send({ message: "this failed because of a mistake of ours" });
  });
}

const refusals = {
  unknown: { status: 404, message: "not found" },
  secret: { status: 404, message: "not found" },
  address: { status: 403, message: "this address may not send events" },
  "too-many": { status: 429, message: "too many requests that were refused" },
  full: { status: 503, message: "too much is being received at the moment: send it again later" },
} as const;

/** Nothing more of the request's body is read: the connection ends with the answer. */
export function turnAway(
  reply: FastifyReply,
  { why, waitSeconds }: { readonly why: keyof typeof refusals; readonly waitSeconds: number },
): FastifyReply {
  const { status, message } = refusals[why];
  if (waitSeconds > 0) reply.header("retry-after", String(waitSeconds));
  return reply.code(status).header("connection", "close").send({ message });
}

/** Without it Fastify would repeat the address, in which anything may stand. */
export function answerBadUrl(reply: Pick<FastifyReply, "code">): void {
  reply.code(400).send({ message: "this address cannot be read" });
}

const words: Readonly<Record<number, string>> = {
  413: "this is larger than anything that belongs here",
  415: "this content type cannot be read",
};

/** The status of a request that the HTTP layer itself did not take: too large, cut off, not HTTP. */
function refusal(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}
