import { expect, test } from "vitest";
import { createMetrics } from "../src/metrics.js";

async function lines(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.render()).body.split("\n");
}

test("what was counted is told in the text format of Prometheus", async () => {
  const metrics = createMetrics();
  metrics.events.inc({ kind: "text-in" });
  metrics.events.inc({ kind: "text-in" });
  metrics.unmatched.inc();
  metrics.deliveries.inc({ target_kind: "slack", kind: "post", result: "done" });
  metrics.gaveUp.inc({ kind: "text", reason: "refused" });
  metrics.rateLimited.inc({ target: "slack:C0123456789" });
  metrics.attemptSeconds.observe({ target_kind: "pbx" }, 0.2);
  metrics.delay.observe({ target_kind: "slack" }, 0.2);
  expect((await metrics.render()).contentType).toContain("text/plain");
  expect(await lines(metrics)).toEqual(
    expect.arrayContaining([
      'bridge_pbx_events_total{kind="text-in"} 2',
      "bridge_unmatched_total 1",
      'bridge_deliveries_total{target_kind="slack",kind="post",result="done"} 1',
      'bridge_gave_up_total{kind="text",reason="refused"} 1',
      'bridge_rate_limited_total{target="slack:C0123456789"} 1',
      'bridge_attempt_seconds_bucket{le="0.3",target_kind="pbx"} 1',
      'bridge_delivery_delay_seconds_bucket{le="0.1",target_kind="slack"} 0',
      'bridge_delivery_delay_seconds_bucket{le="0.25",target_kind="slack"} 1',
    ]),
  );
});

test("two sets of metrics know nothing of each other", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.unmatched.inc();
  expect(await lines(other)).toContain("bridge_unmatched_total 0");
});

test("what waits is asked for at each reading, and what no longer waits is gone", async () => {
  let waiting = [{ target_kind: "slack", kind: "post", count: 3 }];
  const metrics = createMetrics({ waiting: () => waiting, setAside: () => Promise.resolve(2), held: () => 1 });
  expect(await lines(metrics)).toEqual(
    expect.arrayContaining([
      'bridge_deliveries_waiting{target_kind="slack",kind="post"} 3',
      "bridge_set_aside 2",
      "bridge_questions 1",
    ]),
  );
  waiting = [{ target_kind: "pbx", kind: "text", count: 1 }];
  const next = (await lines(metrics)).filter((line) => line.startsWith("bridge_deliveries_waiting"));
  expect(next).toEqual(['bridge_deliveries_waiting{target_kind="pbx",kind="text"} 1']);
});

test("a store that cannot be asked costs its own metrics only", async () => {
  const broken = () => Promise.reject(new Error("locked"));
  const all = await lines(createMetrics({ waiting: broken, setAside: broken, held: broken }));
  expect(all.filter((line) => /^bridge_(deliveries_waiting|set_aside|questions)\b/.test(line))).toEqual([]);
  expect(all).toContain("bridge_unmatched_total 0");
});

test("the process tells about itself under the usual names", async () => {
  const { body } = await createMetrics().render();
  for (const name of [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "nodejs_eventloop_utilization",
  ])
    expect(body).toMatch(new RegExp(`^${name} [0-9.e+]+$`, "m"));
  expect(body).toContain(`nodejs_version_info{version="${process.version}"} 1`);
});
