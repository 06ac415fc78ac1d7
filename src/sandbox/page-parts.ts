/** The state that the page shows, cut into parts so that only what has changed is sent. */
import type { Breaking } from "./breaking.js";
import type { Feed } from "./page-feed.js";
import { slackView, type SlackView } from "./page-slack.js";
import { phoneView, telegramView, type TelegramView } from "./page-views.js";
import type { RunningBridge } from "./running-bridge.js";
import type { World } from "./world.js";

/** Those whom one can play. */
export interface People {
  readonly slack: SlackView["people"];
  readonly telegram: TelegramView["people"];
}

export interface PartsDeps {
  readonly world: World;
  readonly people: People;
  readonly bridge: RunningBridge;
  readonly breaking: Breaking;
  readonly feed: Feed;
}

export interface Parts {
  /** All parts as JSON, by name. */
  all(): ReadonlyMap<string, string>;
  /** Looks again, soon; what happens at once is shown at once. */
  refresh(): void;
  /** Hears of every part that changes. */
  watch(push: (part: string, json: string) => void): void;
  close(): void;
}

/** Shorter than what an eye can tell; longer than what one text causes. */
const GATHER_MS = 30;
/** Health and the queue tell nobody that they change. */
const ASK_EVERY_MS = 500;

export function createParts({ world, people, bridge, breaking, feed }: PartsDeps): Parts {
  const { pbx, slack, telegram } = world;
  const shown = new Map<string, string>();
  /** Tells this sandbox from one before it, whose texts a page may have seen. */
  const run = Date.now();
  let push: (part: string, json: string) => void = () => {};
  let gathering: NodeJS.Timeout | undefined;

  function show(part: string, value: unknown): void {
    const json = JSON.stringify(value);
    if (shown.get(part) === json) return;
    shown.set(part, json);
    push(part, json);
  }

  function look(): void {
    gathering = undefined;
    const seen = {
      phone: phoneView(world),
      slack: slackView(world, people.slack),
      telegram: telegramView(world, people.telegram),
    };
    feed.observe(seen);
    show("phone", { ...seen.phone, run, arrivals: feed.arrivals() });
    show("slack", seen.slack);
    show("telegram", seen.telegram);
    show("broken", breaking.broken());
    show("feed", feed.entries());
  }

  function refresh(): void {
    gathering ??= setTimeout(look, GATHER_MS);
    void ask();
  }

  /** A bridge that is being stopped may fail to answer; then there is nothing to show. */
  async function ask(): Promise<void> {
    const [health, queue] = await Promise.all([bridge.health().catch(() => []), bridge.queue()]);
    show("bridge", { phase: bridge.phase(), health, queue });
  }

  const gather = (): void => void (gathering ??= setTimeout(look, GATHER_MS));
  const unwatch = [pbx.onChange(gather), slack.onChange(gather), telegram.onChange(gather)];
  const asking = setInterval(() => void ask(), ASK_EVERY_MS);
  look();
  void ask();

  return {
    all: () => shown,
    refresh,
    watch: (next) => void (push = next),
    close() {
      clearInterval(asking);
      clearTimeout(gathering);
      unwatch.forEach((end) => end());
    },
  };
}
