import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Post } from "../../../src/message.js";
import { cardMessage } from "../../../adapters/slack/card.js";
import { messageOf, nameShown, settledMessage } from "../../../adapters/slack/to-slack.js";

const now = 1_700_000_000_000;
const contact = { kind: "contact", name: "+442079460123" } as const;
const postOf = (text: string, more: Partial<Post> = {}): Post => ({
  speaker: contact,
  texts: [{ text, at: now }],
  ...more,
});

/** What stands in the blocks, kind by kind. */
function leaves(value: unknown): { type: string; text?: unknown }[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value !== "object" || value === null) return [];
  if ("elements" in value) return leaves(value.elements);
  return "type" in value && typeof value.type === "string" ? [value as { type: string }] : [];
}

describe("a text from a contact", () => {
  it("stands in Slack letter by letter", () => {
    const text = "*Hi* <!channel> _you_ & :wave: https://evil.example @here\n`x`";
    const message = messageOf(postOf(text), now);
    expect(leaves(message.blocks)).toEqual([{ type: "text", text }]);
    expect(message.text).toBe("*Hi* &lt;!channel&gt; _you_ &amp; :wave: https://evil.example @here\n`x`");
  });

  it("is spoken by the contact, each with a picture that stays", () => {
    const message = messageOf(postOf("Hi"), now);
    expect(message.username).toBe("+44 20 7946 0123");
    expect(message.icon_emoji).toMatch(/^:[a-z_]+:$/);
    expect(messageOf(postOf("again"), now + 1).icon_emoji).toBe(message.icon_emoji);
  });

  it("without a word is shown as such", () => {
    expect(leaves(messageOf(postOf(" \n"), now).blocks)).toEqual([
      { type: "text", text: "(no text)", style: { italic: true } },
    ]);
  });

  it("can neither notify nor link, whatever it holds", () => {
    const nasty = fc.constantFrom(
      "<!here>",
      "<@U1>",
      "<#C1>",
      "<http://a|b>",
      "&lt;",
      "&",
      "<",
      ">",
      "|",
      "a",
      " ",
      "\n",
    );
    const texts = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(nasty).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), fc.boolean(), texts, (list, note, name) => {
        const speaker = { kind: "colleague", name } as const;
        const message = messageOf({ speaker, note, texts: list.map((text) => ({ text, at: now })) }, now);
        expect(message.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
        const kinds = new Set(leaves(message.blocks).map(({ type }) => type));
        expect([...kinds].filter((kind) => kind !== "text" && kind !== "emoji")).toEqual([]);
        const shown = leaves(message.blocks).map(({ text }) => text);
        for (const text of list) if (text.trim() !== "") expect(shown).toContain(text);
        expect(shown).not.toContain("");
      }),
    );
  });
});

describe("texts that are shown together", () => {
  const two = (apartMs: number): Post => ({
    speaker: contact,
    texts: ["a", "b"].map((text, i) => ({ text, at: now - apartMs * (1 - i) })),
  });

  it("are told apart", () => {
    expect(leaves(messageOf(two(1000), now).blocks).map(({ text }) => text)).toEqual(["a", "———", "b"]);
  });

  it("have their times when they are more than a minute apart", () => {
    expect(leaves(messageOf(two(61_000), now).blocks)).toMatchObject([
      { type: "date", timestamp: 1_699_999_939, fallback: "2023-11-14 22:12 UTC" },
      { type: "text", text: "a" },
      { type: "text", text: "\n" },
      { type: "date", timestamp: 1_700_000_000 },
      { type: "text", text: "b" },
    ]);
  });

  it("have them too when they are shown late, even one alone", () => {
    expect(leaves(messageOf(postOf("late"), now + 121_000).blocks)).toMatchObject([{ type: "date" }, { text: "late" }]);
  });

  it("have them in notifications as well, where nobody sees the blocks", () => {
    expect(messageOf(postOf("in time"), now).text).toBe("in time");
    expect(messageOf(postOf("an hour late"), now + 3_600_000).text).toBe("2023-11-14 22:13 UTC: an hour late");
    expect(messageOf(two(61_000), now).text).toBe("2023-11-14 22:12 UTC: a\n\n2023-11-14 22:13 UTC: b");
  });
});

describe("who speaks", () => {
  it("is a colleague, a phone, or the bridge in its own name", () => {
    const by = (speaker: Post["speaker"]) => messageOf(postOf("x", { speaker }), now);
    expect(by({ kind: "colleague", name: "Anna (Telegram)" }).username).toBe("Anna (Telegram)");
    expect(by({ kind: "phone", name: "Sales" })).toMatchObject({
      username: "Sales · desk phone or PBX app",
      icon_emoji: ":telephone_receiver:",
    });
    expect(by({ kind: "bridge", name: "SMS" })).not.toHaveProperty("username");
  });

  it("is named on one line of bearable length", () => {
    expect(nameShown("22395")).toBe("22395");
    expect(nameShown("A\n\u0007B")).toBe("A B");
    expect(nameShown("  ")).toBe("unknown");
    expect(nameShown("😀".repeat(100))).toBe("😀".repeat(60));
  });
});

it("a note has its sign and the look of a quote", () => {
  const message = messageOf(postOf("call back", { note: true }), now);
  expect(message.text).toBe("📝 call back");
  expect(message.blocks).toMatchObject([
    { elements: [{ type: "rich_text_quote", elements: [{ type: "emoji", name: "memo" }, {}, { text: "call back" }] }] },
  ]);
});

describe("choices", () => {
  const choices: Post["choices"] = [
    { action: "send", subject: "m1", label: "Send as it is" },
    { action: "discard", subject: "m1", label: "x".repeat(80) },
  ];

  it("are buttons that say what they are about", () => {
    expect(messageOf(postOf("Send?", { choices }), now).blocks[1]).toEqual({
      type: "actions",
      elements: [
        {
          type: "button",
          action_id: "send:m1",
          text: { type: "plain_text", text: "Send as it is", emoji: false },
          style: "primary",
        },
        {
          type: "button",
          action_id: "discard:m1",
          text: { type: "plain_text", text: "x".repeat(75), emoji: false },
          style: "danger",
        },
      ],
    });
  });

  it("give way to their outcome, and the rest of the post stays", () => {
    const { blocks, text } = messageOf(postOf("Send?", { choices }), now);
    const settled = settledMessage({ blocks, text }, "Anna sent it & is <glad>.");
    expect(settled.blocks).toEqual([
      blocks[0],
      {
        type: "rich_text",
        elements: [
          {
            type: "rich_text_section",
            elements: [{ type: "text", text: "Anna sent it & is <glad>.", style: { italic: true } }],
          },
        ],
      },
    ]);
    expect(settled.text).toBe("Send?\nAnna sent it &amp; is &lt;glad&gt;.");
  });

  it("give way to their outcome also under a text that is too long for an update's fallback", () => {
    const { text } = settledMessage({ text: "&amp;".repeat(1000) }, "Done.");
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).not.toMatch(/&(?!amp;)/);
  });
});

it("a card tells contact, line, our number, state, and how to answer", () => {
  const { text, blocks } = cardMessage(
    { contact: "+442079460123", line: "R&D", did: "+442079460999", state: "open" },
    "//",
  );
  expect(text).toBe("+44 20 7946 0123 (R&amp;D · +44 20 7946 0999)");
  expect(JSON.stringify(blocks)).toContain("R&D · +44 20 7946 0999 · open");
  expect(JSON.stringify(blocks)).toContain("Begin with // to write a note");
});
