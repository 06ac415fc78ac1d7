/** The PBX's list of messages is the truth: through the real client and adapters, at PBXs of several builds. */
import { describe, expect } from "vitest";
import { ALICE, BOB, test, type OfficeOptions } from "./harness.js";

const SLACK = { bridge: { to: ["slack"] } } as const satisfies OfficeOptions;
const MINUTE = 60_000;

const BUILDS = [
  ["as documented", {}],
  ["that ignores filters, order and pages", { ignoresFilters: true, ignoresOrder: true, ignoresPaging: true }],
  ["that gives five at a time and bare lists", { maxPerPage: 5, bareLists: true, ignoresFilters: true }],
  ["whose list comes three seconds late", { listsLateMs: 3000 }],
  ["whose clock is nine minutes ahead", { clockOffsetMs: 9 * MINUTE }],
  ["whose clock is nine minutes behind", { clockOffsetMs: -9 * MINUTE }],
  ["that writes numbers without plus and ids as numbers", { numbersWithoutPlus: true, idsAsNumbers: true }],
] as const;

describe.concurrent.each(BUILDS)("a PBX %s", (_, quirks) => {
  test("tells what came while the bridge was away, in order, and what an event never brought, each once", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack"], listsWithinSeconds: 6 }, world: { pbx: { quirks } } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: hello there");
    await office.pbx.idle();
    await office.stop();
    for (const text of ["first of three", "second of three", "first of three"])
      office.pbx.textFrom(ALICE, office.did, text, { silent: true });
    office.pbx.textFrom(BOB, office.did, "somebody new", { silent: true });
    office.pbx.deskPhoneSends(office.did, ALICE, "from my desk", { silent: true });
    await office.start();
    await office.eventually(() => {
      const said = thread.lines().join("\n");
      expect(said).toMatch(/first of three[\s\S]*second of three[\s\S]*first of three/);
      expect(said).toMatch(/desk phone[\s\S]*from my desk/);
    });
    expect(thread.lines().join()).toMatch(/[34] texts recovered, \d\d:\d\d/);
    await (await office.slackThread(BOB)).holds(/somebody new/);
    office.pbx.textFrom(ALICE, office.did, "no event for this", { silent: true });
    await thread.holds(/no event for this/);
    office.pbx.textFrom(ALICE, office.did, "ok then", { copies: 3 });
    office.contact(ALICE).texts("ok then");
    await office.eventually(() => expect(count(thread.lines(), "ok then")).toBe(2));
    await office.quiet();
    const lines = thread.lines();
    expect(
      ["first of three", "second of three", "from my desk", "no event for this", "ok then"].map((text) =>
        count(lines, text),
      ),
    ).toEqual([2, 1, 1, 1, 2]);
  });
});

const ASKED = /Anna: is anybody there :x:\n.*may or may not have (reached|arrived).* \/ Retry/;

function count(lines: readonly string[], text: string): number {
  return lines.join("\n").split(text).length - 1;
}

describe.concurrent("the PBX's list", () => {
  test("corrects a status that no event told of", async ({ open }) => {
    const office = await open({ ...SLACK, world: { pbx: { settling: "by hand" } }, aside: 1 });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    thread.says("will it arrive");
    await thread.holds("Anna: will it arrive :white_check_mark:");
    const [sent] = office.pbx.sentTexts();
    office.pbx.setQuirks({ losesEvents: true });
    office.pbx.settle(sent?.id ?? "", "failed");
    await thread.holds("Anna: will it arrive :x:", /^bot: Not delivered/);
  });

  test("of a PBX that takes a text, answers too late and lists it late: the text is sent once", async ({ open }) => {
    const office = await open({
      bridge: { to: ["slack"], listsWithinSeconds: 8 },
      world: { pbx: { quirks: { listsLateMs: 4000, losesEvents: true } } },
    });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.fail({ kind: "reset after effect", method: "POST", path: "/message/send/", times: 1 });
    thread.says("only once please");
    await office.contact(ALICE).gets("only once please");
    await thread.holds("Anna: only once please :white_check_mark:");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["only once please"]);
  });

  test("that never has what got no answer, twice, makes the bridge ask a person, who may send it", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"], listsWithinSeconds: 1 } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const failing = office.pbx.fail({ kind: "reset before effect", method: "POST", path: "/message/send/" });
    thread.says("is anybody there");
    await office.eventually(() => expect(thread.lines().join("\n")).toMatch(ASKED), MINUTE);
    expect(office.pbx.calls().filter(({ path }) => path.includes("/send/"))).toHaveLength(2);
    failing.stop();
    await thread.presses("Retry");
    await thread.holds("Anna: is anybody there :white_check_mark:");
    await office.contact(ALICE).gets("is anybody there");
  });

  test("is read at the PBX's rate, page by page, however long it is", async ({ open }) => {
    const office = await open({
      ...SLACK,
      world: { pbx: { quirks: { maxPerPage: 5, bareLists: true } } },
      before({ pbx, did }) {
        const since = Date.now() - 10 * MINUTE;
        for (let made = 0; made < 240; made += 1) pbx.textFrom(ALICE, did, "x", { at: since + made, silent: true });
      },
    });
    const pages = () => office.pbx.calls().filter(({ path }) => path.includes("/message/"));
    await office.eventually(() => expect(pages().length).toBeGreaterThanOrEqual(49));
    const times = pages().map(({ at }) => at);
    const within = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
    // 20 at once and 20 a second.
    expect(Math.max(...within)).toBeLessThanOrEqual(41);
  });

  test("brings a text to a number without a line to those that are kept", async ({ open }) => {
    const other = "+12015550177";
    const office = await open({ ...SLACK, aside: 1 });
    office.contact(ALICE).texts("hello there");
    await (await office.slackThread()).reads("+1 201 555 0123: hello there");
    office.pbx.addExtension({ id: office.extension, name: "100*101", dids: [office.did, other] });
    office.pbx.textFrom(ALICE, other, "for nobody", { silent: true });
    await office.eventually(async () => expect((await office.get("/metrics")).body).toMatch(/^bridge_set_aside 1$/m));
  });
});
