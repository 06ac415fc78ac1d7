/** What the bridge counts, for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { watchProcess } from "./metrics/process.js";

export interface Waiting {
  /** `pbx`, or a platform's name. */
  readonly target_kind: string;
  readonly kind: string;
  readonly count: number;
}

/** Asked only when somebody reads the metrics. One that fails leaves its gauge out. */
export interface MetricSources {
  /** Deliveries that are not done yet. */
  waiting?(): Promise<readonly Waiting[]> | readonly Waiting[];
  /** Deliveries that gave up and wait for a person. */
  setAside?(): Promise<number> | number;
  /** Of these: questions that nobody has answered yet. */
  held?(): Promise<number> | number;
}

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(sources: MetricSources = {}) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `bridge_${name}`, help, labelNames, registers });
  watchProcess(registry);
  watchQueue(registry, sources);

  return {
    events: counter("pbx_events_total", "Events of the PBX that were let in, by kind", ["kind"]),
    refused: counter("requests_refused_total", "Requests with a wrong secret, from a wrong address, or too many", [
      "why",
    ]),
    unmatched: counter("unmatched_total", "Texts to a number that no line lists", []),
    recovered: counter("recovered_total", "Texts that the PBX's list had and no event told of", []),
    deliveries: counter("deliveries_total", "Attempts to deliver, by outcome", ["target_kind", "kind", "result"]),
    gaveUp: counter("gave_up_total", "Deliveries that were set aside, by kind and by why", ["kind", "reason"]),
    missed: counter("missed_events_total", "Events that were read after an absence because nobody told of them", [
      "platform",
    ]),
    rateLimited: counter("rate_limited_total", "How often a target was told to wait", ["target"]),
    attemptSeconds: new Histogram({
      name: "bridge_attempt_seconds",
      help: "How long an attempt took, from its start to the answer",
      labelNames: ["target_kind"],
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
      registers,
    }),
    delay: new Histogram({
      name: "bridge_delivery_delay_seconds",
      help: "From the moment a text was accepted until it was shown or sent",
      labelNames: ["target_kind"],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600],
      registers,
    }),
    /** Everything in the text format of Prometheus. */
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

/** Without an answer there is no value: an old one would look like a new one, and the other metrics are still wanted. */
function watchQueue(registry: Registry, { waiting, setAside, held }: MetricSources): void {
  const registers = [registry];
  if (waiting !== undefined) {
    const gauge: Gauge<"target_kind" | "kind"> = new Gauge({
      name: "bridge_deliveries_waiting",
      help: "Deliveries that are not done yet",
      labelNames: ["target_kind", "kind"],
      registers,
      collect: async () => {
        const counts = await orNothing(waiting);
        gauge.reset();
        for (const { count, ...of } of counts ?? []) gauge.set(of, count);
      },
    });
  }
  const count = (name: string, help: string, ask: MetricSources["setAside"]): void => {
    if (ask === undefined) return;
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers },
      collect: async () => {
        const value = await orNothing(ask);
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  };
  count("bridge_set_aside", "Deliveries that gave up or ask a question, and wait for a person", setAside);
  count("bridge_questions", "Of those set aside: what people wrote and are asked about", held);
}

async function orNothing<T>(ask: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
