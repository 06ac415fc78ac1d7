import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEmojiNames } from "../../../adapters/slack/emoji.js";
import { type Names, peopleIn, plainText } from "../../../adapters/slack/plain-text.js";
import type { RichNode } from "../../../adapters/slack/wire.js";

const names: Names = { person: (id) => (id === "U1" ? "Anna" : undefined), emoji: createEmojiNames() };

/** As a client without blocks, or an older one, sends it. */
const ofMrkdwn = (text: string): string => plainText({ text }, names);

const ofRich = (elements: RichNode[], text?: string): string =>
  plainText({ text, blocks: [{ type: "rich_text", elements }] }, names);
const section = (...elements: RichNode[]): RichNode => ({ type: "rich_text_section", elements });
const words = (text: string): RichNode => ({ type: "text", text });

describe("text in Slack's own markup becomes plain", () => {
  it.each([
    ["entities", "Tom &amp; Ann &lt;3 &gt; all", "Tom & Ann <3 > all"],
    ["an entity that was typed", "write &amp;lt;br&amp;gt;", "write &lt;br&gt;"],
    ["people by their names", "ask <@U1>, please", "ask @Anna, please"],
    ["people by the label if nothing else is known", "ask <@U2|ben>", "ask @ben"],
    ["people nobody knows", "ask <@U2>", "ask @someone"],
    ["channels", "see <#C1|orders>", "see #orders"],
    ["channels without a name", "see <#C1|> and <#C2>", "see #channel and #channel"],
    ["groups", "<!subteam^S1|@night-shift> and <!subteam^S2>", "@night-shift and @group"],
    ["calls to all", "<!here> <!channel> <!everyone>", "@here @channel @everyone"],
    ["dates", "at <!date^1392734382^{date}|Feb 18>", "at Feb 18"],
    ["links as typed", "<https://a.example/x?b=1&amp;c=2>", "https://a.example/x?b=1&c=2"],
    ["links with words", "<https://a.example/|our shop>", "our shop (https://a.example/)"],
    ["hosts that Slack made links of", "<http://a.example|a.example>", "a.example"],
    ["mail addresses", "<mailto:me@a.example|me@a.example> <mailto:you@a.example>", "me@a.example you@a.example"],
    ["phone numbers", "<tel:+15550100|+1 555-0100> <tel:5550100>", "+1 555-0100 5550100"],
    ["bold, italic, struck", "*big* _soft_ ~gone~ *_both_*", "big soft gone both"],
    ["markers around a mention", "*<@U1>!*", "@Anna!"],
    ["no markers within words", "snake_case_name 2*3*4 a~b~c", "snake_case_name 2*3*4 a~b~c"],
    ["no markers beside spaces", "2 * 3 * 4 and _ this _", "2 * 3 * 4 and _ this _"],
    ["code, left alone inside", "`a *b* :wave: &amp; <http://c.example|c.example>`", "a *b* :wave: & c.example"],
    ["blocks of code", "```x = *y*;\n:wave:```", "x = *y*;\n:wave:"],
    ["quotes", "&gt; said\nanswer", "> said\nanswer"],
    ["bullets as characters", "• one\n• two", "• one\n• two"],
    ["emoji", "hi :wave::skin-tone-3: :thumbsup:", "hi 👋🏼 👍"],
    ["emoji with markers in their names", "_:white_check_mark:_", "✅"],
    ["a workspace's own emoji, left as they are", ":shipit: at 10:30:45", ":shipit: at 10:30:45"],
    ["no-break spaces", "a\u00a0b", "a b"],
  ])("%s", (_, text, plain) => {
    expect(ofMrkdwn(text)).toBe(plain);
  });
});

describe("text in blocks becomes plain", () => {
  it("and keeps characters that only look like markup", () => {
    expect(ofRich([section(words("*not bold* _nor this_ :wave: 2*3*4"))])).toBe("*not bold* _nor this_ :wave: 2*3*4");
  });

  it("without its styles, with names, links and emoji in words", () => {
    const elements: RichNode[] = [
      { type: "text", text: "Dear ", style: { bold: true } },
      { type: "user", user_id: "U1" },
      words(" "),
      { type: "emoji", name: "wave", skin_tone: 3, unicode: "1f44b-1f3fc" },
      { type: "emoji", name: "new-in-2030", unicode: "1f600" },
      { type: "emoji", name: "shipit" },
      words(" "),
      { type: "link", url: "http://a.example", text: "a.example" },
      words(" "),
      { type: "link", url: "https://a.example/x", text: "here" },
      words(" "),
      { type: "link", url: "mailto:me@a.example", text: "me@a.example" },
      words(" "),
      { type: "broadcast", range: "here" },
      { type: "date", fallback: " today" },
    ];
    expect(ofRich([section(...elements)])).toBe(
      "Dear @Anna 👋🏼😀:shipit: a.example here (https://a.example/x) me@a.example @here today",
    );
  });

  it("with names of channels and groups from the text beside them", () => {
    const elements = [
      section(
        { type: "channel", channel_id: "C1" },
        words(" "),
        { type: "usergroup", usergroup_id: "S1" },
        words(" "),
        { type: "channel", channel_id: "C2" },
      ),
    ];
    expect(ofRich(elements, "<#C1|orders> <!subteam^S1|@night> <#C2>")).toBe("#orders @night #channel");
  });

  it("with bullets, numbers, quotes and code as characters", () => {
    const list = (style: string, ...items: string[]): RichNode => ({
      type: "rich_text_list",
      style,
      elements: items.map((item) => section(words(item))),
    });
    const elements: RichNode[] = [
      section(words("Bring:\n")),
      list("bullet", "tea", "milk"),
      { ...list("bullet", "cold"), indent: 1 },
      { ...list("ordered", "boil", "pour"), offset: 1 },
      { type: "rich_text_quote", elements: [words("said\ntwice")] },
      { type: "rich_text_preformatted", elements: [words("x = 1")] },
    ];
    expect(ofRich(elements)).toBe("Bring:\n• tea\n• milk\n  • cold\n2. boil\n3. pour\n> said\n> twice\nx = 1");
  });

  it("whether or not Slack escapes them there", () => {
    expect(ofRich([section(words("a & b"))], "a &amp; b")).toBe("a & b");
    expect(ofRich([section(words("a &amp; b"))], "a &amp; b")).toBe("a & b");
    expect(ofRich([section(words("type &amp; here"))], "type &amp;amp; here")).toBe("type &amp; here");
  });
});

it("finds everybody who is named", () => {
  const blocks = [{ type: "rich_text", elements: [section({ type: "user", user_id: "U2" })] }];
  expect(peopleIn({ text: "<@U1> <@U2|b>", blocks })).toEqual(["U1", "U2"]);
});

describe("whatever is typed", () => {
  const pieces = fc.constantFrom(
    ...Array.from("*_~`<>|&;:@#!\n ab1•"),
    "<@U1>",
    "&lt;",
    ":wave:",
    "```",
    "<http://a|b>",
    "\uE0000\uE000",
  );
  const typed = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
  );

  it("something plain comes out", () => {
    fc.assert(
      fc.property(typed, (text) => {
        const plain = ofMrkdwn(text);
        expect(typeof plain).toBe("string");
        expect(plain).not.toMatch(/<@U1>|\uE000\d+\uE000/);
      }),
    );
  });

  it("what is within code within a link comes out as well", () => {
    expect(ofMrkdwn("<```<@U1>`>``")).not.toMatch(/\uE000/);
    expect(ofMrkdwn("<```<@U1>`>``")).toContain("@Anna");
  });

  it("a name that looks like a piece of the text is none", () => {
    const hostile: Names = { ...names, person: () => "\uE0000\uE000" };
    expect(plainText({ text: "hi <@U1> and <@U2>" }, hostile)).toMatch(/^hi @.* and @/);
  });

  it("words without any markup come out as they are", () => {
    const sober = fc.stringMatching(/^[a-z0-9 .,?!'()-]*$/);
    fc.assert(
      fc.property(sober, (text) => {
        expect(ofMrkdwn(text)).toBe(text.trim());
      }),
    );
  });

  it("text in blocks comes out as it is", () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\s\u00a0]+/g, " ").trim());
    fc.assert(
      fc.property(
        line.filter((text) => text !== ""),
        (text) => {
          const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
          expect(ofRich([section(words(text))], escaped)).toBe(text);
        },
      ),
    );
  });
});
