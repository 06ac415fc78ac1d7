import type { FastifyInstance } from "fastify";
import type { Webhook } from "../adapter.js";

/** More than Slack and Telegram ever send: their longest message with all its formatting is a few hundred kB. */
const largestWebhook = 4 * 1024 * 1024;

/** Hands each platform the bytes that were sent to its path, and sends back what it answers. */
export function webhooks(app: FastifyInstance, list: readonly Webhook[]): void {
  for (const { method, path, handle } of list.map(bound)) {
    app.route<{ Body: Buffer | undefined }>({
      method,
      url: path,
      bodyLimit: largestWebhook,
      handler: async (request, reply) => {
        const answer = await handle({ headers: request.headers, body: request.body ?? Buffer.alloc(0) });
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
