/** What `npm ci` brings to a server: from where, under which licences, and that none of it runs while it is installed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { top } from "../docs/reading.js";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(join(top, "package-lock.json"), "utf8")) as { packages: Record<string, Locked> };
const all = Object.entries(lock.packages).filter(([path]) => path !== "");
const production = all.filter(([, { dev }]) => dev !== true);

/** Those that ask for a notice at most. */
const PERMISSIVE = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "BlueOak-1.0.0",
  "Unlicense",
]);

describe("production dependencies", () => {
  test("are there", () => expect(production.length).toBeGreaterThan(50));

  test("have licences that ask for a notice at most", () => {
    expect(production.filter(([, { license = "" }]) => !PERMISSIVE.has(license)).map(([path]) => path)).toEqual([]);
  });

  test("run, compile and download nothing while they are installed", () => {
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual(
      [],
    );
    const hooks = production.flatMap(([path]) => {
      const manifest = join(top, path, "package.json");
      // Native parts for other systems are not installed here.
      if (!existsSync(manifest)) return [];
      const { scripts = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: Record<string, string> };
      const compiles = existsSync(join(top, path, "binding.gyp")) ? ["binding.gyp"] : [];
      return [...Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name)), ...compiles].map(
        (hook) => `${path}: ${hook}`,
      );
    });
    expect(hooks).toEqual([]);
  });
});

test("every dependency, also for development, is one version from the registry, known by its digest", () => {
  const loose = all.filter(
    ([, { version, resolved, integrity = "" }]) =>
      version === undefined ||
      !integrity.startsWith("sha512-") ||
      (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});

test("npm is told to run no scripts of what it installs, here and in the image", () => {
  expect(readFileSync(join(top, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
  expect(readFileSync(join(top, "Dockerfile"), "utf8")).toMatch(/^COPY .*\.npmrc .*\n(?:.*\n)*?RUN npm ci/m);
});
