/** What an interaction entitles the app to for a while: to open a modal, and to answer through a URL. */
import { SlackError } from "./errors.js";
import type { Workspace } from "./workspace.js";

/** By Slack's tool pages; good for one use. */
const TRIGGER_LIFE_MS = 3000;
const URL_LIFE_MS = 30 * 60_000;
const URL_USES = 5;

export interface OpenView {
  readonly id: string;
  readonly user: string;
  readonly view: Readonly<Record<string, unknown>>;
}

/** Where answers through a response URL go. `ts`: the message that was pressed; none for commands. */
export interface Origin {
  readonly channel: string;
  readonly user: string;
  readonly ts?: string;
}

export interface Triggers {
  /** Modals that apps opened, the newest last. */
  readonly views: OpenView[];
  trigger(user: string): string;
  /** The person whose interaction it was. */
  exchange(trigger: string): string;
  /** The last part of a response URL. */
  responseKey(origin: Origin): string;
  /** Counts as a use. */
  origin(key: string): Origin;
}

export function createTriggers(workspace: Workspace): Triggers {
  const triggers = new Map<string, { user: string; until: number; used: boolean }>();
  const keys = new Map<string, { origin: Origin; until: number; uses: number }>();
  return {
    views: [],
    trigger(user) {
      const id = `${workspace.nextNumber()}.${workspace.team.id}.sandbox`;
      triggers.set(id, { user, until: workspace.now() + TRIGGER_LIFE_MS, used: false });
      return id;
    },
    exchange(id) {
      const trigger = triggers.get(id);
      if (trigger === undefined) throw new SlackError("invalid_trigger_id");
      if (trigger.used) throw new SlackError("exchanged_trigger_id");
      if (workspace.now() > trigger.until) throw new SlackError("expired_trigger_id");
      trigger.used = true;
      return trigger.user;
    },
    responseKey(origin) {
      const key = `${workspace.team.id}/${workspace.nextNumber()}`;
      keys.set(key, { origin, until: workspace.now() + URL_LIFE_MS, uses: 0 });
      return key;
    },
    origin(key) {
      const entry = keys.get(key);
      if (entry === undefined || workspace.now() > entry.until) throw new SlackError("expired_url");
      if (entry.uses >= URL_USES) throw new SlackError("used_url");
      entry.uses += 1;
      return entry.origin;
    },
  };
}
