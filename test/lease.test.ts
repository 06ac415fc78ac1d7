import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { createLease } from "../src/lease.js";

describe("a lease's owner", () => {
  it("is another one for each start, even with the same process number", () => {
    expect(createLease("a").owner).not.toBe(createLease("b").owner);
  });

  it("is gone when its process ended on this machine", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid } = child;
    await once(child, "exit");
    expect(createLease("a").gone(`${hostname()} ${pid} x`)).toBe(true);
  });

  it("is not gone while its process runs, nor when it is on another machine", () => {
    const lease = createLease("a");
    expect(lease.gone(`${hostname()} ${process.ppid} x`)).toBe(false);
    expect(lease.gone(`elsewhere 999999999 x`)).toBe(false);
  });

  it("is gone when it had our own process number before us, as the first process of a container has", () => {
    expect(createLease("a").gone(createLease("b").owner)).toBe(true);
  });
});
