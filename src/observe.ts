/** What the parts report about their work, as metrics and log lines. */
import type { IntakeDeps } from "./intake.js";
import type { Logger } from "./log.js";
import type { Metrics, MetricSources } from "./metrics.js";
import type { WorkerDeps } from "./queue/worker.js";
import type { Store } from "./store/port.js";

export function metricSources({ queue }: Store): MetricSources {
  return {
    setAside: () => queue.counts().aside,
    held: () => queue.held(),
    waiting: () => {
      const sums = new Map<string, { target_kind: string; kind: string; count: number }>();
      for (const { target, kind, count } of queue.counts().waiting) {
        const key = `${kindOf(target)} ${kind}`;
        const sum = sums.get(key) ?? { target_kind: kindOf(target), kind, count: 0 };
        sums.set(key, { ...sum, count: sum.count + count });
      }
      return [...sums.values()];
    },
  };
}

export function observeEvents(metrics: Metrics, logger: Logger): NonNullable<IntakeDeps["observe"]> {
  return (event, result) => {
    if (result === "status" && event.kind === "text-status" && event.status === "failed")
      metrics.gaveUp.inc({ kind: "text", reason: "carrier" });
    if (result !== "unmatched" || event.kind === "unused") return;
    metrics.unmatched.inc();
    metrics.gaveUp.inc({ kind: "unmatched", reason: "no-line" });
    logger.warn(
      { extension: event.extension },
      "a text came to a number that no line lists; it is kept, see `queue list`",
    );
  };
}

/** `untold`: the extension's texts come without events, it seems. */
export function observeRecovered(
  metrics: Metrics,
  logger: Logger,
  untold: (extension: number) => void,
): (extension: number, count: number) => void {
  return (extension, count) => {
    untold(extension);
    metrics.recovered.inc(count);
    logger.warn(
      { extension, count },
      "texts were found in the PBX's list that no event had told of; they are shown now",
    );
  };
}

export function observeWork(
  metrics: Metrics,
  now: () => number,
): Required<Pick<WorkerDeps, "observe" | "gaveUp" | "paused">> {
  return {
    observe(batch, result, tookMs) {
      const [{ target, work }] = batch;
      const target_kind = kindOf(target);
      metrics.deliveries.inc({ target_kind, kind: work.kind, result }, batch.length);
      metrics.attemptSeconds.observe({ target_kind }, tookMs / 1000);
      if (result !== "done" || (work.kind !== "post" && work.kind !== "text")) return;
      for (const { createdAt } of batch) metrics.delay.observe({ target_kind }, Math.max(0, now() - createdAt) / 1000);
    },
    gaveUp: (batch, reason) => metrics.gaveUp.inc({ kind: batch[0].work.kind, reason }, batch.length),
    paused: (target) => metrics.rateLimited.inc({ target: kindOf(target) }),
  };
}

/** `slack:C0123` is of the kind `slack`: a metric per channel would grow without end. */
function kindOf(target: string): string {
  return target.split(":", 1)[0] ?? target;
}
