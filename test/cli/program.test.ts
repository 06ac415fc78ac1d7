/** What the command line answers: to its commands, and to a wrong use. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram, runProgram } from "../../src/cli/program.js";
import { queueCommand } from "../../src/cli/queue.js";

/** Runs the words after `pbx-chat-bridge`, in a folder that holds these files. */
async function program(words: string, files: readonly string[] = []) {
  const told = { did: [] as string[], out: "", err: "" };
  const did = (what: string) => async (value: unknown) => void told.did.push(`${what} ${String(value)}`);
  const output = {
    stdout: (text: string) => void (told.out += text),
    stderr: (text: string) => void (told.err += text),
  };
  const pbx = new Command("pbx").description("by hand");
  pbx
    .command("list")
    .option("--config <file>", "", "config.yaml")
    .action(({ config }) => did("pbx")(config));
  const commands = { start: did("start"), sandbox: did("sandbox"), doctor: did("doctor"), erase: did("erase") };
  const more = [pbx, queueCommand({ ...output, exit: () => {} })];
  const made = createProgram({ commands, more, exists: (file) => files.includes(file), ...output });
  const code = await runProgram(
    made,
    words.split(" ").filter((word) => word !== ""),
  );
  return { code, ...told };
}

describe("a command", () => {
  test.each([
    ["start", "start config.yaml"],
    ["start --config mine.yaml", "start mine.yaml"],
    ["--config mine.yaml start", "start mine.yaml"],
    ["--config mine.yaml doctor", "doctor mine.yaml"],
    ["--config mine.yaml doctor --config his.yaml", "doctor his.yaml"],
    ["--config mine.yaml pbx list", "pbx mine.yaml"],
    ["--config mine.yaml", "start mine.yaml"],
    ["sandbox --port 9000", "sandbox 9000"],
    ["erase +12015550123 --yes", "erase +12015550123"],
  ])("%s does %s", async (words, what) => {
    expect(await program(words)).toEqual({ code: 0, did: [what], out: "", err: "" });
  });

  test("may be missing: then it is start where there is a config, and the sandbox where there is none", async () => {
    expect((await program("", ["config.yaml"])).did).toEqual(["start config.yaml"]);
    const { did, out } = await program("");
    expect(did).toEqual(["sandbox 8080"]);
    expect(out).toContain("There is no config.yaml here");
  });
});

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await program("--version")).toEqual({ code: 0, did: [], out: `${version}\n`, err: "" });
});

test("--help lists the commands", async () => {
  const { code, out, err } = await program("--help");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const name of ["start", "sandbox", "doctor", "pbx", "queue"])
    expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
});

describe("a wrong use does nothing, says what was meant, and ends with 2", () => {
  test.each([
    ["strat", "error: there is no command 'strat'. Did you mean start?"],
    ["serve", "error: there is no command 'serve'. The commands: start, sandbox, doctor, erase, pbx, queue."],
    ["start now", "error: too many arguments for 'start'. Expected 0 arguments but got 1."],
    ["start --confg x", "error: unknown option '--confg'"],
    ["--port 9000", "error: unknown option '--port'"],
    ["sandbox --port http", "argument 'http' is invalid. Write a number from 0 to 65535."],
    ["sandbox --port 70000", "argument '70000' is invalid. Write a number from 0 to 65535."],
    ["pbx lst", "error: unknown command 'lst'"],
    ["queue", "Usage: pbx-chat-bridge queue"],
    ["queue lst", "error: unknown command 'lst'"],
    ["queue retry", "error: which ones? Write: queue retry and numbers from queue list, or all."],
    ["queue discard", "error: which ones? Write: queue discard and numbers from queue list, or all."],
    ["queue retry 3 all", "error: all stands alone. Leave it out, or the numbers."],
    ["queue retry three", "error: 'three' is no number. Write numbers from queue list, or all."],
    ["queue discard --all", "error: unknown option '--all'"],
  ])("%s", async (words, told) => {
    const { code, did, out, err } = await program(words, ["config.yaml"]);
    expect({ code, did, out }).toEqual({ code: 2, did: [], out: "" });
    expect(err).toContain(told);
    expect(err).toMatch(/--help to see what there is|Usage:/);
  });
});
