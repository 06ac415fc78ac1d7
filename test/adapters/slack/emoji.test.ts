import { describe, expect, it } from "vitest";
import { createEmojiNames } from "../../../adapters/slack/emoji.js";

const emoji = createEmojiNames();

describe("Slack's emoji names", () => {
  it("are known, flags and old names included", () => {
    expect(emoji("wave")).toBe("👋");
    expect(emoji("flag-de")).toBe("🇩🇪");
    expect(emoji("thumbsup")).toBe("👍");
    expect(emoji("white_check_mark")).toBe("✅");
    expect(emoji("heart")).toBe("❤️");
  });

  it("take a skin tone where the emoji has people", () => {
    expect(emoji("wave", [3])).toBe("👋🏼");
    expect(emoji("man-raising-hand", [6])).toBe("🙋🏿‍♂️");
    expect(emoji("people_holding_hands", [2, 3])).toBe("🧑🏻‍🤝‍🧑🏼");
    expect(emoji("tada", [3])).toBe("🎉");
  });

  it("of a workspace's own emoji, or of no emoji at all, have no Unicode form", () => {
    expect(emoji("shipit")).toBeUndefined();
    expect(emoji("constructor")).toBeUndefined();
    expect(emoji("")).toBeUndefined();
  });
});
