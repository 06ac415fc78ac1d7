import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeQueue } from "../contract/queue.js";
import { sqliteStores } from "../fixtures/stores.js";

describeQueue("SQLite", sqliteStores);

describe("a process killed while it commits", () => {
  it("has lost nothing of what it had acknowledged, and its file is sound", async () => {
    const stores = sqliteStores();
    const script = fileURLToPath(new URL("../fixtures/committing.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script, stores.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 500) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");

    const store = await stores.open();
    const missing = await store.commit(async (tx) => {
      const found = await Promise.all(acknowledged.map((key) => tx.queue.withdraw(key)));
      return acknowledged.filter((_, index) => found[index] === false);
    });
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    expect(missing).toEqual([]);
  });
});
