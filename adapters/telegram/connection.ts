/** Getting connected: who the bot is, and by which way updates come. Tries until it succeeds or is told to stop. */
import type { Answer, Api } from "./api.js";
import type { Chats } from "./chats.js";
import type { Health } from "./health.js";
import { type Sleep, waitAfter, whyUnwell } from "./patience.js";
import { ALLOWED_UPDATES } from "./wire.js";

/** Where Telegram sends updates; undefined: they are polled. */
export type Hook = { readonly url: string; readonly secret: string } | undefined;

interface Deps {
  readonly api: Api;
  readonly chats: Chats;
  readonly health: Health;
  readonly sleep: Sleep;
}

/** Undefined when told to stop before it was connected. */
export async function connect(hook: Hook, signal: AbortSignal, deps: Deps): Promise<Answer<"getMe"> | undefined> {
  const { api, chats, health, sleep } = deps;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await chats.ready();
      const me = await api.call("getMe", {}, { signal });
      await chooseWay(hook, api, signal);
      health.fine("connection");
      return me;
    } catch (error) {
      if (signal.aborted) return undefined;
      health.trouble("connection", whyUnwell(error));
      await sleep(waitAfter(error, failures), signal);
    }
  }
  return undefined;
}

/** A webhook left behind by an earlier configuration would keep polls from getting anything. Waiting updates are kept in any case. */
async function chooseWay(hook: Hook, api: Api, signal: AbortSignal): Promise<void> {
  if (!hook) await api.call("deleteWebhook", {}, { signal });
  else {
    const payload = { url: hook.url, secret_token: hook.secret, allowed_updates: ALLOWED_UPDATES };
    await api.call("setWebhook", payload, { signal });
  }
}
