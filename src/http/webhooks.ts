import type { FastifyInstance } from "fastify";
import type { Webhook } from "../adapter.js";
import { turnAway } from "./failures.js";
import type { IntakeDeps } from "./intake.js";

/** More than Slack and Telegram ever send: their longest message with all its formatting is a few hundred kB. */
const largestWebhook = 4 * 1024 * 1024;

type Deps = Pick<IntakeDeps, "strangers" | "refused">;

/**
 * Hands each platform the bytes that were sent to its path, and sends back what it answers. Whose signature or secret was wrong
 * again and again is told to wait; one that is right is never refused, whoever else sends from its address.
 */
export function webhooks(app: FastifyInstance, list: readonly Webhook[], { strangers, refused }: Deps): void {
  for (const { method, path, handle } of list.map(bound)) {
    app.route<{ Body: Buffer | undefined }>({
      method,
      url: path,
      bodyLimit: largestWebhook,
      handler: async (request, reply) => {
        const answer = await handle({ headers: request.headers, body: request.body ?? Buffer.alloc(0) });
        if (answer.status === 401 || answer.status === 403) {
          const waitSeconds = strangers.wrong(request.ip);
          refused(waitSeconds > 0 ? "too-many" : "secret");
          if (waitSeconds > 0) return turnAway(reply, { why: "too-many", waitSeconds });
        }
        return reply
          .code(answer.status)
          .headers(answer.headers ?? {})
          .send(answer.body ?? "");
      },
    });
  }
}

function bound(webhook: Webhook): Webhook {
  return { method: webhook.method, path: webhook.path, handle: (request) => webhook.handle(request) };
}
