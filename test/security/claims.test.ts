/** `.github/SECURITY.md` claims nothing that no test holds. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { read, top } from "../docs/reading.js";

const page = ".github/SECURITY.md";
const [, section = ""] = /## What is protected, and how\n([^]*?)\n## /.exec(read(page)) ?? [];
const claims = section.split("\n").filter((line) => line.startsWith("- "));

describe("SECURITY.md", () => {
  test("is short", () => expect(read(page).split("\n").length).toBeLessThan(60));

  test("says how to report, and what is not protected", () => {
    expect(read(page)).toMatch(/## Reporting\n[^]*## What is protected, and how\n[^]*## What is not\n/);
  });

  test.each(claims)("%s", (claim) => {
    const [, file = ""] = /\]\(\.\.\/(test\/[\w/.-]+\.test\.ts)\): “/.exec(claim) ?? [];
    expect(existsSync(join(top, file)) && file !== "", `a test for: ${claim}`).toBe(true);
    const tests = [...claim.slice(claim.indexOf(`${file})`)).matchAll(/“([^”]+)”/g)].map(([, name = ""]) => name);
    expect(tests.length).toBeGreaterThan(0);
    for (const name of tests) expect(read(file)).toContain(`"${name}"`);
  });
});
