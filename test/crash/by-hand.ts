/** What the traffic of the other crash tests has nothing of: a button that is pressed, and a text that an admin has shown after all. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect } from "vitest";
import { createEventually } from "../e2e/eventually.js";
import { slackThreadOf, topicOf } from "../e2e/threads.js";
import { openOffice, type Office, type Ways } from "./office.js";
import { mainFile, startProgram, type Program } from "./program.js";

const ALICE = "+12015550123";
const OTHER_DID = "+12015550101";

/** Killed at the step while it settles a notice whose Retry was pressed: the text is sent once, and no place shows the button any more. */
export async function killedAsItSettles(ways: Ways, step: string): Promise<void> {
  await inOffice(ways, async (office) => {
    const { pbx, slack, channel, group, did } = office;
    const people = { ...office, eventually: createEventually(office), names: new Map([[office.anna, "Anna"]]) };
    const { eventually } = people;
    const [thread, topic] = await running(office, async () => {
      pbx.textFrom(ALICE, did, "hello");
      const shown = await slackThreadOf(people, { channel, contact: ALICE });
      const other = await topicOf(people, { group, contact: ALICE });
      pbx.fail({ kind: "status", code: 400, path: "/message/send/", times: 1 });
      shown.says("a reply");
      for (const each of [shown, other]) await each.holds(/Not delivered to /);
      return [shown, other] as const;
    });
    const doomed = startProgram(office.configFile, `settle.${step}:1`);
    await doomed.ready;
    await thread.presses("Retry");
    await dies(doomed);
    await running(office, async () => {
      for (const each of [thread, topic]) await each.holds(/Not delivered to .*Anna sent it again\.$/s);
      await eventually(() => expect(pbx.sentTexts().map(({ text }) => text)).toEqual(["a reply"]));
      await nothingWaits(office, eventually);
    });
    expect(pbx.sentTexts()).toHaveLength(1);
    for (const each of [thread, topic]) {
      expect(each.lines().filter((line) => line.includes("Not delivered"))).toHaveLength(1);
    }
    expect(thread.lines().join("\n")).not.toMatch(/Retry$/m);
    expect(topic.messages().flatMap(({ buttons }) => buttons)).toEqual([]);
    expect(slack.replies(channel, thread.id).filter(({ text }) => text.includes("a reply"))).toHaveLength(2);
  });
}

/** Killed at the step as it shows a text of a number that an admin listed only since: it is shown once in each place. */
export async function killedAsItShowsAfterAll(ways: Ways, step: string): Promise<void> {
  await inOffice(ways, async (office) => {
    const { pbx, slack, telegram, channel, group, extension, did, configFile } = office;
    const eventually = createEventually(office);
    pbx.addExtension({ id: extension, name: "100*101", dids: [did, OTHER_DID] });
    await running(office, async () => {
      pbx.textFrom(ALICE, OTHER_DID, "is anybody there?");
      await eventually(async () => expect(await metric(office, "bridge_set_aside")).toBe(1));
    });
    const line = `  - { name: Other, extension: ${extension}, did: "${OTHER_DID}", to: [{ slack: ${channel} }, { telegram: ${group} }] }\n`;
    await writeFile(configFile, (await readFile(configFile, "utf8")).replace("lines:\n", `lines:\n${line}`));
    await promisify(execFile)(process.execPath, [mainFile, "queue", "retry", "all", "--config", configFile]);
    const doomed = startProgram(configFile, `unmatched.${step}:1`);
    await dies(doomed);
    const shown = () => [
      slack.messages(channel).flatMap(({ ts }) => slack.replies(channel, ts).map((each) => slack.rendered(each))),
      telegram.topics(group).flatMap(({ id }) => telegram.messages(group, id).map(({ text }) => text)),
    ];
    const counts = () => shown().map((texts) => texts.filter((text) => text.includes("is anybody there?")).length);
    await running(office, async () => {
      await eventually(() => expect(counts()).toEqual([1, 1]));
      await nothingWaits(office, eventually);
    });
    expect(counts()).toEqual([1, 1]);
  });
}

async function inOffice(ways: Ways, work: (office: Office) => Promise<void>): Promise<void> {
  const office = await openOffice(ways);
  try {
    await work(office);
  } finally {
    await office.close();
  }
}

/** While the program runs, unkilled. */
async function running<T>({ configFile }: Office, work: () => Promise<T>): Promise<T> {
  const program = startProgram(configFile);
  try {
    expect(await program.ready, program.log().join("\n")).toBe(true);
    return await work();
  } finally {
    program.kill("SIGTERM");
    await program.ended;
  }
}

/** At its fault point, and not by itself. */
async function dies(doomed: Program): Promise<void> {
  const { code, signal } = await doomed.ended;
  expect({ code, signal }, doomed.log().join("\n")).toEqual({ code: undefined, signal: "SIGKILL" });
}

async function nothingWaits(office: Office, eventually: ReturnType<typeof createEventually>): Promise<void> {
  await eventually(async () => {
    expect(await metric(office, "bridge_deliveries_waiting")).toBe(0);
    expect(await metric(office, "bridge_set_aside")).toBe(0);
  });
}

/** The sum over its labels. */
async function metric({ bridge }: Office, name: string): Promise<number> {
  const text = await (await fetch(`${bridge}/metrics`)).text();
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, "gm"))];
  return values.reduce((total, [, value]) => total + Number(value), 0);
}
