/** What one can break from the page, and how it gets well again. */
import type { FeedKind } from "./page-feed.js";
import type { World } from "./world.js";

export const BREAKABLE = ["pbx-down", "slack-down", "slack-limit", "telegram-limit", "next-text"] as const;
export type Breakable = (typeof BREAKABLE)[number];

/** What is broken at the moment; `until`: epoch ms, where it mends by itself. */
export type Broken = Readonly<Partial<Record<Breakable, { readonly until?: number }>>>;

export interface Breaking {
  set(what: Breakable, on: boolean): Promise<void>;
  broken(): Broken;
  close(): void;
}

export interface BreakingDeps {
  readonly now: () => number;
  readonly note: (kind: FeedKind, words: string) => void;
  readonly changed: () => void;
}

const LIMIT_SECONDS = 10;
const LIFTED = {
  "slack-limit": "Slack takes posts again",
  "telegram-limit": "Telegram takes posts again",
  "next-text": "The next answer is delivered after all",
} as const;
/** The carrier takes a moment, so that "taken" and "delivered" can be told apart. */
export const SETTLES_AFTER_MS = 400;

export function createBreaking({ pbx, slack, telegram }: World, { now, note, changed }: BreakingDeps): Breaking {
  const broken = new Map<Breakable, { until?: number }>();
  const mends = new Map<Breakable, () => void>();

  function begin(what: Breakable, words: string, mend: () => void, until?: number): void {
    broken.set(what, until === undefined ? {} : { until });
    mends.set(what, mend);
    note("trouble", words);
  }

  function end(what: Breakable, words: string): void {
    mends.get(what)?.();
    mends.delete(what);
    broken.delete(what);
    note("mended", words);
    changed();
  }

  /** Every refusal tells the seconds that are left, as the real ones do. */
  function limit(what: Breakable, name: string, order: (retryAfter: number) => () => void): void {
    const until = now() + LIMIT_SECONDS * 1000;
    let stop = order(LIMIT_SECONDS);
    const tick = setInterval(() => {
      const left = Math.ceil((until - now()) / 1000);
      if (left <= 0) return end(what, `${name} takes posts again`);
      stop();
      stop = order(left);
    }, 250);
    const mend = (): void => {
      clearInterval(tick);
      stop();
    };
    begin(what, `${name} answers 429 for ${LIMIT_SECONDS} s: its posts wait`, mend, until);
  }

  async function pbxDown(on: boolean): Promise<void> {
    if (on) begin("pbx-down", "The PBX is down: answers wait, with ⏳ or 👀", () => {});
    await pbx.down(on);
    if (!on) end("pbx-down", "The PBX is back");
  }

  function slackDown(on: boolean): void {
    slack.down(on);
    if (on) begin("slack-down", "Slack is down: its posts wait, Telegram goes on", () => {});
    else end("slack-down", "Slack is back");
  }

  /** One text, the next; later ones are delivered again. */
  function nextTextFails(): void {
    const before = pbx.sentTexts().length;
    pbx.setSettling({ status: "failed", afterMs: SETTLES_AFTER_MS });
    const stop = pbx.onChange(() => {
      // The simulator asks for the settling right after it has told of the text.
      if (pbx.sentTexts().length > before)
        setImmediate(() => broken.has("next-text") && end("next-text", "The carrier delivers again after this one"));
    });
    begin("next-text", "The carrier will lose the next answer: watch its mark", () => {
      stop();
      pbx.setSettling({ status: "sent", afterMs: SETTLES_AFTER_MS });
    });
  }

  function slackLimit(): void {
    limit("slack-limit", "Slack", (retryAfter) => {
      const faults = ["chat.postMessage", "chat.update"].map((method) =>
        slack.fail({ kind: "rate-limit", retryAfter, method }),
      );
      return () => faults.forEach((fault) => fault.stop());
    });
  }

  function telegramLimit(): void {
    limit("telegram-limit", "Telegram", (retryAfter) => {
      const faults = ["sendMessage", "editMessageText", "createForumTopic"].map((method) =>
        telegram.fail({ kind: "rate-limit", retryAfter, method }),
      );
      return () => faults.forEach((fault) => fault.stop());
    });
  }

  return {
    async set(what, on) {
      if (broken.has(what) === on) return;
      if (what === "pbx-down") await pbxDown(on);
      else if (what === "slack-down") slackDown(on);
      else if (!on) end(what, LIFTED[what]);
      else if (what === "slack-limit") slackLimit();
      else if (what === "telegram-limit") telegramLimit();
      else nextTextFails();
      changed();
    },
    broken: () => Object.fromEntries(broken),
    close() {
      for (const mend of mends.values()) mend();
      mends.clear();
    },
  };
}
