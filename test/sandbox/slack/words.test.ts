import { describe, expect, it } from "vitest";
import { live, notified, rendered } from "../../../src/sandbox/slack/seen.js";
import { office } from "./harness.js";

describe("what people type", () => {
  it.each([
    ["a < b & c > d", "a &lt; b &amp; c &gt; d"],
    ["see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."],
    ["mail bob@x.example", "mail <mailto:bob@x.example|bob@x.example>"],
    ["go to shop.example now", "go to <http://shop.example|shop.example> now"],
    ["call +1 555 010 0123", "call <tel:+15550100123|+1 555 010 0123>"],
    ["great 👍🏽 :) ❤️", "great :+1::skin-tone-4: :slightly_smiling_face: :heart:"],
    ["@here look", "<!here> look"],
    ["it is 12:30:45 and #1", "it is 12:30:45 and #1"],
  ])("%s arrives as %s, and a person sees what was typed", async (text, wire) => {
    const { slack, channel, anna } = await office();
    const message = slack.message(channel, slack.says(channel, anna, text));
    expect(message?.text).toBe(wire);
    if (message !== undefined) expect(slack.rendered(message)).toBe(text.replace(":)", "🙂"));
  });

  it("is styled where signs stand in pairs around words, and only there", async () => {
    const { slack, channel, anna } = await office();
    const arrives = (text: string) => {
      const message = slack.message(channel, slack.says(channel, anna, text));
      const [section] = (message?.blocks?.[0]?.["elements"] ?? []) as { elements?: unknown }[];
      return { text: message?.text, elements: section?.elements };
    };
    const words = (text: string, ...styles: string[]) =>
      styles.length === 0
        ? { type: "text", text }
        : { type: "text", text, style: Object.fromEntries(styles.map((style) => [style, true])) };
    expect(arrives("so *very _nice_* ~no~ & `a *b* <c>`")).toEqual({
      text: "so *very _nice_* ~no~ &amp; `a *b* &lt;c&gt;`",
      elements: [
        words("so "),
        words("very ", "bold"),
        words("nice", "italic", "bold"),
        words(" "),
        words("no", "strike"),
        words(" & "),
        words("a *b* <c>", "code"),
      ],
    });
    expect(arrives("_// order_id 5_").elements).toEqual([words("// order_id 5", "italic")]);
    for (const text of ["2*3*4 snake_case_name", "2 * 3 * 4", "a * b*", "**"])
      expect(arrives(text)).toEqual({ text, elements: [words(text)] });
  });

  it("become mentions where the name is known", async () => {
    const { slack, channel, anna } = await office();
    const message = slack.message(channel, slack.says(channel, anna, "hey @anna in #sales, not @nobody"));
    expect(message?.text).toBe(`hey <@${anna}> in <#${channel}|sales>, not @nobody`);
    expect(message?.blocks?.[0]?.type).toBe("rich_text");
  });

  it("are left alone when given raw", async () => {
    const { slack, channel, anna } = await office();
    const message = slack.message(channel, slack.says(channel, anna, "<@U1> &amp; <tel:+1>", { raw: true }));
    expect(message?.text).toBe("<@U1> &amp; <tel:+1>");
    expect(message?.blocks).toBeUndefined();
  });
});

describe("what people see", () => {
  const message = (more: object) => ({ type: "message" as const, ts: "1.000001", text: "", ...more });
  const rich = (...elements: object[]) =>
    message({ blocks: [{ type: "rich_text", elements: [{ type: "rich_text_section", elements }] }] });

  it("is foreign text unharmed in rich text and plain text", () => {
    const text = "*not bold* <!channel> :fire: &amp; _x_";
    expect(rendered(rich({ type: "text", text }))).toBe(text);
    const plain = { type: "section", text: { type: "plain_text", text, emoji: false } };
    expect(rendered(message({ blocks: [plain] }))).toBe(text);
    expect([live(rich({ type: "text", text })), live(message({ blocks: [plain] }))]).toEqual([[], []]);
  });

  it("is foreign text damaged where markup is read", () => {
    expect(rendered(message({ text: "*bold* and :fire: &lt;b&gt;" }))).toBe("bold and 🔥 <b>");
    expect(rendered(message({ text: "*bold* &lt;b&gt;", mrkdwn: false }))).toBe("*bold* <b>");
    expect(rendered(message({ text: "2*3*4 snake_case_name" }))).toBe("2*3*4 snake_case_name");
  });

  it("wakes those who are mentioned, wherever the mention stands", () => {
    const text = "<!channel> <@U1> <https://evil.example|your bank>";
    expect(notified(message({ text }))).toEqual(["<!channel>", "<@U1>"]);
    expect(live(message({ text }))).toContain("<https://evil.example|your bank>");
    expect(notified(message({ text: "&lt;!channel&gt;" }))).toEqual([]);
    expect(notified(rich({ type: "user", user_id: "U1" }, { type: "broadcast", range: "here" }))).toEqual([
      "<@U1>",
      "<!here>",
    ]);
    const section = { type: "section", text: { type: "mrkdwn", text: "<!subteam^S1>" } };
    expect(notified(message({ blocks: [section] }))).toEqual(["<!subteam^S1>"]);
  });
});
