/** One bridge that can be stopped and started again on the same storage, and what it says about itself. */
import fetch from "node-fetch";
import { createBridge, type Bridge } from "../compose.js";
import type { Config } from "../config.js";
import type { PartHealth } from "../http/status.js";
import type { Logger } from "../log.js";

export type Phase = "starting" | "running" | "stopping" | "stopped";

export interface QueueCounts {
  readonly waiting: number;
  readonly aside: number;
  /** What people wrote and are asked about; not counted in `aside`. */
  readonly questions: number;
}

export interface RunningBridge {
  /** Resolves once events are taken; what is down is connected later. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves once everything outside is connected, or the bridge is stopped. */
  connected(): Promise<void>;
  phase(): Phase;
  health(): Promise<readonly PartHealth[]>;
  /** As `/metrics` tells; undefined while the bridge does not answer. */
  queue(): Promise<QueueCounts | undefined>;
}

const METRICS_TIMEOUT_MS = 2000;

export function createRunningBridge(config: Config, logger: Logger): RunningBridge {
  let bridge: Bridge | undefined;
  let phase: Phase = "stopped";
  /** Starts and stops take turns: nobody opens the storage twice. */
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  async function start(): Promise<void> {
    if (bridge !== undefined) return;
    phase = "starting";
    const next = await createBridge(config, logger);
    try {
      await next.start();
    } catch (error) {
      phase = "stopped";
      await next.stop();
      throw error;
    }
    bridge = next;
    phase = "running";
  }

  async function stop(): Promise<void> {
    if (bridge === undefined) return;
    phase = "stopping";
    await bridge.stop();
    bridge = undefined;
    phase = "stopped";
  }

  return {
    start: () => inTurn(start),
    stop: () => inTurn(stop),
    connected: async () => void (await bridge?.connected),
    phase: () => phase,
    health: async () => (phase === "running" && bridge !== undefined ? bridge.health() : []),
    async queue() {
      if (phase !== "running") return undefined;
      return countsIn(`http://127.0.0.1:${config.server.port}/metrics`);
    },
  };
}

async function countsIn(url: string): Promise<QueueCounts | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS), redirect: "error" });
    const text = await response.text();
    const questions = sumOf(text, "bridge_questions");
    const aside = sumOf(text, "bridge_set_aside") - questions;
    return { waiting: sumOf(text, "bridge_deliveries_waiting"), aside, questions };
  } catch {
    return undefined;
  }
}

/** Of a metric's values over all labels, in the text format of Prometheus. */
function sumOf(text: string, metric: string): number {
  const values = [...text.matchAll(/^(\w+)(?:\{[^}]*\})? (\S+)$/gm)].filter(([, name]) => name === metric);
  return values.reduce((sum, [, , value]) => sum + Number(value), 0);
}
