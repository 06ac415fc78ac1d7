import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";
import { loadConfig, schema } from "../src/config.js";

const text = readFileSync(new URL("../config.example.yaml", import.meta.url), "utf8");
const env = {
  PBX_CLIENT_ID: "id",
  PBX_CLIENT_SECRET: "secret",
  PBX_EVENTS_SECRET: "0123456789abcdef",
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  TELEGRAM_BOT_TOKEN: "123:abc",
};

/** The JSON schema of the config's input, as far as this test reads it. */
interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
}

function isShape(value: unknown): value is Shape {
  return typeof value === "object" && value !== null;
}

function keyPaths(shape: unknown, path: string): readonly string[] {
  if (!isShape(shape)) return [];
  const inner = Object.entries(shape.properties ?? {}).flatMap(([key, value]) => [
    `${path}.${key}`,
    ...keyPaths(value, `${path}.${key}`),
  ]);
  return [...inner, ...keyPaths(shape.items, path)];
}

/** Every key of the file with its path, also those that are commented out; told by indentation alone. */
function namedPaths(yaml: string): ReadonlySet<string> {
  const stack: { indent: number; path: string }[] = [];
  const found = new Set<string>();
  for (const line of yaml.split("\n")) {
    const [, spaces = "", mark = "", key] = /^( *)((?:# |- )?)([a-zA-Z]+):(?: |$)/.exec(line) ?? [];
    if (key === undefined) continue;
    const indent = spaces.length + (mark === "- " ? 2 : 0);
    while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
    const path = `${stack.at(-1)?.path ?? ""}.${key}`;
    found.add(path);
    stack.push({ indent, path });
  }
  return found;
}

test("the example parses, given its environment variables", () => {
  const config = loadConfig(text, env);
  expect(config.lines).toEqual([
    {
      name: "Sales",
      extension: 1234,
      did: "+15550100",
      to: [
        { platform: "slack", chat: "C0123456789" },
        { platform: "telegram", chat: "-1001234567890" },
      ],
    },
  ]);
});

test("the example names every key, in its place, and no other", () => {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  const known = keyPaths(shape, "");
  expect(known.length).toBeGreaterThan(45);
  expect([...namedPaths(text)].toSorted()).toEqual(known.toSorted());
});

test("the example of .env has every variable that the example names, and no other", () => {
  const dotenv = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const named = [...text.matchAll(/^ *(?:# )?\w+: \$\{([A-Z_]+)\}/gm)].map(([, name]) => name);
  const given = [...dotenv.matchAll(/^([A-Z_]+)=$/gm)].map(([, name]) => name);
  expect(named.length).toBe(8);
  expect(given).toEqual(named);
});

test("what the example shows as a default is the default", () => {
  const shown = loadConfig(text, env);
  const { pbx, slack, telegram, server, lines } = shown;
  const bare = loadConfig(
    JSON.stringify({
      server: { publicUrl: server.publicUrl },
      pbx: {
        url: pbx.url,
        clientId: pbx.clientId,
        clientSecret: pbx.clientSecret,
        events: { secret: pbx.events.secret },
      },
      slack: { botToken: slack?.botToken, appToken: slack?.appToken },
      telegram: { botToken: telegram?.botToken },
      lines: lines.map((line) => ({ ...line, to: line.to.map(({ platform, chat }) => ({ [platform]: chat })) })),
    }),
    {},
  );
  expect(shown).toEqual(bare);
});
