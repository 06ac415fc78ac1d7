/**
 * The build: everything bundled into a few files, because hundreds of small ones make half of the start-up time and a quarter of
 * the memory. What has a binary, or is asked for only by a config, stays outside and is found in node_modules.
 *
 * `crash`: the program of the crash tests instead, in a folder of its own. It has fault points, keeps no pace towards the chat
 * platforms and waits shortly everywhere, which would make every kill take long, and sweeps all the time.
 */
import { build } from "esbuild";
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const crash = process.argv[2] === "crash";
const dist = `${root}/${crash ? "dist-crash" : "dist"}`;
const out = `${dist}/src`;

/** Some packages are CommonJS and expect these names; the underscores keep them apart from bundled code's own. */
const commonJs = `
import { createRequire as __bundleRequire } from "node:module";
import { fileURLToPath as __bundlePath } from "node:url";
import { dirname as __bundleDirectory } from "node:path";
const require = __bundleRequire(import.meta.url);
const __filename = __bundlePath(import.meta.url);
const __dirname = __bundleDirectory(__filename);
`;

/** What the crash tests put in the place of a part that the composition root imports. */
const unhurried = {
  name: "no paces",
  setup: (/** @type {import("esbuild").PluginBuild} */ { onResolve }) =>
    onResolve({ filter: /^\.\/paces\.js$/ }, ({ importer }) =>
      importer.endsWith("/src/compose.ts") ? { path: `${root}/test/crash/no-paces.ts` } : undefined,
    ),
};

/**
 * What dependencies load with the rest of them and what never runs here: Bolt's ways of receiving, simulated servers, JSON schemas,
 * what Node itself has had for years. It was almost half of what a start reads. What they make fails when it runs after all.
 */
const unused = [
  "@slack/oauth express raw-body",
  "undici/lib/mock undici/lib/cache undici/lib/interceptor undici/lib/web/cookies undici/lib/web/eventsource",
  "@fastify/ajv-compiler @fastify/fast-json-stringify-compiler light-my-request",
  "@opentelemetry/api prom-client/lib/metrics",
  "web-streams-polyfill whatwg-url",
];
/** Fastify calls the makers of its compilers when it is set up, and never what they make. */
const stub = (/** @type {string} */ path) => `
  module.exports = function unused() {
    return () => {
      throw new Error("src/build.js leaves out ${path}");
    };
  };`;
const leaveOutUnused = {
  name: "what is unused",
  setup: (/** @type {import("esbuild").PluginBuild} */ { onLoad }) =>
    onLoad({ filter: new RegExp(`/node_modules/(${unused.join(" ").replaceAll(" ", "|")})/`) }, ({ path }) => ({
      contents: stub(path.slice(root.length)),
    })),
};
const pluginsOfCrash = async () => {
  const { shortWaits } = await import("../test/crash/short-waits.js");
  return [unhurried, shortWaits()];
};

await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir: out,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  external: ["libsql", "pino-pretty", "@keyv/*"],
  define: { FAULT_POINTS: String(crash) },
  plugins: [leaveOutUnused, ...(crash ? await pluginsOfCrash() : [])],
  banner: { js: commonJs.trim() },
  // Made small, since the text of the code stays in memory; but names stay, since errors and logs show them. (esbuild's keepNames
  // would cost a call for every function made, a tenth of what taking a text costs.)
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "linked",
  logLevel: "warning",
});

/** Files that are read when the program runs, beside the code that reads them. */
await cp(`${root}/adapters/slack/emoji.json`, `${out}/emoji.json`);
await cp(`${root}/src/sandbox/page`, `${out}/page`, { recursive: true });
