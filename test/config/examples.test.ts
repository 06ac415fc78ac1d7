import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { slackConfig } from "../../adapters/slack/config.js";
import { telegramConfig } from "../../adapters/telegram/config.js";
import { loadConfig } from "../../src/config.js";
import { leftOvers } from "../../src/config/examples.js";

const example = readFileSync(new URL("../../config.example.yaml", import.meta.url), "utf8");
const env = {
  PBX_CLIENT_ID: "id",
  PBX_CLIENT_SECRET: "secret",
  PBX_EVENTS_SECRET: "0123456789abcdef",
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  TELEGRAM_BOT_TOKEN: "123:abc",
};
const platforms = [slackConfig, telegramConfig];
const found = (yaml: string) => leftOvers(loadConfig(yaml, env), platforms);

const own: Readonly<Record<string, string>> = {
  "sms.example.com": "sms.acme.test",
  "pbx.example.com": "pbx.acme.test",
  "+15550100": "+12015550123",
  C0123456789: "C0A1B2C3D4E",
  "-1001234567890": "-1009876543210",
};
const filledIn = Object.entries(own).reduce((text, [from, to]) => text.replaceAll(from, to), example);

test("the example as it is has nothing of anybody's own, and each such value is told with its remedy", () => {
  expect(found(example)).toEqual([
    {
      key: "server.publicUrl",
      what: "is still the example's, https://sms.example.com. Write the address under which the PBX reaches this server",
    },
    { key: "pbx.url", what: "is still the example's, https://pbx.example.com. Write the address of your PBX" },
    { key: "lines[0].extension", what: expect.stringContaining("extension_id") as unknown },
    {
      key: "lines[0].did",
      what: "is still the example's, +15550100. Write one of your numbers, or leave the key out",
    },
    { key: "lines[0].to[0].slack", what: "is still the example's, C0123456789. Write the id of a chat of yours" },
    { key: "lines[0].to[1].telegram", what: "is still the example's, -1001234567890. Write the id of a chat of yours" },
  ]);
});

test("one that is filled in has none, though its extension may have the example's id", () => {
  expect(filledIn).toContain("extension: 1234");
  expect(found(filledIn)).toEqual([]);
});

test.each(Object.entries(own))("%s that was forgotten is found", (value, mine) => {
  expect(found(filledIn.replace(mine, () => value)).length).toBeGreaterThan(0);
});
