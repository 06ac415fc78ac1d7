/** What a config may hold, and what is said of its mistakes. */
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config.js";

import { changed, problems, smallest } from "./given.js";

describe("a config without mistakes", () => {
  test("comes out with every default filled in", () => {
    expect(loadConfig(smallest, {})).toEqual({
      server: { host: "0.0.0.0", port: 8080, trustProxy: [] },
      storage: "sqlite:data/bridge.db",
      pbx: {
        url: "https://pbx.example.com",
        clientId: "id",
        clientSecret: "s3cret",
        timeoutSeconds: 15,
        events: { secret: "0123456789abcdef", register: false, allowFrom: [] },
        catchUp: { everySeconds: 60, lookBackHours: 24, listsWithinSeconds: 120 },
        limits: { perSecond: 5, concurrent: 2 },
        send: { maxLength: 1600, fields: { to: "dst_num", from: "src_num", text: "text" } },
      },
      telegram: { botToken: "123:abc", apiUrl: "https://api.telegram.org", allowedUsers: [] },
      lines: [{ name: "Sales", extension: 1234, to: [{ platform: "telegram", chat: "-1001234567890" }] }],
      inbox: { notePrefix: "//", undoSeconds: 0, askAfterMinutes: 60, keepTextHours: 24, country: "US" },
      retention: { asideDays: 30, ledgerDays: 60, linkDays: 180, seenDays: 7 },
      log: { level: "info" },
    });
  });

  test("is frozen to its depths", () => {
    const config = loadConfig(smallest, {});
    const parts = [config, config.server, config.pbx.send.fields, config.lines, config.lines[0]?.to[0]];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true, true]);
  });

  test("keeps what looks like a number but is a text as it was written", () => {
    const text = changed("clientId: id", "clientId: 007").replace(
      "extension: 1234",
      "extension: 1234\n    did: +15550100",
    );
    const config = loadConfig(text, {});
    expect([config.pbx.clientId, config.lines[0]?.did]).toEqual(["007", "+15550100"]);
  });

  test("takes a section whose keys are all commented out for absent", () => {
    expect(loadConfig(`${smallest}inbox:\n  # country: GB\nlog: ~\n`, {}).inbox.country).toBe("US");
  });

  test("ends addresses as their users want them", () => {
    const config = loadConfig(
      `${changed("https://pbx.example.com", "https://pbx.example.com/")}
server: { publicUrl: https://sms.example.com/here/ }
slack: { botToken: xoxb-1, appToken: xapp-1, apiUrl: "http://localhost:4000/api" }`,
      {},
    );
    expect([config.pbx.url, config.server.publicUrl, config.slack?.apiUrl]).toEqual([
      "https://pbx.example.com",
      "https://sms.example.com/here",
      "http://localhost:4000/api/",
    ]);
  });

  test.each(["sqlite:data/bridge.db", "sqlite:/var/lib/bridge.db", "sqlite:C:\\bridge.db"])(
    "may be kept in %s",
    (url) => {
      expect(loadConfig(`${smallest}storage: ${url}`, {}).storage).toBe(url);
    },
  );
});

describe("keys that do not exist", () => {
  test.each([
    [
      "pbx:",
      "pbx:\n  clientid: x",
      "config.yaml:3 pbx.clientid: is not a key that this version knows. Did you mean clientId?",
    ],
    [
      "telegram:",
      "telegram:\n  bot_token: 1:a",
      "config.yaml:8 telegram.bot_token: is not a key that this version knows. Did you mean botToken?",
    ],
    [
      "- telegram:",
      "- signal: 5\n        telegram:",
      "config.yaml:13 lines[0].to[0].signal: is not a key that this version knows. The keys here: slack, telegram",
    ],
  ])("are refused: %s", (from, to, problem) => {
    expect(problems(changed(from, to))).toEqual([problem]);
  });
});

describe("lines", () => {
  const line = (rest: string): string => `${smallest}  - name: Other\n    ${rest}\n    to: [{ telegram: -5 }]\n`;

  test("have numbers as the PBX's are read, or are told how to write them", () => {
    expect(problems(line('extension: 1234\n    did: "+4901511234567"'))).toEqual([
      expect.stringMatching(/lines\[1\]\.did: is the number \+491511234567\. Write it so/),
    ]);
  });

  test("of one extension may differ by did, and one may be without", () => {
    expect(problems(line('extension: 1234\n    did: "+15550100"'))).toEqual([]);
  });

  test("must not both take every number of one extension", () => {
    expect(problems(line("extension: 1234"))).toEqual([
      "config.yaml:14 lines[1]: is the second line without a did on this extension, after lines[0]. Give one of them a did",
    ]);
  });

  test("must not share a number", () => {
    const twice =
      line('extension: 5\n    did: "+15550100"') +
      '  - { name: C, extension: 5, did: "+15550100", to: [{ telegram: -6 }] }';
    expect(problems(twice)).toEqual([
      "config.yaml:18 lines[2]: has the same extension and did as lines[1]. Make them one line; it may have several places under to",
    ]);
  });
});

describe("a Telegram chat without a minus", () => {
  const toChat = (chat: string, allowed = "[]"): readonly string[] =>
    problems(changed("-1001234567890", chat).replace("123:abc", `123:abc\n  allowedUsers: ${allowed}`));

  test("is a private one, of somebody who may use the bot", () => {
    expect(toChat("77", "[7, 77]")).toEqual([]);
  });

  test("is refused otherwise, with the group's id that may be meant", () => {
    const [problem, ...more] = toChat("1234567890");
    expect(more).toEqual([]);
    expect(problem).toMatch(/telegram: is the id of a private chat, .* write -1001234567890 .*telegram\.allowedUsers/);
    expect(toChat("1001234567890")[0]).toContain("write -1001234567890 ");
    expect(toChat("77", "[7]")).toHaveLength(1);
  });
});

describe("Slack tokens", () => {
  const slack = (keys: string): readonly string[] => problems(`${smallest}slack: { ${keys} }`);

  test("that were swapped are recognised", () => {
    expect(slack("botToken: xapp-1, appToken: xoxb-1")).toEqual([
      "config.yaml:14 slack.botToken: is the app-level token (xapp-…, on the app's page under Basic Information): it looks as if the two were swapped. Write the bot token (xoxb-…, on the app's page under OAuth & Permissions)",
      "config.yaml:14 slack.appToken: is the bot token (xoxb-…, on the app's page under OAuth & Permissions): it looks as if the two were swapped. Write the app-level token (xapp-…, on the app's page under Basic Information)",
    ]);
    expect(slack("botToken: xoxp-1, appToken: xapp-1")[0]).toContain("is a user token");
  });

  test("say which mode is wanted: one of the two", () => {
    expect(slack("botToken: xoxb-1")).toEqual([
      "config.yaml:14 slack: has neither appToken nor signingSecret. Keep appToken for Socket Mode (needs no public address), or signingSecret for HTTP mode",
    ]);
    expect(slack("botToken: xoxb-1, appToken: xapp-1, signingSecret: abc")).toContain(
      "config.yaml:14 slack: has both appToken and signingSecret. Keep appToken for Socket Mode (needs no public address), or signingSecret for HTTP mode",
    );
  });
});

test.each([
  ["sqlite::memory:", "would forget every text at a restart"],
  ["sqlite://data/x.db", "has slashes after sqlite:"],
  ["postgres://u:p@h/d", "is PostgreSQL, which a later version will take"],
  ["mysql:x", "is not a storage that this version knows"],
])("storage cannot be %s", (url, why) => {
  const [problem, ...more] = problems(`${smallest}storage: "${url}"`);
  expect(problem).toContain(why);
  expect(problem).not.toContain("u:p");
  expect(more).toEqual([]);
});

describe("the days that things are kept", () => {
  const kept = (keys: string): readonly string[] => problems(`${smallest}retention: { ${keys} }`);

  test("are told together: linkDays by what ledgerDays has to be", () => {
    expect(kept("asideDays: 90, ledgerDays: 60, linkDays: 80")).toEqual([
      expect.stringMatching(/retention\.ledgerDays: is less than .* Write at least 90$/),
      "config.yaml:14 retention.linkDays: is less than retention.ledgerDays has to be. Write at least 90",
    ]);
  });

  test("are compared with what ledgerDays is, where that is right", () => {
    expect(kept("ledgerDays: 100, linkDays: 80")).toEqual([
      "config.yaml:14 retention.linkDays: is less than retention.ledgerDays. Write at least 100",
    ]);
    expect(kept("asideDays: 90, ledgerDays: 90, linkDays: 90")).toEqual([]);
  });

  test("are compared with nothing that is no number", () => {
    expect(kept("ledgerDays: soon, linkDays: 40")).toEqual([expect.stringContaining('ledgerDays: is "soon"')]);
    expect(kept("ledgerDays: soon, linkDays: 20")).toHaveLength(2);
  });
});

test("an event secret is told all that is wrong with it at once", () => {
  expect(problems(changed("0123456789abcdef", "short/one"))).toEqual([
    "config.yaml:6 pbx.events.secret: has 9 characters, needs at least 16, and holds characters that an URL does not carry. Make one with: openssl rand -hex 24",
  ]);
});

test("a mistake in every section shows all of them at once, in the order of the file", async () => {
  const text = `server:
  port: 70000
  publicURL: https://x.example
  publicUrl: sms.example.com
  trustProxy: [10.0.0.0/33, proxy.local]
storage: postgres://user:hunter2@db/bridge
links: hunter2
pbx:
  url: https://pbx.example.com/api/ver1.0/
  clientId: ""
  clientSecret: \${PBX_CLIENT_SECRET}
  timeoutSeconds: 0
  events:
    secret: \${SHORT}
    register: yes
    allowFrom: 192.0.2.1
  catchUp: { everySeconds: often, lookBackHours: -1 }
  limits: { perSecond: 0, concurrent: 1.5, burst: 3 }
  send: { maxLength: 5, fields: { to: "", from: " ", text: the text } }
slack:
  botToken: xapp-1-hunter2
  apiUrl: slack.com
  command: sms
  allowGuests: maybe
  allowOutsiders: []
telegram:
  botToken: hunter2
  webhookSecret: "not allowed!!!!!!"
  allowedUsers: [anna]
lines:
  - name: Sales
    extension: twelve
    did: 555-0100
    to:
      - slack: "#sales"
      - telegram: "@sales"
      - telegram: "@sales"
      - slack: C0123456789
        telegram: -5
      - {}
  - extension: 1
    to: []
  - Support
inbox:
  notePrefix: " "
  undoSeconds: soon
  keepTextHours: 9999
  country: us
retention:
  asideDays: 90
  linkDays: 30
  seenDays: never
log:
  level: verbose
extra: 1
`;
  const all = problems(text, { SHORT: "hunter2!" });
  await expect(`${all.join("\n")}\n`).toMatchFileSnapshot("../fixtures/config-problems.txt");
  expect(all.join("\n")).not.toMatch(/hunter2|user:/);
});

test("platforms that are not configured are noticed wherever they are named, and an empty room has both missing", () => {
  expect(problems(changed("telegram:\n  botToken: 123:abc\n", ""))).toEqual([
    "config.yaml:1 neither slack nor telegram is there. Fill in at least one of the two",
    "config.yaml:11 lines[0].to[0].telegram: goes to telegram, which is not configured. Add a telegram section, or take this place out",
  ]);
});

test("whoever must be reached from outside needs a public address", () => {
  const text = changed(", register: false", "").replace("123:abc", "123:abc\n  webhookSecret: 0123456789abcdef");
  expect(problems(`${text}slack: { botToken: xoxb-1, signingSecret: abc }`)).toEqual([
    "config.yaml:1 server.publicUrl: is missing, and needed since pbx.events.register is true and slack is in HTTP mode (signingSecret) and telegram is in webhook mode (webhookSecret). Write the address under which this server is reached from outside, such as https://sms.example.com",
  ]);
});
