import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Webhook, WebhookAnswer, WebhookHeaders } from "../adapter.js";
import { createBodyBudget } from "./bodies.js";
import { turnAway } from "./failures.js";
import type { IntakeDeps } from "./intake.js";

/** More than Slack and Telegram ever send: their longest message with all its formatting, before and after an edit, is some two MB. */
const largestWebhook = 4 * 1024 * 1024;

type Deps = Pick<IntakeDeps, "strangers" | "refused">;

/**
 * Hands each platform the bytes that were sent to its path, and sends back what it answers. Whose signature or secret was wrong
 * again and again is told to wait; one that is right is never refused, whoever else sends from its address. What its head alone shows to
 * be wrong is not read.
 */
export function webhooks(app: FastifyInstance, list: readonly Webhook[], { strangers, refused }: Deps): void {
  const hasRoom = createBodyBudget();
  const answerWith = (request: FastifyRequest, reply: FastifyReply, answer: WebhookAnswer): FastifyReply => {
    if (answer.status === 401 || answer.status === 403) {
      const waitSeconds = strangers.wrong(request.ip);
      refused(waitSeconds > 0 ? "too-many" : "secret");
      if (waitSeconds > 0) return turnAway(reply, { why: "too-many", waitSeconds });
    }
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body ?? "");
  };
  for (const { method, path, refuses, handle } of list.map(bound)) {
    app.route<{ Body: Buffer | undefined }>({
      method,
      url: path,
      bodyLimit: largestWebhook,
      onRequest: (request, reply, done) => {
        const refusal = refuses?.(request.raw.headers);
        if (refusal !== undefined) answerWith(request, reply.header("connection", "close"), refusal);
        else if (hasRoom(request, reply, largestWebhook)) done();
      },
      handler: async (request, reply) => {
        const answer = await handle({ headers: request.raw.headers, body: request.body ?? Buffer.alloc(0) });
        return answerWith(request, reply, answer);
      },
    });
  }
}

function bound(webhook: Webhook): Webhook {
  const { method, path } = webhook;
  const refuses = (headers: WebhookHeaders): WebhookAnswer | undefined => webhook.refuses?.(headers);
  return { method, path, refuses, handle: (request) => webhook.handle(request) };
}
