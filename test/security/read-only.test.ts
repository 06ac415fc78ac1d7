/** As the container runs with --read-only: the built program, as nobody, where only its data folder can be written. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { createWorld, EVENTS_SECRET } from "../../src/sandbox/world.js";
import { freePort } from "../fixtures/port.js";

const main = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
const NOBODY = 65_534;

/** Ways to confine a command to a folder, the strictest first; what a system does not allow is not taken. */
const readOnlyRoot = (then: string): string =>
  `mount --bind data data && mount -o remount,ro,bind / && cd "$PWD" && exec ${then} "$@"`;
const asNobody = `setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups`;
const WAYS: readonly (readonly string[])[] = [
  ["unshare", "-m", "sh", "-c", readOnlyRoot(asNobody), "sh"],
  ["unshare", "-m", "sh", "-c", readOnlyRoot(""), "sh"],
  ["setpriv", "--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"],
  ["env"],
];

const env = { PATH: process.env["PATH"] ?? "", TMPDIR: "/nowhere", HOME: "/nowhere" };

function confine(folder: string, args: readonly string[]): [string, string[]] {
  const works = ([command = "", ...rest]: readonly string[]): boolean =>
    spawnSync(command, [...rest, "head", "-c1", main], { cwd: folder, env }).status === 0;
  const [command = "", ...rest] = WAYS.find(works) ?? [];
  return [command, [...rest, process.execPath, main, ...args]];
}

function start(folder: string, args: readonly string[]) {
  const [command, all] = confine(folder, args);
  const child: ChildProcess = spawn(command, all, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout?.setEncoding("utf8").on("data", (words: string) => (out += words));
  child.stderr?.setEncoding("utf8").on("data", (words: string) => (out += words));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, ended, out: () => out };
}

test(
  "where only data/ can be written and there is no folder for temporary files, everything works",
  { timeout: 90_000 },
  async () => {
    expect(existsSync(main), "npm run build comes first").toBe(true);
    const world = await createWorld();
    onTestFinished(() => world.close());
    const folder = mkdtempSync(join(tmpdir(), "read-only-"));
    onTestFinished(() => {
      chmodSync(folder, 0o755);
      rmSync(folder, { recursive: true, force: true });
    });
    const port = await freePort();
    writeFileSync(join(folder, "config.yaml"), world.configText({ port, storage: "data/bridge.db" }));
    mkdirSync(join(folder, "data"));
    if (process.getuid?.() === 0) chownSync(join(folder, "data"), NOBODY, NOBODY);
    chmodSync(folder, 0o555);

    const bridge = start(folder, ["start"]);
    await vi.waitFor(() => expect(bridge.out()).toContain('"msg":"ready"'), 30_000);
    const fields = { EventType: "message-in", extension_id: "1234", src_number: "+12015550123", did_number: world.did };
    const body = new URLSearchParams({ ...fields, text: "hello there" });
    const answer = await fetch(`http://127.0.0.1:${port}/pbx/events/${EVENTS_SECRET}`, { method: "POST", body });
    expect(answer.status).toBe(200);
    await vi.waitFor(() => expect(world.slack.messages(world.channel)).toHaveLength(1), 20_000);
    const health = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([health.status, await health.text()]).toEqual([200, expect.stringContaining('"ready":true')]);

    for (const args of [["doctor"], ["queue", "list"]]) {
      const command = start(folder, args);
      expect([args, await command.ended, command.out()]).toEqual([args, 0, expect.any(String)]);
    }
    bridge.child.kill("SIGTERM");
    expect([await bridge.ended, bridge.out()]).toEqual([0, expect.not.stringMatching(/EROFS|EACCES|ENOENT/)]);
    expect(readdirSync(folder).toSorted()).toEqual(["config.yaml", "data"]);
  },
);
