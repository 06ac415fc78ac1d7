/**
 * Which lanes rest because an attempt failed, for a time of our own choosing, and when that rest has lost its reason: their platform
 * works again, or somebody has mended what they wait for. No more is known of them than their names; who begins anew has forgotten them, and they rest out their time.
 */
import type { Delivery } from "./port.js";

type Lane = Pick<Delivery, "lane" | "target">;

export interface Resting {
  /** The lane will rest, though nobody asked for that wait. */
  failed(lane: Lane): void;
  /** The lane will rest until somebody has mended something, or may have. */
  broken(lane: Lane): void;
  begun(lane: Lane): void;
  /** An attempt was answered. true: after several that failed on end, wherever on that platform, until the lanes are taken. */
  succeeded(lane: Lane): boolean;
  /**
   * The lanes that rest on the platform, to be tried now; they are told once. `at`: monotonic ms. None for a while after some were told:
   * where some fail for a reason of their own and others succeed, they are not to be tried at every success.
   */
  take(platform: string, at: number): readonly Lane[];
  /** Those of the target that wait until somebody has mended something; they are told once. */
  takeBroken(target: string): readonly Lane[];
}

/** One failure alone may be the delivery's own. */
const SEVERAL = 2;
/** Of one platform, or of one target that is to be mended; a few hundred KB at most. */
const MOST_LANES = 5000;
const QUIET_MS = 30_000;

export function createResting(): Resting {
  const lanes = new Map<string, Map<string, Lane>>();
  const failures = new Map<string, number>();
  const taken = new Map<string, number>();
  const broken = new Map<string, Map<string, Lane>>();
  const keep = (of: Map<string, Map<string, Lane>>, name: string, { lane, target }: Lane): void => {
    let known = of.get(name);
    if (known === undefined) of.set(name, (known = new Map()));
    if (known.size < MOST_LANES) known.set(lane, { lane, target });
  };
  return {
    failed(lane) {
      const platform = platformOf(lane.target);
      failures.set(platform, (failures.get(platform) ?? 0) + 1);
      keep(lanes, platform, lane);
    },
    broken: (lane) => keep(broken, lane.target, lane),
    begun({ lane, target }) {
      lanes.get(platformOf(target))?.delete(lane);
      broken.get(target)?.delete(lane);
    },
    succeeded({ target }) {
      // To decide on what somebody wrote needs no call, as a rule.
      if (target.startsWith("in:")) return false;
      const platform = platformOf(target);
      const several = (failures.get(platform) ?? 0) >= SEVERAL;
      if (!several) failures.delete(platform);
      return several;
    },
    take(platform, at) {
      const known = [...(lanes.get(platform)?.values() ?? [])];
      if (known.length === 0 || at - (taken.get(platform) ?? -Infinity) < QUIET_MS) return [];
      taken.set(platform, at);
      failures.delete(platform);
      lanes.delete(platform);
      return known;
    },
    takeBroken(target) {
      const known = [...(broken.get(target)?.values() ?? [])];
      broken.delete(target);
      return known;
    },
  };
}

/** `slack` for `slack:C0123` and for `in:slack`, where what people wrote may wait for a look-up of who they are. */
export function platformOf(target: string): string {
  const [kind = "", of = ""] = target.split(":", 2);
  return kind === "in" ? of : kind;
}
