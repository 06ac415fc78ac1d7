/** A Bot API method: parameters in, the result out, an `ApiError` thrown. Runs to its end at once unless it waits for updates. */
import type { Params } from "../params.js";
import type { Telegram } from "../telegram.js";

/** `signal`: aborted when the client is gone. */
export type Method = (telegram: Telegram, params: Params, signal: AbortSignal) => unknown;
export type Methods = Readonly<Record<string, Method>>;
