import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { scopes } from "../../../adapters/slack/setup.js";
import { SUBSCRIPTIONS } from "../../../src/sandbox/slack/index.js";

const read = (mode: string): unknown =>
  parse(readFileSync(new URL(`../../../adapters/slack/manifest.${mode}.yaml`, import.meta.url), "utf8"));

describe.each(["socket", "http"])("the manifest for %s mode", (mode) => {
  it("asks for what doctor checks, and to be told of messages and of being invited, as the emulator takes for granted", () => {
    expect(read(mode)).toMatchObject({
      oauth_config: { scopes: { bot: scopes } },
      features: { slash_commands: [{ command: "/sms" }] },
      settings: {
        event_subscriptions: { bot_events: SUBSCRIPTIONS },
        interactivity: { is_enabled: true },
        socket_mode_enabled: mode === "socket",
      },
    });
  });
});

it("in HTTP mode everything comes to the one address", () => {
  const urls = [...JSON.stringify(read("http")).matchAll(/"(?:request_)?url":"([^"]+)"/g)].map(([, url]) => url);
  expect(urls).toEqual(Array.from({ length: 3 }, () => "https://sms.example.com/slack/events"));
});
