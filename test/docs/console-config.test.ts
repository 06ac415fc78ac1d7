/** A third platform in the config costs nothing but its own `config.ts` and its place in the registry. */
import { expect, test } from "vitest";
import { slackConfig } from "../../adapters/slack/config.js";
import { loadWith } from "../../src/config/load.js";
import { schemaWith } from "../../src/config/schema.js";
import { ConfigError } from "../../src/errors.js";
import { consoleConfig } from "./console-config.js";

const platforms = [slackConfig, consoleConfig];

function load(sections: string, to: string): unknown {
  const text = `
pbx: { url: "https://pbx.example.com", clientId: a, clientSecret: b, events: { secret: 0123456789abcdef, register: false } }
lines: [{ name: Sales, extension: 7, to: [${to}] }]
${sections}`;
  return loadWith(platforms, schemaWith(platforms), { text, env: {}, name: "config.yaml" });
}

function problems(sections: string, to: string): readonly string[] {
  try {
    load(sections, to);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("its section and its chats are read as those of the others", () => {
  expect(load("console: {}", "{ console: terminal }")).toMatchObject({
    console: { prompt: "" },
    lines: [{ to: [{ platform: "console", chat: "terminal" }] }],
  });
});

test("mistakes in it are told as those of the others", () => {
  expect(problems("console: { promt: x }", "{ console: window }, { slack: C0123456789 }")).toEqual([
    'config.yaml:3 lines[0].to[0].console: is "window". Write terminal: there is one only',
    "config.yaml:3 lines[0].to[1].slack: goes to slack, which is not configured. Add a slack section, or take this place out",
    "config.yaml:4 console.promt: is not a key that this version knows. Did you mean prompt?",
  ]);
});

test("it is named where platforms are named", () => {
  expect(problems("", "{ console: terminal, slack: C0123456789 }")).toContain(
    "config.yaml:1 neither slack nor console is there. Fill in at least one of the two",
  );
  expect(problems("extra: 1", "{ console: terminal }").at(-1)).toContain("pbx, slack, console, lines");
});
