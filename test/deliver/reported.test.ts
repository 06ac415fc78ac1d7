/** What the PBX reports of a text later. */
import { describe, expect, it } from "vitest";
import { MINUTE, opened } from "./opened.js";

describe("what the PBX reports later", () => {
  it("`failed` overrules `sent`, with the reason and a button that sends it again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    const post = await write("slack", "Hi");
    await run();
    await status("sent", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
    await status("failed", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().at(-1)).toMatch(/could not be delivered/);
    await status("sent", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("`failed` that is told again after Retry does not blame the new attempt", async () => {
    const { write, run, pbx, slack, status, press } = await opened({ catchesUp: true });
    const post = await write("slack", "ok");
    await run();
    const statusOf = (index: number, as: "sent" | "failed"): void => {
      const of = pbx.list.findIndex(({ text }) => text === "ok") + index;
      const listed = pbx.list[of];
      if (listed !== undefined) pbx.list[of] = { ...listed, status: as };
    };
    statusOf(0, "failed");
    await status("failed", "ok");
    await run();
    await press("slack", "retry");
    await run();
    await status("failed", "ok");
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("sent");
    expect(pbx.words()).toEqual(["ok", "ok"]);
    statusOf(1, "failed");
    await status("failed", "ok");
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().filter((line) => line.includes("Not delivered"))).toHaveLength(2);
  });

  it("may come before the PBX's answer", async () => {
    const { write, run, pbx, slack, status } = await opened();
    pbx.onTaken = () => void status("sent", "Hi");
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("`failed` before the PBX's answer counts, and its button sends the text again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    pbx.onTaken = () => void status("failed", "Hi");
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    pbx.onTaken = undefined;
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("of one part of a long text fails the whole message, and only that part is sent again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    const post = await write("slack", "word ".repeat(50).trim());
    await run();
    const parts = pbx.words();
    await status("failed", parts[1]);
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual([...parts, parts[1]]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("about a part while the next is under way leaves that one alone", async () => {
    const { write, run, pbx, status, press } = await opened();
    const text = "word ".repeat(30).trim();
    let first: string | undefined;
    pbx.onTaken = (part) => {
      if (first === undefined) first = part;
      else void status("failed", first);
    };
    await write("slack", text);
    await run();
    pbx.onTaken = undefined;
    expect(pbx.words().join("")).toBe(text);
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual([...pbx.words().slice(0, 2), first]);
  });

  it("has no button when the text is no longer kept", async () => {
    const { write, run, slack, status, store } = await opened();
    await write("slack", "Hi");
    await run();
    await run(3_600_001);
    expect((await store.sweep()).texts).toBeGreaterThan(0);
    await status("failed", "Hi");
    await run();
    expect(slack.posted.at(-1)?.post.texts[0]?.text).toMatch(/Not delivered/);
    expect(slack.posted.at(-1)?.post.choices).toBeUndefined();
  });
});
