/** A store that fails while the bridge runs, met over HTTP: nothing is acknowledged, nothing is written over, and people are told why. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import LibsqlDatabase from "libsql";
import { describe, expect } from "vitest";
import { ALICE, test, type Office, type OfficeOptions } from "../e2e/harness.js";
import { run } from "../e2e/program.js";

const SICK = /store|stored|database|queue|leases|links|rows/;
const REPEATING: OfficeOptions = {
  ...{ closed: true, errors: SICK, bridge: { to: ["slack"] } },
  world: {
    pbx: { eventRetries: { times: 400, waitMs: 100 } },
    slack: { ackWithinMs: 500, retryDelaysMs: Array.from({ length: 400 }, () => 100) },
  },
};

const refused = ({ pbx }: Office) => pbx.events().flatMap(({ attempts }) => attempts.map(({ status }) => status));

async function isRefused(office: Office, why: RegExp): Promise<void> {
  await office.eventually(() => expect(refused(office)).toContain(503));
  await office.eventually(async () => {
    const { status, body } = await office.get("/readyz");
    expect({ status, body }).toMatchObject({ status: 503, body: expect.stringMatching(why) as unknown });
  });
  expect((await office.get("/healthz")).status).toBe(200);
}

const PAGE = 4096;

/** Behind the back of whoever has it open: the ledger's pages are no pages any more, the others are well. */
function damage(path: string): void {
  const other = new LibsqlDatabase(path);
  // All into the one file, so that nobody has the pages in a log.
  other.pragma("wal_checkpoint(truncate)");
  const roots = other.prepare("select rootpage from sqlite_master where tbl_name = 'ledger'").all() as Root[];
  other.close();
  const content = readFileSync(path);
  for (const { rootpage } of roots) content.fill(0xff, (rootpage - 1) * PAGE, (rootpage - 1) * PAGE + 200);
  writeFileSync(path, content);
}

interface Root {
  readonly rootpage: number;
}

const hashes = (path: string): string[] =>
  ["", "-wal"].map((end) =>
    existsSync(path + end)
      ? createHash("sha256")
          .update(readFileSync(path + end))
          .digest("hex")
      : "none",
  );

describe.concurrent("while the bridge runs", () => {
  test("a damaged page: 503 and the remedy, no byte is written over, and a backup brings all that came meanwhile", async ({
    open,
  }) => {
    const office = await open(REPEATING);
    await office.start();
    const path = join(office.folder, "bridge.db");
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await thread.holds(/hello/);
    await office.quiet();
    await office.stop();
    copyFileSync(path, `${path}.backup`);
    await office.start();
    damage(path);
    office.contact(ALICE).texts("a text meanwhile");
    await isRefused(office, /"part":"store","ok":false,"reason":"the database is damaged.*Stop this program.*backup/);
    const before = hashes(path);
    thread.says("a reply meanwhile");
    const met = refused(office).length;
    await office.eventually(() => expect(refused(office).length).toBeGreaterThan(met + 3));
    await office.eventually(() => expect(office.slack.unackedEnvelopes().length).toBeGreaterThan(0));
    expect(hashes(path)).toEqual(before);
    expect(office.contact(ALICE).got()).toEqual([]);
    await office.stop();
    for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
    copyFileSync(`${path}.backup`, path);
    await office.start();
    await office.contact(ALICE).gets("a reply meanwhile");
    await office.eventually(() => expect(thread.lines().join()).toMatch(/a text meanwhile/));
    await office.quiet();
    expect(thread.lines().filter((line) => line.includes("a text meanwhile"))).toHaveLength(1);
  });

  test("a store that takes no writes any more: 503 and why; once it takes them again all arrives once, without a restart", async ({
    open,
    skip,
  }) => {
    const hasLimits = spawnSync("prlimit", ["--version"]).status === 0;
    if (!hasLimits && process.env["CI"] === undefined) skip("no prlimit here");
    const office = await open(REPEATING);
    const program = run(office, ["start"]);
    await program.ready();
    /** Every write into a file fails from now on, as on a disk that the system made read-only. */
    const letWrite = (may: boolean): void => {
      const limit = may ? "unlimited:unlimited" : "0:unlimited";
      execFileSync("prlimit", ["--pid", String(program.pid), `--fsize=${limit}`]);
    };
    const path = join(office.folder, "bridge.db");
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await thread.holds(/hello/);
    await office.quiet();
    letWrite(false);
    const before = hashes(path);
    office.contact(ALICE).texts("a text meanwhile");
    thread.says("a reply meanwhile");
    await isRefused(
      office,
      /"part":"store","ok":false,"reason":"the database could not be written: .*Check that its disk is well and that this program may write there/,
    );
    await office.eventually(() => expect(office.slack.unackedEnvelopes().length).toBeGreaterThan(0));
    expect([hashes(path), office.contact(ALICE).got()]).toEqual([before, []]);
    letWrite(true);
    await office.contact(ALICE).gets("a reply meanwhile");
    await thread.holds("Anna: a reply meanwhile :white_check_mark:");
    await office.eventually(() => expect(thread.lines().join()).toMatch(/a text meanwhile/));
    await office.quiet();
    expect(thread.lines().filter((line) => line.includes("a text meanwhile"))).toHaveLength(1);
    await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/"ready":true/));
    expect((await program.end()).code).toBe(0);
  });
});
