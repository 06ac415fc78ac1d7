/** The PBX's events. Each is stored before it is answered: 200 means that the text will not be lost. */
import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { faultPoint } from "../fault-point.js";
import type { Logger } from "../log.js";
import { MalformedEvent } from "../pbx/events.js";
import type { PbxEvent } from "../pbx/types.js";
import { createAddressSet } from "./addresses.js";
import { turnAway } from "./failures.js";
import type { Strangers } from "./strangers.js";

export type UsedEvent = Exclude<PbxEvent, { kind: "unused" }>;

export interface IntakeDeps {
  /** Reads an event from a body, or from a query string. Throws `MalformedEvent`, whose message is shown to the sender. */
  parse(contentType: string | undefined, wire: Buffer | string): PbxEvent;
  /** Resolves once the event is stored. Rejects with `StoreUnavailable` if it cannot be stored now. */
  accept(event: UsedEvent): Promise<void>;
  /** Called once for every event that was let in, before it is stored. */
  count(kind: PbxEvent["kind"] | "malformed"): void;
  /** Called once for every request that was not let in. */
  refused(why: Refused): void;
  readonly strangers: Strangers;
  readonly log: Logger;
}

/** `too-many`: wrong like others from there before it; it is not told in what. */
export type Refused = "secret" | "address" | "too-many";

interface IntakeOptions {
  readonly secret: string;
  readonly allowFrom: readonly string[];
}

interface EventRoute {
  Params: { secret: string };
  Body: Buffer | undefined;
}

/** An event is a text of a few hundred bytes. */
const largestEvent = 64 * 1024;

export function intake(app: FastifyInstance, options: IntakeOptions, deps: IntakeDeps): void {
  const check = doorman(options, deps);

  app.route<EventRoute>({
    method: ["GET", "POST"],
    url: "/pbx/events/:secret",
    bodyLimit: largestEvent,
    // Before the body is read: strangers shall not make us read one.
    onRequest: (request, reply, done) => {
      const refused = check(request.ip, request.params.secret);
      if (refused === undefined) return done();
      deps.refused(refused.why);
      turnAway(reply, refused);
    },
    handler: (request, reply) => take(request, reply, deps),
  });
}

interface Refusal {
  readonly why: Refused;
  /** For `too-many`. */
  readonly waitSeconds: number;
}

/** Who may come in. A right secret from a right address is let in whatever else comes from there, so that nobody can silence the PBX: it is compared first. */
function doorman(options: IntakeOptions, { strangers, log }: IntakeDeps) {
  const isSecret = sameAs(options.secret);
  const anybody = options.allowFrom.length === 0;
  const listed = createAddressSet(options.allowFrom);

  return (address: string, given: string): Refusal | undefined => {
    const knows = isSecret(given);
    if (knows && (anybody || listed(address))) return undefined;
    const waitSeconds = strangers.wrong(address);
    if (waitSeconds > 0) return { why: "too-many", waitSeconds };
    if (knows) log.warn({ address }, "An event from an address outside pbx.events.allowFrom was refused");
    return { why: knows ? "address" : "secret", waitSeconds };
  };
}

async function take(
  request: FastifyRequest<EventRoute>,
  reply: FastifyReply<EventRoute>,
  deps: IntakeDeps,
): Promise<FastifyReply> {
  const event = read(request, deps);
  deps.count(event.kind);
  if (event.kind === "malformed") {
    deps.log.warn({ reason: event.reason }, "A malformed event was refused");
    return reply.code(400).send({ message: event.reason });
  }
  if (event.kind === "unused") deps.log.info({ type: event.type }, "An event of a type without use was passed over");
  else await deps.accept(event);
  faultPoint("event.stored");
  reply.send("ok");
  faultPoint("event.answered");
  return reply;
}

function read(
  request: FastifyRequest<EventRoute>,
  deps: IntakeDeps,
): PbxEvent | { readonly kind: "malformed"; readonly reason: string } {
  const body = request.body?.length ? request.body : undefined;
  try {
    if (body !== undefined) return deps.parse(request.raw.headers["content-type"], body);
    return deps.parse("application/x-www-form-urlencoded", queryOf(request.url));
  } catch (error) {
    if (error instanceof MalformedEvent) return { kind: "malformed", reason: error.message };
    throw error;
  }
}

function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start + 1);
}

/** Compares in a time that tells nothing but whether the two are of equal length. */
function sameAs(secret: string): (given: string) => boolean {
  const expected = Buffer.from(secret);
  return (given) => {
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  };
}
