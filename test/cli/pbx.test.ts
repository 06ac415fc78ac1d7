import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { pbxCommand } from "../../src/cli/pbx.js";
import type { Decision } from "../../src/cli/says-yes.js";
import { ConfigError } from "../../src/errors.js";
import { contact, did, startPbx } from "../pbx/harness.js";

const noon = Date.UTC(2026, 2, 1, 12);

async function startCli(
  extensions: readonly number[] = [7],
  simulation: Parameters<typeof startPbx>[0] = {},
  decision: Decision = "nobody",
) {
  const { pbx, client } = await startPbx({ settling: "by hand", ...simulation });
  const run = async (...args: string[]) => {
    const result = { stdout: "", stderr: "", exit: 0, config: "", asked: [] as string[] };
    const command = pbxCommand({
      open: (config) => {
        result.config = config;
        return config === "bad.yaml"
          ? Promise.reject(new ConfigError(["pbx.url: missing", "lines: missing"]))
          : Promise.resolve({ client, extensions, country: "US" });
      },
      stdout: (text) => void (result.stdout += text),
      stderr: (text) => void (result.stderr += text),
      ask: async (question) => {
        result.asked.push(question);
        return decision;
      },
      exit: (code) => void (result.exit = code),
      now: () => noon,
    });
    const program = new Command("pbx-chat-bridge").enablePositionalOptions().exitOverride().addCommand(command);
    quiet(command);
    await program.parseAsync(["pbx", ...args], { from: "user" }).catch(() => void (result.exit = 1));
    return result;
  };
  return { pbx, run };
}

/** commander would end the test's process. */
function quiet(command: Command): void {
  command.exitOverride();
  command.commands.forEach(quiet);
}

describe("messages", () => {
  test("are listed as a table", async () => {
    const { pbx, run } = await startCli();
    pbx.textFrom(contact, did, "Hello\n\u001b[31mred\u202e", { at: noon - 60_000 });
    pbx.deskPhoneSends(did, contact, "Hi", { at: noon });
    const { stdout, exit } = await run("messages", "list");
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "ID    TIME (GMT)           DIR  OURS          CONTACT       STATE    TEXT
      1002  2026-03-01 11:59:00  in   +12025550100  +12025550199  unread   Hello⏎[31mred
      1003  2026-03-01 12:00:00  out  +12025550100  +12025550199  pending  Hi
      "
    `);
  });

  test("are listed by time, direction, number and order", async () => {
    const { pbx, run } = await startCli();
    for (let i = 0; i < 5; i++) pbx.textFrom(contact, did, `text ${i}`, { at: noon - i * 3_600_000 });
    pbx.deskPhoneSends(did, contact, "Hi", { at: noon });
    const texts = async (...options: string[]) => {
      const { stdout } = await run("messages", "list", "--json", ...options);
      return (JSON.parse(stdout) as { text: string }[]).map(({ text }) => text);
    };
    expect(await texts("--since", "2h", "--direction", "in")).toEqual(["text 2", "text 1", "text 0"]);
    expect(
      await texts("--since", "2026-03-01 11:00:00", "--newest-first", "--limit", "2", "--direction", "in"),
    ).toEqual(["text 0", "text 1"]);
    expect(await texts("--until", "2026-03-01T09:00:00Z")).toEqual(["text 4", "text 3"]);
    expect(await texts("--since", "2026-03-02")).toEqual([]);
  });

  test("are shown, marked and deleted one by one", async () => {
    const { pbx, run } = await startCli();
    const { id } = pbx.textFrom(contact, did, "Hello");
    expect((await run("messages", "get", id)).stdout).toContain("Hello");
    expect(JSON.parse((await run("messages", "get", id, "--json")).stdout)).toMatchObject({ id, text: "Hello" });
    expect((await run("messages", "read", id)).stdout).toBe(`Message ${id} is marked as read.\n`);
    expect(pbx.messages()).toMatchObject([{ read: true }]);
    await run("messages", "unread", id);
    expect(pbx.messages()).toMatchObject([{ read: false }]);
    expect(JSON.parse((await run("messages", "delete", id, "--yes", "--json")).stdout)).toEqual({ done: true });
    expect((await run("messages", "list")).stdout).toBe("No messages.\n");
  });
});

test("a text is sent, from the number that was named", async () => {
  const { pbx, run } = await startCli();
  const { stdout } = await run("send", contact, "Hello there", "--from", "+12025550101");
  expect(pbx.sentTexts()).toMatchObject([{ did: "+12025550101", contact, text: "Hello there" }]);
  expect(stdout).toBe(`Sent as message ${pbx.sentTexts()[0]?.id}.\n`);
  expect(JSON.parse((await run("send", contact, "Again", "--json")).stdout)).toEqual({ id: pbx.sentTexts()[1]?.id });
});

test.each([
  ["(202) 555-0199", ["--from", "202-555-0101"], { did: "+12025550101", contact: "+12025550199" }],
  ["12025550199", [], { contact: "+12025550199" }],
  ["0044 20 7946 0018", [], { contact: "+442079460018" }],
  ["22395", [], { contact: "22395" }],
])("a text is sent to %s, by the config's country", async (to, more, sent) => {
  const { pbx, run } = await startCli();
  expect(await run("send", to, "Hello", ...more)).toMatchObject({ exit: 0, stderr: "" });
  expect(pbx.sentTexts()).toMatchObject([sent]);
});

test.each([
  [["Anna"], "Anna"],
  [["202 555 01999 1"], "202 555 01999 1"],
  [[contact, "--from", "12"], "12"],
  [["+1 202 555 O199"], "+1 202 555 O199"],
])("nothing is sent where a number cannot be read: %j", async ([to = "", ...more], typed) => {
  const { pbx, run } = await startCli();
  expect(await run("send", to, "Hello", ...more)).toMatchObject({
    exit: 1,
    stdout: "",
    stderr: `'${typed}' cannot be read as a number of US (inbox.country). Write it with + and the country code, or as it is dialled there; a short code as it stands. Nothing was sent.\n`,
  });
  expect(pbx.sentTexts()).toEqual([]);
});

test("chats are listed, shown, marked, cleared and deleted", async () => {
  const { pbx, run } = await startCli();
  const { chatId } = pbx.textFrom(contact, did, "Hello", { at: noon });
  expect((await run("chats", "list")).stdout).toBe(`ID    UNREAD  NUMBERS\n${chatId}  1       ${did} ${contact}\n`);
  expect((await run("chats", "get", chatId)).stdout).toMatch(/NUMBERS[^]*Hello/);
  expect((await run("chats", "messages", chatId, "--limit", "1")).stdout).toContain("Hello");
  await run("chats", "read", chatId);
  expect(pbx.messages()).toMatchObject([{ read: true }]);
  await run("chats", "clear", chatId, "--yes");
  expect(pbx.messages()).toEqual([]);
  await run("chats", "delete", chatId, "--yes");
  expect((await run("chats", "list")).stdout).toBe("No chats.\n");
});

describe("what deletes for good asks first", () => {
  const commands = [
    ["messages", "delete", "message"],
    ["chats", "clear", "all messages of chat"],
    ["chats", "delete", "chat"],
  ] as const;
  /** Runs the command against a PBX with one message. */
  async function deleting([of, verb]: readonly [string, string, ...unknown[]], decision: Decision) {
    const { pbx, run } = await startCli([7], {}, decision);
    const { id, chatId } = pbx.textFrom(contact, did, "Hello", { at: noon });
    const wanted = of === "messages" ? id : chatId;
    return { wanted, ...(await run(of, verb, wanted)), left: pbx.messages().length };
  }

  test.each(commands)("%s %s", async (...command) => {
    const { wanted, asked, ...done } = await deleting(command, "yes");
    expect(asked).toEqual([`Delete ${command[2]} ${wanted} of extension 7 for good? It cannot be undone. Write yes: `]);
    expect(done).toMatchObject({ exit: 0, stderr: "", left: 0 });
    expect(await deleting(command, "no")).toMatchObject({ exit: 0, stdout: "Nothing was deleted.\n", left: 1 });
    expect(await deleting(command, "nobody")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "Nothing was deleted: there is no terminal to ask on. Add --yes if this is wanted.\n",
      left: 1,
    });
  });
});

test("the help of events add tells the types that there are", async () => {
  const { run } = await startCli();
  const { stdout } = await run("events", "add", "--help");
  expect(stdout).toContain(
    "Types: message-in, message-out, message-out-status, dial-in, dial-out, answer, hangup, voicemail.",
  );
  expect(stdout).toContain("The bridge uses: message-in, message-out, message-out-status.");
});

test("events are added, listed and removed", async () => {
  const { pbx, run } = await startCli();
  expect((await run("events", "add", "message-in", "https://x.example/", "--method", "GET")).stdout).toMatch(
    /^Added as \d+\.\n$/,
  );
  const [subscription] = pbx.subscriptions();
  expect(subscription).toMatchObject({ type: "message-in", method: "GET" });
  expect((await run("events", "list")).stdout).toMatch(/message-in {2}GET {5}https:\/\/x\.example\//);
  await run("events", "remove", subscription?.id ?? "");
  expect((await run("events", "list")).stdout).toBe("No subscriptions.\n");
});

test("the event URL is shown without its secret, unless that is asked for", async () => {
  const { run } = await startCli();
  const url = "https://sms.example.com/pbx/events/abcdefghijklmnop0123";
  await run("events", "add", "message-in", url);
  for (const how of [[], ["--json"]]) {
    expect((await run("events", "list", ...how)).stdout).toContain("https://sms.example.com/pbx/events/…");
    expect((await run("events", "list", ...how)).stdout).not.toContain("abcdef");
    expect((await run("events", "list", "--show-secrets", ...how)).stdout).toContain(url);
  }
});

describe("the extension", () => {
  test("must be named where the config has several", async () => {
    const { run } = await startCli([7, 8, 7]);
    expect(await run("chats", "list")).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: "Which extension? Add --extension <id>, one of 7, 8.\n",
    });
    expect(await run("chats", "list", "--extension", "7")).toMatchObject({ exit: 0, stdout: "No chats.\n" });
  });

  test("may be one that the config does not have", async () => {
    const { run } = await startCli([]);
    expect((await run("chats", "list", "--extension", "7")).exit).toBe(0);
  });
});

describe("what goes wrong is one line on stderr and exit code 1", () => {
  test("a refusal of the PBX", async () => {
    const { run } = await startCli();
    const { stdout, stderr, exit } = await run("messages", "get", "1");
    expect([stdout, exit]).toEqual(["", 1]);
    expect(stderr).toMatch(/^The PBX did not get the message \(HTTP 404\): there is no such message\. .*\n$/);
    expect(stderr).toContain("Check its id and the extension's, and that it was not deleted.");
    const chat = await run("chats", "messages", "1");
    expect(chat.stderr).toContain(
      "there is no such chat. Check its id and the extension's, and that it was not deleted.",
    );
  });

  test("a text that may have been sent", async () => {
    const { pbx, run } = await startCli();
    pbx.fail({ kind: "reset after effect", method: "POST" });
    const { stderr, exit } = await run("send", contact, "Hello");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Could not send the text: .* look before you repeat it\.\n$/);
  });

  test.each([
    [["messages", "list", "--since", "yesterday"], /24h/],
    [["messages", "list", "--limit", "0"], /whole number/],
    [["messages", "list", "--direction", "up"], /in, out/],
    [["messages", "get"], /missing required argument/],
    [["send", contact], /missing required argument/],
    [["events", "add", "message-in", "https://x.example/", "--method", "PUT"], /POST, GET/],
  ])("a wrong use: %j", async (args, told) => {
    const { run } = await startCli();
    const { stderr, exit } = await run(...args);
    expect(exit).toBe(1);
    expect(stderr).toMatch(told);
  });

  test("but for a config with problems: a line for each, and exit code 2", async () => {
    const { run } = await startCli();
    expect(await run("chats", "list", "--config", "bad.yaml")).toMatchObject({
      exit: 2,
      stderr: "pbx.url: missing\nlines: missing\n",
    });
  });
});
