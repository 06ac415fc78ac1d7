/** What is built for users knows nothing of the crash tests; what is built for these has every fault point. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildDoomed, root } from "./doomed.js";
import { POINTS } from "./kill.js";

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name));

const javaScript = (folder: string): string =>
  filesIn(folder)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(name, "utf8"))
    .join("\n");

beforeAll(buildDoomed);

describe("a fault point", () => {
  test("leaves no trace in the program that users run", () => {
    const program = javaScript("dist");
    expect(program).toContain("createBridge");
    expect(program).not.toMatch(/faultPoint|FAULT_POINT|SIGKILL/);
  });

  test("is in the program of the crash tests wherever the sources have one, and each is on the list", () => {
    const named = [...javaScript("dist-crash").matchAll(/faultPoint\("([^"]+)"\)/g)].map(([, name = ""]) => name);
    const sources = [...filesIn("src"), ...filesIn("adapters")].filter((name) => name.endsWith(".ts"));
    const written = sources.flatMap((name) => [...readFileSync(name, "utf8").matchAll(/faultPoint\("([^"]+)"\)/g)]);
    expect(named.toSorted()).toEqual(written.map(([, name = ""]) => name).toSorted());
    expect(POINTS).toEqual(expect.arrayContaining(named));
  });
});
