/** The program as an admin meets it: start, stop, pbx, queue and doctor, with their exit codes. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { ALICE, test, type Office } from "./harness.js";
import { run, runBare } from "./program.js";

const closed = (open: (options: object) => Promise<Office>): Promise<Office> => open({ closed: true });

const ONE_MISTAKE_EACH = `
server: { port: 70000, publicUrl: "https://sms.example.com" }
storage: "mysql:data"
pbx: { url: "pbx.example.com", clientId: a, clientSecret: b, events: { secret: short } }
slack: { botToken: xapp-1, appToken: xapp-1 }
telegram: { botToken: nonsense }
lines: [{ name: Sales, extension: twelve, to: [{ slack: C0123456789 }] }]
inbox: { undoSeconds: soon }
log: { level: loud }
misspelt: 1
`;

describe.concurrent("start", () => {
  test("without a config says what is missing and ends with 2", async ({ open }) => {
    const { code, out, err } = await runBare(await closed(open), ["start"]).ended;
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^config\.yaml: .*config\.example\.yaml/);
  });

  test("with a mistake in every section lists them all, each with its path, and ends with 2", async ({ open }) => {
    const { code, err } = await run(await closed(open), ["start"], ONE_MISTAKE_EACH).ended;
    expect(code).toBe(2);
    const paths = err
      .trim()
      .split("\n")
      .map((line) => /^config\.yaml:\d+ ([\w.[\]]+): \w/.exec(line)?.[1]);
    expect(paths).toEqual([
      "server.port",
      "storage",
      "pbx.url",
      "pbx.events.secret",
      "slack.botToken",
      "telegram.botToken",
      "lines[0].extension",
      "inbox.undoSeconds",
      "log.level",
      "misspelt",
    ]);
  });

  test("on a port that is taken says so and ends with 1", async ({ open }) => {
    const { code, err } = await run(await open(), ["start"]).ended;
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(/choose another server\.port/) as unknown,
    });
  });

  test("ends with 0 within 10 s of SIGTERM with work under way everywhere, and a new start does the rest", async ({
    open,
  }) => {
    const office = await closed(open);
    const program = run(office, ["start"]);
    await program.ready();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    const faults = [
      office.slack.fail({ kind: "hang", method: "chat.postMessage" }),
      office.telegram.fail({ kind: "hang", method: "sendMessage" }),
      office.pbx.fail({ kind: "hang", path: "/message/send/" }),
    ];
    thread.says("a reply");
    office.contact(ALICE).texts("a text meanwhile");
    await office.eventually(() => {
      expect(office.pbx.calls().some(({ path, status }) => path.endsWith("/send/") && status === undefined)).toBe(true);
    });
    const { code, ms, out } = await program.end();
    expect({ code, tooLong: ms > 10_000 }).toEqual({ code: 0, tooLong: false });
    expect(out).toContain('"msg":"stopped"');
    expect(out).toContain("there was no database here yet");
    for (const fault of faults) fault.stop();
    const again = run(office, ["start"]);
    await again.ready();
    await thread.holds("Anna: a reply :white_check_mark:");
    await thread.holds("+1 201 555 0123: a text meanwhile");
    await topic.holds("bot: a text meanwhile");
    expect(office.contact(ALICE).got()).toEqual(["a reply"]);
    expect(await again.end("SIGINT")).toMatchObject({ code: 0 });
    expect(again.out()).not.toContain("no database here");
  });
});

describe.concurrent("stop", () => {
  test("takes less than 10 s while PBX, Slack and Telegram hang", async ({ open }) => {
    const office = await open({ waits: false, errors: /could not connect/, before: hangAll });
    await office.eventually(() => expect(office.slack.calls).not.toEqual([]));
    expect(await office.stop()).toBeLessThan(10_000);
  });

  test("takes less than 10 s when all of them hang after it was connected, with texts on their way", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.holds(/hello there$/);
    const hung = hangAll(office);
    thread.says("a reply");
    office.contact(ALICE).texts("a text");
    await office.eventually(() => expect(hung.hits).toBeGreaterThan(1));
    expect(await office.stop()).toBeLessThan(10_000);
  });
});

function hangAll({ pbx, slack, telegram }: Office): ReturnType<Office["slack"]["fail"]> {
  pbx.fail({ kind: "hang", path: "/" });
  telegram.fail({ kind: "hang" });
  return slack.fail({ kind: "hang" });
}

describe.concurrent("pbx", () => {
  test("makes calls of the PBX's API by hand, for people and for machines", async ({ open }) => {
    const office = await closed(open);
    office.contact(ALICE).texts("hello there");
    const pbx = (...args: string[]) => run(office, ["pbx", ...args]).ended;
    const sent = await pbx("send", ALICE, "by hand", "--from", office.did);
    expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/^Sent as message \d+\.\n$/) as unknown });
    const listed = await pbx("messages", "list", "--json");
    const texts = (JSON.parse(listed.out) as { text: string; direction: string }[]).map(
      ({ text, direction }) => `${direction} ${text}`,
    );
    expect(texts).toEqual(["in hello there", "out by hand"]);
    expect((await pbx("chats", "list")).out).toContain(ALICE);
    expect((await pbx("events", "add", "message-in", "https://crm.example.com/sms")).code).toBe(0);
    expect((await pbx("events", "list")).out).toContain("https://crm.example.com/sms");
    const refused = await pbx("messages", "get", "999999");
    expect(refused).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/\w/) as unknown });
  });
});

describe.concurrent("queue", () => {
  test("lists what gave up, and tries it again in the running bridge", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const body = '{"message":"No credit left"}';
    office.pbx.fail({ kind: "status", code: 400, body, times: 1, method: "POST", path: "/message/send/" });
    thread.says("the offer");
    await thread.holds("Anna: the offer :x:");
    const listed = await run(office, ["queue", "list"]).ended;
    expect(listed.out).toMatch(/^\d+ .* set-aside {2}text → pbx:1234 {2}…23\n +.*No credit left/);
    expect(listed.out).not.toContain("the offer");
    const unknown = await run(office, ["queue", "retry", "999999"]).ended;
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("999999") as unknown });
    const id = /^\d+/.exec(listed.out)?.[0] ?? "";
    expect(await run(office, ["queue", "retry", id]).ended).toMatchObject({ code: 0 });
    await thread.holds("Anna: the offer :white_check_mark:");
    expect(office.contact(ALICE).got()).toEqual(["the offer"]);
    expect((await run(office, ["queue", "list"]).ended).out).toBe("Nothing has been set aside.\n");
  });

  test("decides as the buttons do: what was held is sent, and every thread is told", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const [thread, topic] = [await office.slackThread(), await office.topic()];
    await topic.holds(/hello there$/);
    thread.says("!price");
    await thread.holds("Anna: !price", /^bot: .*looks like a command.* \/ Send as a text \/ Don't send$/);
    await office.stop();
    const examined = await run(office, ["doctor"]).ended;
    expect(examined).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ Queue: nothing has been set aside$/m) as unknown,
    });
    expect(examined.out).toMatch(/^✓ Questions: 1 held until somebody answers in the thread/m);
    const id = /^\d+/.exec((await run(office, ["queue", "list"]).ended).out)?.[0] ?? "";
    expect(await run(office, ["queue", "retry", id]).ended).toMatchObject({ code: 0, err: "" });
    await office.start();
    await office.contact(ALICE).gets("!price");
    const told = "bot: “!price”: An administrator sent it as a text.";
    await thread.holds("Anna: !price :white_check_mark:", /^bot: .* \/ An administrator sent it as a text\.$/, told);
    await topic.holds(told);
  });

  test("discards for good", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.fail({ kind: "status", code: 400, times: 1, method: "POST", path: "/message/send/" });
    thread.says("the offer");
    await thread.holds("Anna: the offer :x:");
    const { code, out } = await run(office, ["queue", "discard", "all"]).ended;
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+ was discarded\n$/) as unknown });
    await thread.holds(
      "Anna: the offer :x:",
      /^bot: Not delivered.* \/ An administrator discarded it: it is not tried again\.$/,
      "bot: “the offer”: An administrator discarded it: it is not tried again.",
    );
    expect(office.contact(ALICE).got()).toEqual([]);
  });
});

describe.concurrent("a command that looks into the storage where there is none", () => {
  const commands = [
    ["queue", "list"],
    ["queue", "retry", "all"],
    ["erase", ALICE, "--yes"],
  ] as const;

  test("makes none, but says where it looked, from which folder, and what to do, and ends with 1", async ({ open }) => {
    const office = await closed(open);
    const relative = office.yaml.replace(/^storage: .*$/m, "storage: sqlite:data/bridge.db");
    for (const args of commands) {
      const { code, out, err } = await run(office, args, relative).ended;
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain(`There is no ${join(office.folder, "data/bridge.db")}, which storage names`);
      expect(err).toContain("from the folder in which this command runs");
      expect(err).toContain(
        "run this in the folder in which the bridge is started, or write storage with its whole path",
      );
    }
    expect(readdirSync(office.folder)).toEqual(["config.yaml"]);
  });

  test("does not speak of folders where the path is whole", async ({ open }) => {
    const office = await closed(open);
    const { code, err } = await run(office, ["queue", "list"]).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^There is no \/.*\/bridge\.db, .* its first start makes the file\. Else mend storage\.\n$/);
  });
});

test("a command whose output nobody reads any more goes on to its end, without a word", async ({ open }) => {
  const program = run(await closed(open), ["doctor"]);
  program.hangUp();
  expect((await program.ended).err).toBe("");
});
