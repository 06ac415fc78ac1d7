/** Every command of the docs, and how it is known to be right. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { blocks, commands, pages, read, spans, table, top } from "./reading.js";
import { run, unknownIn } from "./program.js";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
const example = read("config.example.yaml");
const SECRETS = `PBX_CLIENT_ID=id
PBX_CLIENT_SECRET=secret
PBX_EVENTS_SECRET=0123456789abcdef
SLACK_BOT_TOKEN=xoxb-1
SLACK_APP_TOKEN=xapp-1
TELEGRAM_BOT_TOKEN=123:abc
`;

/** A copy of the file of a running bridge, by what the image has. */
const BACKUP = `docker exec bridge node -e "new (require('libsql'))('/data/bridge.db').prepare('VACUUM INTO ?').run('/data/backup.db')"`;

/** The systemd unit of the handbook. */
function unit(): string {
  const [text = "", ...more] = pages().flatMap((page) => blocks(page, "ini"));
  expect(more).toEqual([]);
  return text;
}

const scriptOf = (name: string) => (): void => expect(scripts[name]).toBeDefined();
/** The paths and ports of the docs are those of the image. */
const fitsTheImage =
  (...parts: readonly string[]) =>
  (): void => {
    for (const part of parts) expect(read("Dockerfile")).toContain(part);
  };
const isKnown = (words: string) => (): void => expect(unknownIn(words)).toBeUndefined();
/** Another program's command, and what of ours it is about. */
const names =
  (...files: readonly string[]) =>
  (): void => {
    for (const file of files) expect(existsSync(join(top, file)), file).toBe(true);
  };

const CHECKS: Readonly<Record<string, () => void | Promise<void>>> = {
  "npm ci && npm start": async () => {
    const [, started = ""] = /(node dist\/.*)$/.exec(scripts["start"] ?? "") ?? [];
    const { out } = await run(started, {}, "Ctrl+C");
    expect(out).toContain("There is no config.yaml here, so this is the sandbox");
  },
  "npm ci && npm test": scriptOf("test"),
  "npm ci && npm run build": scriptOf("build"),
  "git clone ADDRESS_OF_THIS_REPOSITORY pbx-chat-bridge && cd pbx-chat-bridge": names("package.json"),
  "cp config.example.yaml config.yaml && cp .env.example .env": async () => {
    const files = { ".env": read(".env.example"), "config.yaml": example };
    const { code, err } = await run("node --env-file=.env dist/src/main.js doctor", files);
    expect(code).toBe(2);
    expect(
      err
        .trim()
        .split("\n")
        .map((line) => /is empty.* \(the value comes from (\w+)\)$/.exec(line)?.[1]),
    ).toEqual(Object.keys(secrets()));
  },
  "node --env-file=.env dist/src/main.js doctor": async () => {
    const line = "node --env-file=.env dist/src/main.js doctor";
    const broken = example.replace("extension: 1234", "extension: twelve");
    const { code, err, out } = await run(line, { ".env": SECRETS, "config.yaml": broken });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^config\.yaml:\d+ lines\[0\]\.extension: is "twelve"\. Write a whole number .*\n$/);
  },
  "node --env-file=.env dist/src/main.js start": async () => {
    const { code, err } = await run("node --env-file=.env dist/src/main.js start", {
      ".env": SECRETS,
      "config.yaml": "",
    });
    expect(code).toBe(2);
    expect(err).toContain("Begin with a copy of config.example.yaml");
  },
  "docker build -t pbx-chat-bridge .": names("Dockerfile", ".dockerignore"),
  "docker run --rm --read-only --env-file .env -v ./config.yaml:/config/config.yaml:ro -v bridge:/data pbx-chat-bridge doctor --config /config/config.yaml":
    fitsTheImage('ENTRYPOINT ["node", "dist/src/main.js"]', "VOLUME /data", '"/config/config.yaml"'),
  "docker run -d --name bridge --restart unless-stopped --read-only --env-file .env -p 127.0.0.1:8080:8080 -v ./config.yaml:/config/config.yaml:ro -v bridge:/data pbx-chat-bridge":
    fitsTheImage("EXPOSE 8080", "VOLUME /data", '"/config/config.yaml"', "-p 127.0.0.1:8080:8080"),
  "docker exec bridge node dist/src/main.js doctor --config /config/config.yaml": fitsTheImage('"dist/src/main.js"'),
  "docker exec bridge node dist/src/main.js queue list --config /config/config.yaml": isKnown("queue list --config x"),
  "node --env-file=.env dist/src/main.js pbx messages list --extension 1234 --since 24h --direction in": isKnown(
    "pbx messages list --extension 1234 --since 24h --direction in",
  ),
  "node --env-file=.env dist/src/main.js pbx messages list --extension 1234": isKnown(
    "pbx messages list --extension 1234",
  ),
  "node --env-file=.env dist/src/main.js pbx events list --extension 1234": isKnown("pbx events list --extension 1234"),
  "node --env-file=.env dist/src/main.js queue list --full --text": isKnown("queue list --full --text"),
  "node --env-file=.env dist/src/main.js erase +12015550123": async () => {
    const { code, err } = await run("node --env-file=.env dist/src/main.js erase +12015550123", { ".env": SECRETS });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining("config.yaml: there is no such file") as unknown,
    });
  },
  "node --env-file=.env dist/src/main.js queue retry all": isKnown("queue retry all"),
  "curl -s http://localhost:8080/readyz": () => expect(read("src/http/status.ts")).toContain('"/readyz"'),
  "sqlite3 data/bridge.db \".backup 'data/backup.db'\"": () =>
    expect(loadConfig(example, secrets()).storage).toBe("sqlite:data/bridge.db"),
  [BACKUP]: async () => {
    const folder = temporaryFolder();
    const file = openSqliteFile(join(folder, "bridge.db"));
    const [, script = ""] = /-e "(.*)"$/.exec(BACKUP) ?? [];
    const node = spawn(process.execPath, ["-e", script.replaceAll("/data/", `${folder}/`)], { cwd: top });
    const [code] = (await once(node, "close")) as [number | null];
    await file.close();
    const copy = openSqliteFile(join(folder, "backup.db"));
    const tables = copy.sql.all("select name from sqlite_master where name = 'deliveries'");
    await copy.close();
    expect({ code, tables }).toEqual({ code: 0, tables: [{ name: "deliveries" }] });
  },
  "docker cp bridge:/data/backup.db backup.db": () => expect(BACKUP).toContain("'/data/backup.db'"),
  "docker exec bridge rm /data/backup.db": () => expect(BACKUP).toContain("'/data/backup.db'"),
  "curl -i https://sms.example.com/pbx/events/SECRET": () => {
    expect(loadConfig(example, secrets()).server.publicUrl).toBe("https://sms.example.com");
    expect(read("src/http/intake.ts")).toContain('"/pbx/events/:secret"');
  },
  "sudo systemctl daemon-reload": () => expect(unit()).toContain("[Service]"),
  "sudo systemctl enable --now pbx-chat-bridge": () => expect(unit()).toContain("WantedBy="),
  "journalctl -u pbx-chat-bridge -f": () => expect(read("docs/operating.md")).toContain("/pbx-chat-bridge.service`"),
  "git pull": names("package-lock.json"),
  "openssl rand -hex 24": () => {
    const made = { ...secrets(), PBX_EVENTS_SECRET: "0".repeat(48) };
    expect(loadConfig(example, made).pbx.events.secret).toHaveLength(48);
  },
  "npm run crash -- --kills 1000": scriptOf("crash"),
  "npm run crash -- --kills 1000 --worlds 3 --seed 20261129": scriptOf("crash"),
  "npx vitest run --config test/vitest.config.ts test/adapters": names("test/vitest.config.ts", "test/adapters"),
};

function secrets(): Record<string, string> {
  return Object.fromEntries(
    SECRETS.trim()
      .split("\n")
      .map((line) => line.split("=", 2) as [string, string]),
  );
}

describe("the commands of the docs", () => {
  test("that read the config are given its secrets", () => {
    const all = [...commands(pages()), ...pages().flatMap(spans)];
    expect(all.filter((words) => /^node dist\/src\/main\.js (?!sandbox)/.test(words))).toEqual([]);
  });

  test("are all known here, and no others", () => {
    expect([...commands(pages())].toSorted()).toEqual(Object.keys(CHECKS).toSorted());
  });

  test.each(Object.entries(CHECKS))("%s", async (_, check) => {
    await check();
  });

  test("that are named within a sentence exist", () => {
    const named = pages()
      .flatMap(spans)
      .map((span) => span.replace(/^node (?:--env-file=\.env )?dist\/src\/main\.js /, ""))
      .filter((span) => /^(pbx|queue) [a-z-]/.test(span));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((words) => unknownIn(words) !== undefined)).toEqual([]);
  });

  test("the systemd unit starts what is started by hand, in the folder whose data it keeps", () => {
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(unit())?.[1];
    const start = value("ExecStart")?.replace("/usr/bin/", "") ?? "";
    expect(Object.keys(CHECKS)).toContain(start);
    expect(start).toMatch(/ start$/);
    expect(value("WorkingDirectory")).toMatch(/^\//);
    // 2 is how `start` ends when the config is wrong.
    expect(value("RestartPreventExitStatus")).toBe("2");
  });

  test("that a container is started with let nobody but this machine in", () => {
    const published = [...commands(pages()), ...pages().flatMap(spans)].flatMap(
      (words) => words.match(/-p \S+/g) ?? [],
    );
    expect(published.length).toBeGreaterThan(1);
    expect(published.filter((port) => !port.startsWith("-p 127.0.0.1:"))).toEqual([]);
  });

  test("that the reference lists are those of --help", async () => {
    const page = pages().find(({ name }) => name === "docs/operating.md");
    const listed = page === undefined ? [] : table(page, "Command").flatMap(([command = ""]) => command.split(", "));
    const { out } = await run("node dist/src/main.js --help", {});
    const known = [...out.matchAll(/^ {2}([a-z]+) {2,}\S|^ {2}([a-z]+) \[options\]/gm)].map(([, a, b]) => a ?? b);
    expect(new Set(listed.map((command) => command.split(" ")[0]))).toEqual(new Set(known));
  });
});
