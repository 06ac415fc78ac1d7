import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SlackAdapter } from "../../../adapters/slack/index.js";
import type { ScriptedSlack } from "./scripted-slack.js";
import { type ScriptedStage, setScriptedStage } from "./scripted-stage.js";

let stage: ScriptedStage;
let slack: ScriptedSlack;
let adapter: SlackAdapter;

beforeEach(async () => {
  stage = await setScriptedStage();
  ({ slack, adapter } = stage);
});

afterEach(async () => {
  await stage.close();
});

describe("people", () => {
  const anna = { id: "U1", name: "anna.b", team_id: "T1", profile: { display_name: "Anna", real_name: "Anna Berg" } };

  it("are asked for once, and again after a while; an old answer is better than none", async () => {
    slack.next("users.info", { user: anna });
    expect(await Promise.all([adapter.person("U1"), adapter.person("U1")])).toEqual([
      { name: "Anna" },
      { name: "Anna" },
    ]);
    stage.clock.now += 16 * 60_000;
    slack.next("users.info", "internal_error", { user: { ...anna, profile: { display_name: "Anna B." } } });
    expect(await adapter.person("U1")).toEqual({ name: "Anna" });
    expect(await adapter.person("U1")).toEqual({ name: "Anna B." });
    expect(slack.callsOf("users.info")).toHaveLength(3);
  });

  it.each([
    ["a guest", { is_restricted: true }, /guest/],
    ["a guest of one channel", { is_ultra_restricted: true }, /guest/],
    ["a stranger", { is_stranger: true }, /another organisation/],
    ["somebody of another workspace", { team_id: "T2" }, /another organisation/],
    ["an app", { is_bot: true }, /app/],
    ["somebody who has left", { deleted: true }, /deactivated/],
  ])("%s does not speak for the team", async (_, more, refused) => {
    slack.next("users.info", { user: { ...anna, ...more } });
    expect(await adapter.person("U1")).toEqual({ name: "Anna", refused: expect.stringMatching(refused) });
  });

  it("of another workspace are colleagues in the same Enterprise, and in no other", async () => {
    slack.next("auth.test", { team_id: "T1", user_id: "UBOT", enterprise_id: "E1" });
    await adapter.start({ accept: async () => {} });
    const of = (enterprise_id: string) => ({ ...anna, team_id: "T2", enterprise_user: { enterprise_id } });
    slack.next("users.info", { user: of("E1") }, { user: { ...of("E2"), id: "U2" } });
    expect(await adapter.person("U1")).toEqual({ name: "Anna" });
    expect(await adapter.person("U2")).toHaveProperty("refused");
  });

  it("nobody knows do not speak for the team", async () => {
    slack.next("users.info", "user_not_found");
    expect(await adapter.person("U1")).toHaveProperty("refused");
  });

  it("cannot be told while Slack is away", async () => {
    slack.next("users.info", "reset");
    await expect(adapter.person("U1")).rejects.toMatchObject({ name: "RetryLater" });
  });
});
