import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SlackAdapter } from "../../../adapters/slack/index.js";
import type { PostId } from "../../../src/message.js";
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

const postAt = (ts: string): PostId => `C1:${ts}` as PostId;

describe("a mark", () => {
  const fresh = postAt("1700000100.000000");
  const old = postAt("1600000000.000000");
  const made = () =>
    slack.calls
      .filter(({ method }) => method.startsWith("reactions."))
      .map(({ method, args }) => [method.slice("reactions.".length), args["name"]].filter(Boolean).join(" "));

  it("is one reaction", async () => {
    await adapter.mark(fresh, "sent");
    expect(slack.callsOf("reactions.add")).toEqual([
      { channel: "C1", timestamp: "1700000100.000000", name: "white_check_mark" },
    ]);
    await adapter.mark(fresh, "sent");
    expect(made()).toEqual(["add white_check_mark"]);
  });

  it("takes the place of the one before", async () => {
    await adapter.mark(fresh, "waiting");
    await adapter.mark(fresh, "failed");
    await adapter.mark(fresh, "sent");
    expect(made()).toEqual([
      "add hourglass_flowing_sand",
      "add x",
      "remove hourglass_flowing_sand",
      "add white_check_mark",
      "remove x",
    ]);
  });

  it("takes the place of one from before a restart, and of nobody else's", async () => {
    const reactions = [
      { name: "hourglass_flowing_sand", users: ["UBOT"] },
      { name: "x", users: ["U1"] },
      { name: "tada", users: ["U1", "UBOT"] },
    ];
    slack.next("reactions.get", { message: { reactions } });
    await adapter.mark(old, "note");
    expect(made()).toEqual(["get", "add memo", "remove hourglass_flowing_sand"]);
  });

  it("that is there already, or whose message is gone, is done", async () => {
    slack.next("reactions.add", "already_reacted");
    await adapter.mark(fresh, "ignored");
    slack.next("reactions.add", "message_not_found");
    slack.next("reactions.remove", "no_reaction");
    await adapter.mark(fresh, "sent");
    slack.next("reactions.get", "message_not_found");
    slack.next("reactions.add", "message_not_found");
    await adapter.mark(old, "sent");
  });

  it("that fails half-way is finished by the repetition", async () => {
    await adapter.mark(fresh, "waiting");
    slack.next("reactions.remove", { status: 429, headers: { "retry-after": "3" } });
    await expect(adapter.mark(fresh, "sent")).rejects.toMatchObject({ name: "RetryLater", afterMs: 3000 });
    slack.next("reactions.add", "already_reacted");
    await adapter.mark(fresh, "sent");
    expect(made().at(-1)).toBe("remove hourglass_flowing_sand");
  });

  it("of unknown outcome is made again", async () => {
    slack.next("reactions.add", "hang");
    await expect(adapter.mark(fresh, "sent")).rejects.toMatchObject({ name: "RetryLater" });
    await adapter.mark(fresh, "sent");
    expect(made()).toEqual(["add white_check_mark", "add white_check_mark"]);
  });
});
