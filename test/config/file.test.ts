/** The file itself, and what comes into it from the environment. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, readConfig } from "../../src/config.js";

import { changed, problems, smallest } from "./given.js";

describe("environment variables", () => {
  test("are filled in for any kind of value, also within a longer one", () => {
    const config = loadConfig(
      `${changed("123:abc", "${BOT_ID}:${BOT_KEY}")}server: { host: "\${A}.\${B}", port: "\${PORT}" }`,
      { BOT_ID: "9", BOT_KEY: "k", A: "a", B: "b", PORT: "9000" },
    );
    expect([config.telegram?.botToken, config.server.host, config.server.port]).toEqual(["9:k", "a.b", 9000]);
  });

  test("are not looked for behind $${, which stands for a plain ${", () => {
    expect(loadConfig(changed("name: Sales", "name: $${HOME} of ${TEAM}"), { TEAM: "Sales" }).lines[0]?.name).toBe(
      "${HOME} of Sales",
    );
  });

  test("bring their text as it is: it is neither YAML nor filled in again", () => {
    const config = loadConfig(changed("s3cret", "${S}"), { S: "a: ${PATH} # 'b\"" });
    expect(config.pbx.clientSecret).toBe("a: ${PATH} # 'b\"");
  });

  test("that are not set are all named, and say nothing else about the value", () => {
    expect(
      problems(
        changed("123:abc", "${BOT}").replace("s3cret", () => "${ONE}-${TWO}"),
        {},
      ),
    ).toEqual([
      "config.yaml:5 pbx.clientSecret: needs the environment variable ONE, which is not set. Set it, or write ONE=… into the file .env and start with: node --env-file=.env dist/src/main.js",
      "config.yaml:5 pbx.clientSecret: needs the environment variable TWO, which is not set. Set it, or write TWO=… into the file .env and start with: node --env-file=.env dist/src/main.js",
      "config.yaml:8 telegram.botToken: needs the environment variable BOT, which is not set. Set it, or write BOT=… into the file .env and start with: node --env-file=.env dist/src/main.js",
    ]);
  });

  test("that hold a wrong value are named beside the problem, the value is not", () => {
    expect(problems(changed("s3cret", "${S}").replace("123:abc", "${T}"), { S: "", T: "topsecret" })).toEqual([
      "config.yaml:5 pbx.clientSecret: is empty. Take it from the PBX's page of API applications (the value comes from S)",
      "config.yaml:8 telegram.botToken: is not a bot token. Write the token as @BotFather shows it: digits, a colon, letters and digits (the value comes from T)",
    ]);
  });

  test.each(["${}", "${A-B}", "${OPEN"])("cannot be written as %s", (text) => {
    expect(problems(changed("name: Sales", `name: "${text}"`))).toEqual([
      "config.yaml:10 lines[0].name: has a ${ without the name of an environment variable and a }. For a plain ${ write $${",
    ]);
  });
});

describe("the file itself", () => {
  test.each([
    [
      changed("clientId: id", "clientId: id\n  clientId: id"),
      "config.yaml:5 this key stands twice in the same map. Keep one of them",
    ],
    ["pbx:\n\turl: x", "config.yaml:2 is indented with a tab. YAML wants spaces"],
    // The parser also finds fault with the lines around it.
    ["pbx:\n\turl: x\n\tclientId: y\nlog: {}", "config.yaml:2 is indented with a tab. YAML wants spaces"],
    ["pbx:\n  url: x\n  \tclientId: y", "config.yaml:3 is indented with a tab. YAML wants spaces"],
    ["pbx:\n  url: x\n\tclientId: y\n  log: z", "config.yaml:3 is indented with a tab. YAML wants spaces"],
    [
      "lines: [{ name: Sales }\nlog: { level: info }",
      "config.yaml:2 comes before a [ is closed that begins above or on this line. Put its ] where it ends",
    ],
    [
      "pbx: { url: x\nslack: { botToken: y }",
      "config.yaml:2 comes before a { is closed that begins above or on this line. Put its } where it ends",
    ],
    [
      'pbx: "x',
      "config.yaml:1 lacks a closing quote, a bracket, a comma or a colon. Within [ ] and { } put ${NAME} in quotes",
    ],
    [
      "pbx: { a: ${X} }",
      "config.yaml:1 is not YAML. Look for a missing colon or quote, or a wrong indentation, here or just above. Within [ ] and { } put ${NAME} in quotes",
    ],
    ["", "config.yaml:1 the file is empty. Begin with a copy of config.example.yaml"],
    ["# nothing yet\n", "config.yaml:1 the file is empty. Begin with a copy of config.example.yaml"],
  ])("%j is told in words for people", (text, problem) => {
    expect(problems(text)[0]).toBe(problem);
    expect(problems(text).filter((line) => line.endsWith("in quotes")).length).toBeLessThanOrEqual(1);
  });

  test("may be no map at all, or hold strange keys, without confusing anybody", () => {
    expect(problems("- 1")[0]).toMatch(/^config.yaml:1 must be a map; its keys: server, storage/);
    expect(problems(`${smallest}__proto__: { x: 1 }\nconstructor: 2\n? [a]\n: 3\n`).length).toBeGreaterThanOrEqual(2);
  });

  test("never quotes a secret in a syntax problem", () => {
    expect(problems("pbx:\n  clientSecret: 'hunter2' hunter3\n  x: ]hunter4").join("\n")).not.toContain("hunter");
  });

  test("that is missing is answered with where to begin", async () => {
    await expect(readConfig("no/such/config.yaml", {})).rejects.toThrow(
      "no/such/config.yaml: there is no such file. Copy config.example.yaml to it and fill it in, or name another with --config",
    );
    await expect(readConfig(tmpdir(), {})).rejects.toThrow("is a directory");
  });

  test("is called by its own name in problems", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "config-")), "mine.yaml");
    await writeFile(file, smallest.replace("https:", "ftp:"));
    await expect(readConfig(file, {})).rejects.toThrow("mine.yaml:3 pbx.url: is no web address");
    await writeFile(file, smallest);
    expect((await readConfig(file, {})).lines).toHaveLength(1);
  });
});
