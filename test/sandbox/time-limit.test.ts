import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { limited } from "../../src/sandbox/time-limit.js";

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

describe("a limited call", () => {
  test("gives what the call gives", async () => {
    expect(await limited(10_000, new AbortController().signal, async () => "answer")).toBe("answer");
  });

  test("ends when its time is up, also after the garbage was collected", async () => {
    const call = limited(50, new AbortController().signal, never);
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("ends when all is to end, and at once where that was so before", async () => {
    const stopping = new AbortController();
    const call = limited(10_000, stopping.signal, never);
    stopping.abort(new Error("closing"));
    await expect(call).rejects.toThrow("closing");
    await expect(limited(10_000, stopping.signal, async (signal) => signal.throwIfAborted())).rejects.toThrow(
      "closing",
    );
  });
});
