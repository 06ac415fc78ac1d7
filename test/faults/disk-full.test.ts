/** The disk is full, really: nothing is acknowledged that is not stored, nothing is sent twice, and all goes on by itself once there is room. */
import { describe, expect } from "vitest";
import type { BridgeInWorld } from "../../src/sandbox/world.js";
import { ALICE, test, type Office, type OfficeOptions, type OpenOffice } from "../e2e/harness.js";
import { smallDisk, type SmallDisk } from "./small-disk.js";

const SICK = /store|stored|database|queue|leases|links|rows/;

async function onSmallDisk(
  { open, skip }: { open: OpenOffice; skip: (why: string) => void },
  world: Omit<OfficeOptions, "bridge"> & { readonly bridge?: Partial<BridgeInWorld> } = {},
): Promise<{ office: Office; disk: SmallDisk }> {
  const disk = smallDisk();
  if (disk === undefined) {
    skip("this user may not mount a file system");
    throw new Error("skipped");
  }
  const bridge = { storage: `${disk.folder}/bridge.db` };
  const office = await open({ errors: SICK, ...world, bridge: { ...bridge, ...world.bridge } });
  office.onFinish(async () => disk.remove());
  return { office, disk };
}

const ready = async (office: Office) => (await office.get("/readyz")).body;

describe.concurrent("while the disk is full", () => {
  test("nothing is acknowledged to anybody, /readyz says why; with room again all arrives once, without a restart", async ({
    open,
    skip,
  }) => {
    const { office, disk } = await onSmallDisk(
      { open, skip },
      {
        world: {
          pbx: { eventRetries: { times: 200, waitMs: 100 } },
          slack: { ackWithinMs: 500, retryDelaysMs: Array.from({ length: 200 }, () => 100) },
        },
      },
    );
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.reads("bot: hello");
    await office.quiet();

    disk.fill();
    office.contact(ALICE).texts("a text meanwhile");
    await office.eventually(() => {
      const statuses = office.pbx.events().flatMap(({ attempts }) => attempts.map(({ status }) => status));
      expect(statuses).toContain(503);
    });
    thread.says("a reply meanwhile");
    topic.says("another meanwhile");
    await office.eventually(() => expect(office.slack.unackedEnvelopes().length).toBeGreaterThan(0));
    await office.eventually(async () =>
      expect(await ready(office)).toMatch(/"part":"store","ok":false,"reason":".*full/),
    );
    expect((await office.get("/healthz")).status).toBe(200);
    expect(office.contact(ALICE).got()).toEqual([]);

    disk.empty();
    await office.eventually(() => expect(office.contact(ALICE).got()).toHaveLength(2), 40_000);
    await thread.holds("Anna: a reply meanwhile :white_check_mark:");
    await topic.holds("Boris: another meanwhile 👌");
    await office.eventually(() => {
      expect(thread.lines().filter((line) => line.includes("a text meanwhile"))).toHaveLength(1);
      expect(topic.lines().filter((line) => line.includes("a text meanwhile"))).toHaveLength(1);
    });
    await office.quiet();
    expect(office.contact(ALICE).got().toSorted()).toEqual(["a reply meanwhile", "another meanwhile"]);
    await office.eventually(async () => expect(await ready(office)).toMatch(/"ready":true/));
  });

  test("a text that the PBX took just before is not sent again: it is looked up", async ({ open, skip }) => {
    // The PBX's own events of it are refused and lost: only its list can tell.
    const { office, disk } = await onSmallDisk({ open, skip }, { bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await office.quiet();
    const stop = office.pbx.onChange(() => {
      if (office.contact(ALICE).got().length > 0) disk.fill();
    });
    thread.says("one and only");
    thread.says("and the next");
    await office.contact(ALICE).gets("one and only");
    await office.eventually(async () => expect(await ready(office)).toMatch(/"part":"store","ok":false/));
    // Long enough for several attempts, had they been made.
    await office.eventually(() =>
      expect(office.logs.filter((line) => line.includes("trying again shortly")).length).toBeGreaterThan(2),
    );
    expect(office.contact(ALICE).got()).toEqual(["one and only"]);
    stop();
    disk.empty();
    await thread.holds("Anna: one and only :white_check_mark:", "Anna: and the next :white_check_mark:");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["one and only", "and the next"]);
    const looked = office.pbx.calls().filter(({ method, path }) => method === "GET" && path.includes("/message/"));
    expect(looked.length).toBeGreaterThan(0);
  });

  test("a post that Slack took just before is found, not made again", async ({ open, skip }) => {
    const { office, disk } = await onSmallDisk({ open, skip }, { bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await office.quiet();
    const stop = office.slack.onChange(() => {
      if (thread.lines().length > 1) disk.fill();
    });
    office.onFinish(async () => stop());
    office.contact(ALICE).texts("once");
    await office.eventually(async () => expect(await ready(office)).toMatch(/"part":"store","ok":false/));
    stop();
    disk.empty();
    await office.quiet();
    expect(thread.lines().map((line) => line.split(": ")[1])).toEqual(["hello", "once"]);
  });
});
