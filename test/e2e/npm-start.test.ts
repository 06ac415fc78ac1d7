/** `npm start` as a process: whoever ends npm ends the bridge. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../fixtures/folder.js";

const top = new URL("../../", import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", top), "utf8")) as {
  scripts: Record<string, string>;
};

/** npm's own script, in a folder whose dist is the built program. Nobody answers at the addresses. */
function folderWithProgram(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "dist/src"), { recursive: true });
  const files = {
    "package.json": JSON.stringify({ type: "module", scripts: { ...scripts, build: "node --version" } }),
    "dist/src/main.js": `import { writeFileSync } from "node:fs";
      writeFileSync("pid", String(process.pid));
      await import(${JSON.stringify(new URL("dist/src/main.js", top).href)});`,
    "config.yaml": `server: { host: 127.0.0.1, port: 0 }
pbx: { url: "http://127.0.0.1:9", clientId: a, clientSecret: b, events: { secret: 0123456789abcdef, register: false } }
telegram: { botToken: "1:a", apiUrl: "http://127.0.0.1:9" }
lines: [{ name: Sales, extension: 7, to: [{ telegram: -100987 }] }]`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const WAYS = [
  ["SIGTERM to npm", (npm: number) => process.kill(npm, "SIGTERM")],
  // A terminal sends it to all of its processes, and npm passes it on besides.
  ["Ctrl+C", (npm: number) => process.kill(-npm, "SIGINT")],
] as const;

test.each(WAYS)("%s stops the bridge, gracefully and within 10 s", { timeout: 90_000 }, async (_, end) => {
  const folder = folderWithProgram();
  const npm = spawn("npm", ["start"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"], detached: true });
  let out = "";
  npm.stdout.setEncoding("utf8").on("data", (words: string) => (out += words));
  await vi.waitFor(() => expect(out).toContain("could not connect"), { timeout: 60_000 });
  expect(existsSync(join(folder, "pid"))).toBe(true);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  onTestFinished(() => void (isAlive(pid) && process.kill(pid, "SIGKILL")));
  end(npm.pid ?? 0);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
  await vi.waitFor(() => expect(out).toContain('"msg":"stopped"'));
});
