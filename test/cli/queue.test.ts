/** `queue`, on a real file: what `all` means, and what it does not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { queueCommand } from "../../src/cli/queue.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { storeOn } from "../fixtures/store-on.js";
import { delivery } from "../fixtures/working.js";

/** A file with two deliveries that gave up (1 and 2), and a text that waits for somebody's decision (3). */
async function queueOfThree() {
  const folder = temporaryFolder();
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `storage: "sqlite:${folder}/bridge.db"
pbx: { url: http://127.0.0.1:9, clientId: a, clientSecret: b, events: { secret: 0123456789abcdef, register: false } }
telegram: { botToken: "1:a" }
lines: [{ name: Sales, extension: 7, to: [{ telegram: -100987 }] }]`,
  );
  const file = openSqliteFile(join(folder, "bridge.db"));
  const store = storeOn(file, { owner: "one", clock: { now: 0 }, gone: new Set() });
  await store.commit(async ({ queue }) => {
    await queue.addAside(delivery("a", "one"), "set-aside", "No credit left.");
    await queue.addAside(delivery("b", "two"), "set-aside", "No credit left.");
    await queue.addAside(delivery("c", "three"), "held", "It looks like a command.");
  });
  await store.close();
  return async (...words: string[]) => {
    const told = { code: 0, out: "", err: "" };
    const command = queueCommand({
      stdout: (text) => void (told.out += text),
      stderr: (text) => void (told.err += text),
      exit: (code) => void (told.code = code),
    });
    await new Command().addCommand(command).parseAsync(["queue", ...words, "--config", config], { from: "user" });
    return told;
  };
}

const WAITS = "Left as they are, since somebody has to decide on each: 3. Name the numbers to do so here.\n";

test("retry all takes what gave up, and leaves what nobody has decided on", async () => {
  const queue = await queueOfThree();
  expect(await queue("retry", "all")).toEqual({
    code: 0,
    out: `1 will be tried again\n2 will be tried again\n${WAITS}`,
    err: "",
  });
  expect((await queue("list")).out).toMatch(/^3 .* held .*\n.*\n$/);
  expect(await queue("retry", "3")).toEqual({ code: 0, out: "3 will be tried again\n", err: "" });
  expect((await queue("list")).out).toBe("Nothing has been set aside.\n");
});

test("discard all likewise", async () => {
  const queue = await queueOfThree();
  expect((await queue("discard", "all")).out).toBe(`1 was discarded\n2 was discarded\n${WAITS}`);
  expect((await queue("discard", "all")).out).toBe(WAITS);
  expect((await queue("discard", "3")).out).toBe("3 was discarded\n");
  expect((await queue("retry", "all")).out).toBe("Nothing has been set aside.\n");
});

test("a number of nothing is told, beside what the others did", async () => {
  const queue = await queueOfThree();
  expect(await queue("retry", "1", "99")).toEqual({
    code: 1,
    out: "1 will be tried again\n",
    err: "99: nothing with this number is set aside. See: queue list\n",
  });
});
