/**
 * The usual metrics of a Node process, under their usual names. Each is read when asked for: prom-client's own set keeps
 * a timer running for the delay of the event loop, which never ends.
 */
import { performance, type EventLoopUtilization } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";

export function watchProcess(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  const startedAt = Math.floor(Date.now() / 1000 - process.uptime());
  gauge("process_start_time_seconds", "When the process began, since 1970", () => startedAt);
  gauge("process_resident_memory_bytes", "Memory in use", () => process.memoryUsage.rss());
  gauge("nodejs_heap_size_used_bytes", "JavaScript heap in use", () => process.memoryUsage().heapUsed);
  gauge("nodejs_eventloop_utilization", "Busy share of the event loop since the last reading, 0 to 1", utilization());

  const cpu: Counter = new Counter({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time",
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  new Gauge({ name: "nodejs_version_info", help: "Node's version", labelNames: ["version"], registers }).set(
    { version: process.version },
    1,
  );
}

function utilization(): () => number {
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const since = performance.eventLoopUtilization(now, last);
    last = now;
    return since.utilization;
  };
}
