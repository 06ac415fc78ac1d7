/** Telegram's webhook: the status tells the truth. Telegram repeats what was not answered 2xx, in order per chat. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Webhook, WebhookAnswer, WebhookHeaders } from "../../src/adapter.js";
import type { Logger } from "../../src/log.js";

interface Deps {
  readonly logger: Logger;
  /** Resolves once the update is stored; absent while the adapter is not started. */
  readonly taker: () => ((update: unknown) => Promise<void>) | undefined;
}

export function createWebhook({ secret }: { secret: string }, { logger, taker }: Deps): Webhook {
  const refuses = (headers: WebhookHeaders): WebhookAnswer | undefined =>
    authentic(headers, secret) ? undefined : { status: 403 };
  return {
    refuses,
    method: "POST",
    path: "/telegram/webhook",
    async handle(request): Promise<WebhookAnswer> {
      const refusal = refuses(request.headers);
      if (refusal !== undefined) return refusal;
      const update = parse(request.body);
      if (update === undefined) return { status: 400 };
      const take = taker();
      if (!take) return LATER;
      try {
        await take(update);
        return { status: 200 };
      } catch (error) {
        logger.error({ err: error }, "telegram: an update could not be stored; Telegram will send it again");
        return LATER;
      }
    },
  };
}

/** Telegram honours the header; without it the wait doubles up to two minutes. */
const LATER: WebhookAnswer = { status: 503, headers: { "retry-after": "2" } };

/** Digests have equal lengths, so the comparison takes equally long whatever was sent. */
function authentic(headers: WebhookHeaders, secret: string): boolean {
  const given = headers["x-telegram-bot-api-secret-token"];
  if (typeof given !== "string") return false;
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function parse(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
