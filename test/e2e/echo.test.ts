/** Point 9: our own texts come back as events of the PBX and show nowhere again; those of desk phones show once; marks follow statuses. */
import { describe, expect } from "vitest";
import { ALICE, EVENTS, test } from "./harness.js";

describe.concurrent("echo and desk phone", () => {
  test("our own text's echo shows nowhere again, also when it comes several times as often as texts of the same words", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    for (const words of ["yes", "yes", "yes"]) thread.says(words);
    await office.contact(ALICE).gets("yes", "yes", "yes");
    await office.pbx.idle();
    await office.quiet();
    expect(office.pbx.events().filter(({ type }) => type === "message-out")).toHaveLength(3);
    await thread.reads("+1 201 555 0123: hello there", ...Array<string>(3).fill("Anna: yes :white_check_mark:"));
    await topic.reads("bot: hello there", ...Array<string>(3).fill("bot: Anna (Slack) / yes 👌"));
  });

  test("a text from a desk phone or the PBX's app shows once in each place, and says where it came from", async ({
    open,
  }) => {
    const office = await open();
    office.pbx.deskPhoneSends(office.did, ALICE, "typed on the phone");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await thread.reads("Sales · desk phone or PBX app: typed on the phone :white_check_mark:");
    await topic.reads("bot: Sales · desk phone or PBX app / typed on the phone 👌");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual([]);
  });

  test("a desk phone's failed text is marked and said, without a button that could not send it", async ({ open }) => {
    const office = await open({ world: { pbx: { settling: { status: "failed", afterMs: 50 } } } });
    office.pbx.deskPhoneSends(office.did, ALICE, "typed on the phone");
    const thread = await office.slackThread();
    await thread.reads(
      "Sales · desk phone or PBX app: typed on the phone :x:",
      /^bot: A text to .* from a desk phone .* was not delivered/,
    );
  });

  test("the status moves the mark, whatever comes first: the PBX's answer, the echo or the status", async ({
    open,
  }) => {
    const office = await open({ world: { pbx: { settling: "by hand" } } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.latency(300);
    office.pbx.setSettling({ status: "failed", afterMs: 0 });
    thread.says("told before it was taken");
    await thread.holds("Anna: told before it was taken :x:", /^bot: Not delivered to .* \/ Retry$/);
    office.pbx.latency(0);
    office.pbx.setSettling({ status: "sent", afterMs: 0 });
    await thread.presses("Retry");
    await thread.holds("Anna: told before it was taken :white_check_mark:", /Anna sent it again\.$/);
  });

  test("of several statuses of one text the worst wins", async ({ open }) => {
    const office = await open({ world: { pbx: { settling: "by hand" } }, aside: 1 });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    thread.says("to a group of phones");
    await thread.holds("Anna: to a group of phones :white_check_mark:");
    const [sent] = office.pbx.sentTexts();
    for (const status of ["sent", "failed", "sent"] as const) office.pbx.settle(sent?.id ?? "", status);
    await thread.holds("Anna: to a group of phones :x:", /^bot: Not delivered/);
    await office.pbx.idle();
    await office.quiet();
    expect(thread.lines().filter((line) => line.startsWith("bot: Not delivered"))).toHaveLength(1);
    expect(thread.lines()[1]).toBe("Anna: to a group of phones :x:");
  });

  test("events by GET are taken as those by POST are", async ({ open }) => {
    const office = await open();
    const query = (fields: Record<string, string>) => office.get(`${EVENTS}?${new URLSearchParams(fields).toString()}`);
    const numbers = { extension_name: "100*101@pbx.example.com", extension_id: String(office.extension) };
    const text = { EventType: "message-in", did_number: office.did, src_number: ALICE, text: "by GET & more" };
    expect(await query({ ...numbers, ...text })).toMatchObject({ status: 200 });
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: by GET & more");
    const out = { EventType: "message-out", src_number: office.did, dst_number: ALICE, text: "from a phone by GET" };
    expect(await query({ ...numbers, ...out })).toMatchObject({ status: 200 });
    await thread.holds(/desk phone.*: from a phone by GET/);
    expect(await query({ ...numbers, EventType: "hangup", CallID: "1" })).toMatchObject({ status: 200 });
    expect(await query({ ...numbers, EventType: "message-in" })).toMatchObject({ status: 400 });
    expect(await office.get("/pbx/events/another-secret-of-somebody?EventType=message-in")).toMatchObject({
      status: 404,
    });
  });
});
