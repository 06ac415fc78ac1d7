import { describe, expect, test } from "vitest";
import { detectEntities } from "../../../src/sandbox/telegram/detect.js";
import { fitText } from "../../../src/sandbox/telegram/entities.js";
import { parseHtml } from "../../../src/sandbox/telegram/html.js";
import { renderText } from "../../../src/sandbox/telegram/render.js";

const bold = (offset: number, length: number) => ({ type: "bold" as const, offset, length });

describe("text as it is stored", () => {
  test("blanks around a text go, and the entities move with it", () => {
    expect(fitText({ text: "  hi there \n", entities: [bold(5, 5)] })).toEqual({
      text: "hi there",
      entities: [bold(3, 5)],
    });
  });

  test("leading blanks inside an entity stay", () => {
    expect(fitText({ text: "  hi", entities: [bold(0, 4)] }).text).toBe("  hi");
  });

  test("control characters become spaces and carriage returns vanish", () => {
    expect(fitText({ text: "a\tb\r\nc", entities: [bold(5, 1)] })).toEqual({ text: "a b\nc", entities: [bold(4, 1)] });
  });

  test("a text of blanks is refused", () => {
    expect(() => fitText({ text: " \n ", entities: [] })).toThrow("Bad Request: text must be non-empty");
  });

  test("4096 UTF-16 units fit and one more does not", () => {
    expect(fitText({ text: "x".repeat(4096), entities: [] }).text).toHaveLength(4096);
    expect(fitText({ text: "😀".repeat(2048), entities: [] }).text).toHaveLength(4096);
    expect(() => fitText({ text: "😀".repeat(2049), entities: [] })).toThrow("Bad Request: message is too long");
  });

  test.each([
    [bold(3, 9), "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 12"],
    [bold(9, 1), "entity begins after the end of the text at UTF-16 offset 9"],
    [bold(-1, 1), "receive an entity with incorrect offset -1"],
    [bold(1, 2), "entity begins in a middle of a UTF-16 symbol at byte offset"],
    [bold(0, 1), "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset"],
  ])("the entity %j is refused for its place in the text", (entity, why) => {
    expect(() => fitText({ text: "😀abc", entities: [entity] })).toThrow(`Bad Request: ${why}`);
  });
});

describe("HTML", () => {
  test("tags become entities and references become characters", () => {
    expect(parseHtml('<b>a &lt; <i>b</i></b> <a href="https://x.org/?a=1&amp;b=2">c</a>&#x1F600;')).toEqual({
      text: "a < b c😀",
      entities: [
        bold(0, 5),
        { type: "italic", offset: 4, length: 1 },
        { type: "text_link", offset: 6, length: 1, url: "https://x.org/?a=1&b=2" },
      ],
    });
  });

  test("a reference that is unknown stays as it is", () => {
    expect(parseHtml("&nbsp; & &copy;").text).toBe("&nbsp; & &copy;");
  });

  test.each([
    ["1 < 2 > 0", 'Unsupported start tag "" at byte offset 2'],
    ["<p>x</p>", 'Unsupported start tag "p" at byte offset 0'],
    ["é<b>x", `Can't find end tag corresponding to start tag "b"`],
    ["é<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'],
    ["x</b>", "Unexpected end tag at byte offset 1"],
    ["é<b", "Unclosed start tag at byte offset 2"],
    ["<b>x</b", "Unclosed end tag at byte offset 4"],
    ["<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ["<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'],
  ])("%j is refused with its place in bytes", (html, why) => {
    expect(() => parseHtml(html)).toThrow(`Bad Request: can't parse entities: ${why}`);
  });
});

describe("what clients show", () => {
  test("links, commands, mentions, mail addresses, numbers and tags are found", () => {
    const text = "/call@desk_bot https://a.io/x. example.com a@b.org @somebody +1 (555) 010-0199 #vip";
    const found = detectEntities(text).map(({ type, offset, length }) => [type, text.slice(offset, offset + length)]);
    expect(found).toEqual([
      ["bot_command", "/call@desk_bot"],
      ["url", "https://a.io/x"],
      ["url", "example.com"],
      ["email", "a@b.org"],
      ["mention", "@somebody"],
      ["phone_number", "+1 (555) 010-0199"],
      ["hashtag", "#vip"],
    ]);
  });

  test("a path, a fraction and a price are none of these", () => {
    expect(detectEntities("a/b 1/2 v1.2 12,50 and/or #5")).toEqual([]);
  });

  test("nothing is found inside code", () => {
    expect(detectEntities("see /x", [{ type: "code", offset: 4, length: 2 }])).toEqual([]);
  });

  test("a text comes in segments with its styles", () => {
    expect(renderText("Ann: call +15550100199", [bold(0, 4)])).toEqual([
      { text: "Ann:", styles: ["bold"], detected: [] },
      { text: " call ", styles: [], detected: [] },
      { text: "+15550100199", styles: [], detected: ["phone_number"] },
    ]);
  });
});
