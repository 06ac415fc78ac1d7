/** What Slack's composer makes of what people type, through the parser: the blocks decide, not a guess from `text`. */
import { describe, expect, it } from "vitest";
import type { Written } from "../../../src/adapter.js";
import { judge, type Verdict } from "../../../src/bridge.js";
import { createEmojiNames } from "../../../adapters/slack/emoji.js";
import { fromSlack } from "../../../adapters/slack/from-slack.js";

const names = { person: () => undefined, emoji: createEmojiNames() };
const home = { team: "T1", botUser: "UBOT" };
const rules = { notePrefix: "//", undoSeconds: 0, askAfterMinutes: 0, maxTextLength: 1000 };

const words = (text: string, style?: object) => ({ type: "text", text, ...(style && { style }) });
const rich = (...elements: object[]) => [{ type: "rich_text", block_id: "b", elements }];
const section = (...elements: object[]) => ({ type: "rich_text_section", elements });
const typed = (...elements: object[]) => rich(section(...elements));

function read(text: string, blocks?: object[]): Written {
  const message = {
    type: "message",
    channel: "C1",
    user: "U1",
    ts: "1700000060.000200",
    thread_ts: "1700000000.000100",
  };
  const event = { ...message, text, ...(blocks && { blocks }) };
  return fromSlack({ type: "event_callback", event }, { home, allowOutsiders: false, names }) as Written;
}

const verdict = (text: string, blocks?: object[]): Verdict =>
  judge(read(text, blocks), undefined, rules, 1_700_000_060_000);

describe("a note stays in the team, however it is styled", () => {
  const [bold, italic, strike, code] = [{ bold: true }, { italic: true }, { strike: true }, { code: true }];
  const note = "// order_id 5 ~ 3*4 `x`";
  const list = (style: string) => ({ type: "rich_text_list", style, elements: [section(words(note))] });
  const cases: [string, string, object[]][] = [
    ["in bold", `*${note}*`, typed(words(note, bold))],
    ["in italics", `_${note}_`, typed(words(note, italic))],
    ["struck through", `~${note}~`, typed(words(note, strike))],
    ["as code", `\`${note}\``, typed(words(note, code))],
    ["in everything", `*_~${note}~_*`, typed(words(note, { ...bold, ...italic, ...strike }))],
    ["with its sign alone in italics", `_// _${note.slice(3)}`, typed(words("// ", italic), words(note.slice(3)))],
    ["with half of its sign in bold", `*/*${note.slice(1)}`, typed(words("/", bold), words(note.slice(1)))],
    ["as a block of code", `\`\`\`${note}\`\`\``, rich({ type: "rich_text_preformatted", elements: [words(note)] })],
    ["as a quote", `&gt; ${note}`, rich({ type: "rich_text_quote", elements: [words(note)] })],
    ["in a list", `• ${note}`, rich(list("bullet"))],
    ["in a numbered list", `1. ${note}`, rich(list("ordered"))],
  ];
  it.each(cases)("%s", (_, text, blocks) => {
    expect(verdict(text, blocks)).toEqual({ is: "note", text: note.slice(3) });
  });

  it.each(cases.filter(([what]) => what !== "with half of its sign in bold"))(
    "%s, also where Slack sends no blocks",
    (_, text) => {
      expect(verdict(text).is).toBe("note");
    },
  );
});

describe("what is typed goes out as it was typed", () => {
  it.each([
    ["asterisks that were pasted", "Use code *XMAS* now"],
    ["underscores that were pasted", "the password is _Tr0ub4_"],
    ["colons", "mix it 4:100:3"],
  ])("%s", (_, text) => {
    expect(verdict(text, typed(words(text)))).toEqual({ is: "reply", text });
  });

  it("words that are in blocks alone", () => {
    expect(verdict("", typed(words("we come at nine")))).toEqual({ is: "reply", text: "we come at nine" });
  });

  it.each([
    ["a canvas", { type: "canvas", file_id: "F1" }],
    ["an element without what it needs", { type: "link" }],
    ["an element that holds others of an unexpected form", { type: "rich_text_section", elements: [{ no: "type" }] }],
  ])("what only the text has words for: %s", (_, element) => {
    const text = "see <https://x.example/F1|the plan> now";
    const plain = "see the plan (https://x.example/F1) now";
    expect(read(text, typed(words("see "), element, words(" now"))).text).toBe(plain);
    expect(read(text, rich(section(words("see ")), element)).text).toBe(plain);
    expect(read("", typed(words("see "), element, words(" now"))).text).toMatch(/^see .*now$/);
  });
});
