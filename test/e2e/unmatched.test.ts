/** Points 3 and 4: a text for a number that no line lists is kept until somebody lists it. */
import { describe, expect } from "vitest";
import { ALICE, EVENTS, test } from "./harness.js";
import { run, runBare } from "./program.js";

const UNLISTED = "+12015550142";

describe.concurrent("a text for a number that no line lists", () => {
  test("is kept, logged, counted and listed, and arrives once the line is there and it is retried", async ({
    open,
  }) => {
    const office = await open({
      bridge: { to: ["slack"] },
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, UNLISTED] }),
    });
    office.contact(ALICE).texts("is this still your number?", UNLISTED);
    await office.eventually(async () => {
      const { body } = await office.get("/metrics");
      expect(body).toMatch(/^bridge_unmatched_total 1$/m);
      expect(body).toMatch(/^bridge_set_aside 1$/m);
    });
    expect(office.logs.filter((line) => line.includes("no line lists"))).toHaveLength(1);
    const listed = await run(office, ["queue", "list"]).ended;
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out).toMatch(
      /unmatched → unmatched {2}…23\n +No line .* lists extension 1234 with the number \+12015550142\./,
    );
    expect(listed.out).not.toMatch(/0123|still your number/);
    const whole = await run(office, ["queue", "list", "--full", "--text"]).ended;
    expect(whole.out).toContain(`${ALICE}\n    No line of the config lists extension 1234 with the number ${UNLISTED}`);
    expect(whole.out).toContain("“is this still your number?”");

    await office.stop();
    const line = `  - { name: Second, extension: 1234, did: "${UNLISTED}", to: [{ slack: ${office.channel} }] }`;
    await office.start({ more: line });
    const retried = await run(office, ["queue", "retry", "all"]).ended;
    expect(retried).toMatchObject({ code: 0, out: expect.stringContaining("will be tried again") as unknown });
    const thread = await office.slackThread(ALICE, { did: UNLISTED });
    await thread.reads("+1 201 555 0123: is this still your number?");
    thread.says("it is now");
    await office.contact(ALICE).gets("it is now");
    expect(office.pbx.sentTexts().map(({ did }) => did)).toEqual([UNLISTED]);
  });

  test("tells its extension's id, however long, to whoever does not know it yet", async ({ open }) => {
    const ID = 123_456_789;
    const office = await open({
      closed: true,
      before: ({ pbx }) => pbx.addExtension({ id: ID, name: "100*102", dids: [UNLISTED] }),
    });
    const guessing = office.yaml
      .replace(/extension: \d+/, "extension: 1")
      .replace("events: {", "events: { register: false,");
    const program = run(office, ["start"], guessing);
    await office.eventually(async () => expect((await office.get("/healthz")).status).toBe(200));
    const add = ["pbx", "events", "add", "message-in", `${office.url}${EVENTS}`, "--extension", String(ID)];
    expect(await runBare(office, add).ended).toMatchObject({ code: 0 });
    office.contact(ALICE).texts("is this still your number?", UNLISTED);
    await office.eventually(async () => {
      const { out } = await runBare(office, ["queue", "list"]).ended;
      expect(out).toContain(`No line of the config lists extension ${ID} with the number ${UNLISTED}.`);
    });
    expect(program.out()).toContain(`"extension":${ID}`);
    await program.end();
  });

  test("is set aside again, with its reason, when it is retried too early, and may be discarded", async ({ open }) => {
    const office = await open({
      bridge: { to: ["slack"] },
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, UNLISTED] }),
    });
    office.contact(ALICE).texts("is this still your number?", UNLISTED);
    const asides = async (): Promise<{ id: number; reason: string }[]> =>
      JSON.parse((await run(office, ["queue", "list", "--json"]).ended).out) as { id: number; reason: string }[];
    await office.eventually(async () => expect((await office.get("/metrics")).body).toMatch(/^bridge_set_aside 1$/m));
    const [before] = await asides();
    await run(office, ["queue", "retry", String(before?.id)]).ended;
    await office.eventually(async () => expect((await office.get("/metrics")).body).toMatch(/^bridge_set_aside 1$/m));
    const [after] = await asides();
    expect(after?.reason).toBe(before?.reason);
    const discarded = await run(office, ["queue", "discard", String(after?.id)]).ended;
    expect(discarded).toMatchObject({ code: 0 });
    expect(await asides()).toEqual([]);
    expect(office.slack.messages(office.channel)).toEqual([]);
  });
});
