import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderCard, topicColour, topicName } from "../../../adapters/telegram/card.js";
import { keyboard, renderPost, type Setting, TEXT_LIMIT } from "../../../adapters/telegram/to-telegram.js";
import { assemble, clip, type Words } from "../../../adapters/telegram/words.js";
import { GiveUp } from "../../../src/errors.js";
import type { Post, Speaker } from "../../../src/message.js";
import { NOW } from "./reading.js";

const TOPIC: Setting = { kind: "topic" };
const CHAIN: Setting = { kind: "chain", line: "Sales" };
const clock = { now: () => NOW, show: (at: number) => new Date(at).toISOString().slice(11, 16) };
const contact: Speaker = { kind: "contact", name: "+1 555 0100" };
const ann: Speaker = { kind: "colleague", name: "Ann" };

function post(speaker: Speaker, ...texts: readonly (string | [string, number])[]): Post {
  return {
    speaker,
    texts: texts.map((text) => (typeof text === "string" ? { text, at: NOW } : { text: text[0], at: text[1] })),
  };
}

/** The text with what its entities cover, such as `<bold:Ann> hello`. */
function marked({ text, entities }: Words): string {
  return entities.toReversed().reduce((words, { type, offset, length }) => {
    return `${words.slice(0, offset)}<${type}:${words.slice(offset, offset + length)}>${words.slice(offset + length)}`;
  }, text);
}

function render(what: Post, setting = TOPIC): string {
  return marked(renderPost(what, setting, clock));
}

describe("a post", () => {
  test("of the contact begins with the number, so that it is told from a notice at a glance", () => {
    expect(render(post(contact, "hello"))).toBe("<bold:+1 555 0100>\nhello");
    expect(render(post({ kind: "bridge", name: "SMS" }, "hello"))).toBe("<italic:hello>");
  });

  test("of anybody else begins with the name", () => {
    expect(render(post(ann, "hello"))).toBe("<bold:Ann>\nhello");
  });

  test("of a desk phone or the PBX's own app says so beside the line's name", () => {
    const phone = "<bold:Sales> · desk phone or PBX app\nhello";
    expect(render(post({ kind: "phone", name: "Sales" }, "hello"))).toBe(phone);
    expect(render(post({ kind: "phone", name: "Sales" }, "hello"), CHAIN)).toBe(phone);
  });

  test("in a chain names the line as well", () => {
    expect(render(post(contact, "hello"), CHAIN)).toBe("<bold:+1 555 0100> · Sales\nhello");
    expect(render(post(contact, "hello"), { kind: "chain", line: undefined })).toBe("<bold:+1 555 0100>\nhello");
  });

  test("of a note is told apart at a glance", () => {
    expect(render({ ...post(ann, "call her"), note: true })).toBe("📝 <bold:Ann>\ncall her");
  });

  test("of the bridge is in italics", () => {
    expect(render(post({ kind: "bridge", name: "Bridge" }, "Not sent."))).toBe("<italic:Not sent.>");
  });

  test("of several texts separates them, and tells the time where more than a minute lies between", () => {
    const late = NOW - 120_000;
    expect(render(post(contact, ["one", late], ["two", late + 60_000], ["three", NOW + 1]))).toBe(
      "<bold:+1 555 0100>\none\n\ntwo\n\n<italic:12:00>\nthree",
    );
  });

  test("of a text that comes late tells when it was written", () => {
    expect(render(post(contact, ["one", NOW - 3_600_000]))).toBe("<bold:+1 555 0100>\n<italic:11:00>\none");
    expect(render(post(contact, ["one", NOW - 180_000]))).toBe("<bold:+1 555 0100>\n<italic:11:57>\none");
  });

  test("of a notice that comes late tells it too", () => {
    const late = post({ kind: "bridge", name: "SMS" }, ["Not delivered.", NOW - 3_600_000]);
    expect(render(late)).toBe("<italic:11:00>\n<italic:Not delivered.>");
  });

  test("without anything to see says so, as Telegram would refuse it", () => {
    expect(render(post(contact, " \u200b\n"))).toBe("<bold:+1 555 0100>\n<italic:(a blank text)>");
  });

  test("that cannot fit in one message is given up, never cut", () => {
    expect(() => renderPost(post(contact, "x".repeat(4097)), TOPIC, clock)).toThrow(GiveUp);
  });
});

describe("a user name in somebody's text", () => {
  test("rings nobody, and every character stays in place", () => {
    const text = "ask @ann_lee, or mail ann@example.com (@bob)";
    expect(renderPost(post(ann, text), TOPIC, clock).text).toBe(`Ann\n${text}`);
    expect(render(post(ann, text))).toBe("<bold:Ann>\nask <code:@ann_lee>, or mail ann@example.com (<code:@bob>)");
  });

  test("rings nobody within a name or a notice either", () => {
    expect(render(post({ kind: "colleague", name: "x @ann" }, "hello"))).toBe("<bold:x ><code:@ann>\nhello");
    expect(render(post({ kind: "bridge", name: "" }, "ask @ann now"))).toBe("<italic:ask ><code:@ann><italic: now>");
  });

  test("rings nobody if it hides behind characters that Telegram removes", () => {
    expect(render(post(ann, "@\u202eann and @b\rob"))).toBe("<bold:Ann>\n<code:@\u202eann> and <code:@b\rob>");
  });

  test("rings nobody even if there are more than Telegram takes entities", () => {
    const { entities } = renderPost(post({ kind: "bridge", name: "" }, "@ann ".repeat(300)), TOPIC, clock);
    expect(entities.filter(({ type }) => type === "code")).toEqual([{ type: "code", offset: 0, length: 300 * 5 - 1 }]);
  });
});

const anyText = fc.string({
  unit: fc.constantFrom("a", "@", "_", "\n", " ", "é", "😀", "\u{1F1E6}", "\ud800", "b c"),
  maxLength: 400,
});
const anyName = fc.string({ unit: "binary", maxLength: 300 });
const anyPost: fc.Arbitrary<Post> = fc.record({
  speaker: fc.record({ kind: fc.constantFrom("contact", "colleague", "phone", "bridge"), name: anyName }),
  texts: fc.array(fc.record({ text: anyText, at: fc.integer({ min: 0, max: 2 * NOW }) }), {
    minLength: 1,
    maxLength: 60,
  }),
  note: fc.boolean(),
});
const anySetting = fc.oneof(fc.constant(TOPIC), fc.record({ kind: fc.constant("chain" as const), line: anyName }));
const fits = ({ texts }: Post) => texts.map(({ text }) => text).join("\n\n").length <= TEXT_LIMIT;

test("entities never overlap, never leave the text, never split a character, and are never too many", () => {
  fc.assert(
    fc.property(anyPost.filter(fits), anySetting, (any, setting) => {
      const { text, entities } = renderPost(any, setting, clock);
      let end = 0;
      for (const { offset, length } of entities) {
        expect(offset).toBeGreaterThanOrEqual(end);
        expect(length).toBeGreaterThan(0);
        end = offset + length;
        expect(text.slice(offset, end)).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
      }
      expect(end).toBeLessThanOrEqual(text.length);
      expect(entities.length).toBeLessThanOrEqual(100);
      expect(text.length).toBeLessThanOrEqual(4096);
    }),
  );
});

test("texts stand verbatim and in order, but for halves of characters", () => {
  fc.assert(
    fc.property(anyPost.filter(fits), anySetting, (any, setting) => {
      const { text } = renderPost(any, setting, clock);
      let from = 0;
      for (const { text: one } of any.texts.filter((each) => /[a@é_b😀]/u.test(each.text))) {
        const found = text.indexOf(one.replaceAll(/\p{Surrogate}/gu, "\uFFFD"), from);
        expect(found).toBeGreaterThanOrEqual(from);
        from = found + one.length;
      }
    }),
  );
});

test("a full post of many short texts fits too", () => {
  const texts = Array.from({ length: 1267 }, (_, index): [string, number] => ["x", NOW + index * 90_000]);
  expect(
    renderPost(post({ kind: "colleague", name: "n".repeat(500) }, ...texts), CHAIN, clock).text.length,
  ).toBeLessThanOrEqual(4096);
});

test("a button's data names the action and the subject", () => {
  const choice = { action: "discard", subject: "s".repeat(40), label: "No" } as const;
  expect(keyboard([choice])).toEqual({
    inline_keyboard: [[{ text: "No", callback_data: `discard:${choice.subject}` }]],
  });
  expect(keyboard([])).toBeUndefined();
});

describe("a card", () => {
  const card = { contact: "+1 555 0100", line: "Sales", did: "+1 555 0199", state: "open" } as const;

  test("shows contact, line and state, and how to answer", () => {
    expect(marked(renderCard(card, "topic"))).toBe(
      "<bold:+1 555 0100> · Sales · +1 555 0199\nOpen\n<italic:Write here to answer.>",
    );
    expect(renderCard(card, "chain").text).toContain("Reply to this message");
  });

  test("gives its topic a name of at most 128 characters, cut between characters", () => {
    expect(topicName(card)).toBe("+1 555 0100 · Sales");
    const long = topicName({ ...card, contact: "😀".repeat(100) });
    expect(long.length).toBeLessThanOrEqual(128);
    expect(long).toMatch(/😀…$/u);
  });

  test("gives the topics of one line one of Telegram's colours, the same each time", () => {
    expect(topicColour(card)).toBe(topicColour({ ...card, contact: "other" }));
    expect([7322096, 16766590, 13338331, 9367192, 16749490, 16478047]).toContain(topicColour(card));
  });
});

test("a clipped name is never longer than asked and stays whole characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (name, limit) => {
      expect(clip(name, limit).length).toBeLessThanOrEqual(limit);
      expect(clip(name, limit)).not.toMatch(/[\uD800-\uDBFF]…$/);
    }),
  );
});

test("nothing styled is no entity", () => {
  expect(assemble([{ text: "", style: "bold" }, { text: "x" }])).toEqual({ text: "x", entities: [] });
});
