/** What machines ask about the bridge itself: is it alive, is it connected, how much of what has it done. */
import type { FastifyInstance } from "fastify";

export interface PartHealth {
  /** `store`, `pbx`, a platform's name, or `links` where these are in a store of their own. */
  readonly part: string;
  readonly ok: boolean;
  /** Why not, in words for people. */
  readonly reason?: string;
}

export interface StatusDeps {
  health(): readonly PartHealth[] | Promise<readonly PartHealth[]>;
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function status(app: FastifyInstance, deps: StatusDeps): void {
  app.get("/healthz", { exposeHeadRoute: true }, async () => ({ ok: true }));

  app.get("/readyz", { exposeHeadRoute: true }, async (_request, reply) => {
    const parts = await deps.health();
    const ready = parts.every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ ready, parts });
  });

  app.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await deps.metrics();
    return reply.type(contentType).send(body);
  });
}
