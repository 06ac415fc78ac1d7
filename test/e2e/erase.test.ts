/** A contact is erased everywhere we can reach, and nobody else is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { ALICE, BOB, test, type Office } from "./harness.js";
import { run } from "./program.js";

const DIGITS = ALICE.slice(2);

/** Alice and Bob have each texted and been answered; one answer to Alice gave up, one is held. */
async function busy(office: Office) {
  for (const contact of [ALICE, BOB]) office.contact(contact).texts("hello there");
  const thread = await office.slackThread(ALICE);
  const others = await office.slackThread(BOB);
  const topic = await office.topic(ALICE);
  await topic.holds("bot: hello there");
  thread.says("an answer");
  await thread.holds("Anna: an answer :white_check_mark:");
  others.says("another answer");
  await others.holds("Anna: another answer :white_check_mark:");
  office.pbx.fail({ kind: "status", code: 400, times: 1, method: "POST", path: "/message/send/" });
  topic.says("the offer");
  await topic.holds("Boris: the offer 👎");
  thread.says("/offer twice");
  await thread.holds(/^bot: “\/offer.*”: This looks like a command/);
  await office.eventually(async () => expect((await office.get("/metrics")).body).toMatch(/^bridge_set_aside 2$/m));
  return { thread, others, topic };
}

function ofContact({ pbx }: Office, number: string): string[] {
  return pbx.messages().flatMap(({ contact, text }) => (contact === number ? [text] : []));
}

describe.concurrent("erase", () => {
  test("takes a contact out of PBX, Slack, Telegram and the store while the bridge runs; a later text begins anew", async ({
    open,
  }) => {
    const office = await open();
    const { thread, others, topic } = await busy(office);
    const { code, out, err } = await run(office, ["erase", ALICE, "--yes"]).ended;
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Erased\.\n$/) as unknown });
    expect(out).toMatch(/^✓ PBX extension 1234: 1 chat and 2 messages deleted$/m);
    expect(out).toMatch(/^✓ Slack: 1 thread: \d+ posts or topics deleted$/m);
    expect(out).toMatch(/^! Slack: 2 messages by people stay in Slack channel \w+, thread [\d.]+: .*by hand/m);
    expect(out).toMatch(/^✓ Telegram: 1 thread: 1 post or topic deleted$/m);
    expect(out).toMatch(/^✓ store: 1 conversation, \d+ deliveries, \d messages, \d+ links$/m);
    expect(err).toMatch(/^\{.*"contact":"…0123".*"msg":"a contact was erased"\}\n$/);
    expect(err).not.toContain(DIGITS);

    expect(ofContact(office, ALICE)).toEqual([]);
    expect(ofContact(office, BOB)).toEqual(["hello there", "another answer"]);
    expect(thread.lines().map((line) => line.split(" :")[0])).toEqual(["Anna: an answer", "Anna: /offer twice"]);
    expect(others.lines()).toHaveLength(2);
    expect(office.telegram.topics(office.group).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^\+12015550124/),
    ]);
    expect((await run(office, ["queue", "list"]).ended).out).toBe("Nothing has been set aside.\n");

    office.contact(ALICE).texts("it is me again");
    const anew = await office.slackThread(ALICE, { not: thread.id });
    await anew.reads("+1 201 555 0123: it is me again");
    await (await office.topic(ALICE, { not: topic.id })).reads("bot: it is me again");
    anew.says("welcome back");
    await anew.holds("Anna: welcome back :white_check_mark:");
    others.says("and you?");
    await others.holds("Anna: and you? :white_check_mark:");
  });

  test("leaves no trace of the number in the file, and finds nothing the second time", async ({ open }) => {
    const office = await open();
    await busy(office);
    await office.stop();
    const path = join(office.folder, "bridge.db");
    expect(readFileSync(path).includes(DIGITS)).toBe(true);
    expect(await run(office, ["erase", "(201) 555-0123", "--yes"]).ended).toMatchObject({ code: 0 });
    const bytes = readFileSync(path);
    expect([bytes.includes(DIGITS), bytes.includes(BOB.slice(2))]).toEqual([false, true]);
    const again = await run(office, ["erase", ALICE, "--yes"]).ended;
    expect(again).toMatchObject({
      code: 0,
      // Nothing was erased, so the log does not say so.
      err: "",
      out: expect.stringMatching(/store: 0 conversations, 0 deliveries[^]*Nothing of this number was found/) as unknown,
    });
  });

  test("without --yes and without a terminal says what there is, erases nothing and ends with 2", async ({ open }) => {
    const office = await open({ aside: 2 });
    const { thread } = await busy(office);
    await office.quiet();
    const before = thread.lines();
    const { code, out, err } = await run(office, ["erase", ALICE]).ended;
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("Add --yes") as unknown });
    expect(out).toMatch(/PBX extension 1234: 1 chat, 2 messages\n.*slack: 1 thread, .*\n.*telegram: 1 thread/);
    expect(out).toMatch(/1 conversation, .* \(0 waiting, 1 set aside, 1 held, 1 done and kept\)/);
    expect(ofContact(office, ALICE)).toHaveLength(2);
    expect(thread.lines()).toEqual(before);
  });

  test("that cannot reach something says what, ends with 1, and does the rest when it is run again", async ({
    open,
  }) => {
    const office = await open({ errors: /could not|PBX/ });
    await busy(office);
    await office.pbx.down(true);
    const slack = office.slack.fail({ kind: "status", code: 503, method: "chat.delete" });
    const first = await run(office, ["erase", ALICE, "--yes"]).ended;
    expect(first).toMatchObject({ code: 1, out: expect.stringMatching(/^✗ PBX extension 1234: /m) as unknown });
    expect(first.out).toMatch(/^✗ Slack: .*503/m);
    expect(first.out).toMatch(/^✓ Telegram: /m);
    expect(first.out).toMatch(/^✗ ledger: \d+ messages must stay known/m);
    expect(first.out).toMatch(/things could not be done\. Run this again later\.\n$/);
    await office.pbx.down(false);
    slack.stop();
    const second = await run(office, ["erase", ALICE, "--yes"]).ended;
    expect(second).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ Slack: 1 thread: [1-9]/m) as unknown });
    expect(ofContact(office, ALICE)).toEqual([]);
    const ours = office.slack
      .messages(office.channel)
      .filter(({ text }) => text.replaceAll(/\D/g, "").includes(DIGITS));
    expect(ours).toEqual([]);
  });

  test("that nobody knows, while the PBX is down, is told as one thing to do again and nothing else", async ({
    open,
  }) => {
    const office = await open({ errors: /could not|PBX/ });
    await office.pbx.down(true);
    const { code, out } = await run(office, ["erase", "+12015550199", "--yes"]).ended;
    await office.pbx.down(false);
    expect(code).toBe(1);
    const [, report = ""] = out.split(/held, 0 done and kept\)\n/);
    expect(report.split("\n")).toEqual([
      expect.stringMatching(/^✗ PBX extension 1234: /),
      "✓ store: 0 conversations, 0 deliveries, 0 messages, 0 links",
      "1 thing could not be done. Run this again later.",
      "",
    ]);
  });

  test("refuses our own numbers, whose chats are with everybody", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    await (await office.slackThread()).holds(/hello there/);
    const { code, err } = await run(office, ["erase", office.did, "--yes"]).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("one of our own numbers") as unknown });
    expect(ofContact(office, ALICE)).toEqual(["hello there"]);
  });
});
