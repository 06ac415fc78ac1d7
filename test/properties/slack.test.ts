/** Slack: what contacts text is shown to the letter and interpreted nowhere; what colleagues type is sent as it looks. */
import * as fc from "fast-check";
import { describe, test } from "vitest";
import { cardMessage } from "../../adapters/slack/card.js";
import { fromSlack, peopleMentioned, pressedIn, type Reader } from "../../adapters/slack/from-slack.js";
import { peopleIn, plainText, type Names } from "../../adapters/slack/plain-text.js";
import { escaped, isSettled, messageOf, settledMessage } from "../../adapters/slack/to-slack.js";
import type { RichNode } from "../../adapters/slack/wire.js";
import type { Post, Speaker } from "../../src/message.js";
import { jsonWith, must, runs, texts, wellFormed } from "./inputs.js";

const now = 1_700_000_000_000;
const names: Names = { person: (id) => (id === "U123" ? "Anna <!here>" : undefined), emoji: () => undefined };

const speakers: fc.Arbitrary<Speaker> = fc.record({
  kind: fc.constantFrom("contact", "colleague", "phone", "bridge"),
  name: texts,
});
const posts: fc.Arbitrary<Post> = fc.record(
  {
    speaker: speakers,
    texts: fc.array(fc.record({ text: texts, at: fc.constantFrom(now, now - 1e7, now - 100) }), {
      minLength: 1,
      maxLength: 3,
    }),
    note: fc.boolean(),
  },
  { requiredKeys: ["speaker", "texts"] },
);

/** All that Slack would not take as it stands, in a text of its own markup. */
const signs = /[<>]|&(?!amp;|lt;|gt;)/;

/** The words of rich text, which Slack shows as they are; every other element is one of ours. */
function wordsOf(blocks: readonly unknown[]): { words: string[]; others: string[] } {
  const words: string[] = [];
  const others: string[] = [];
  const walk = (node: RichNode): void => {
    if (node.type === "text") words.push(node.text ?? "");
    else if (node.elements === undefined) others.push(node.type ?? "");
    for (const inner of node.elements ?? []) walk(inner);
  };
  for (const block of blocks) walk(block as RichNode);
  return { words, others };
}

describe("a post", () => {
  test("holds each text to the letter, and nothing in it is markup, a mention, a link or an emoji", () => {
    fc.assert(
      fc.property(posts, (post) => {
        const message = messageOf(post, now);
        const { words, others } = wordsOf(message.blocks);
        const shown = post.texts.map(({ text }) => (text.trim() === "" ? "(no text)" : wellFormed(text)));
        must(words.filter((word) => shown.includes(word)).length >= shown.length, () => words);
        must(
          others.every((type) => type === "date" || (type === "emoji" && post.note === true)),
          () => others,
        );
        must(!signs.test(message.text), () => message.text);
      }),
      runs,
    );
  });

  test("is spoken under a name on one line, without signs of direction", () => {
    fc.assert(
      fc.property(posts, (post) => {
        const { username = "" } = messageOf(post, now);
        must(
          username.length <= 200 && !/[\p{Cc}\p{Surrogate}\u202a-\u202e\u2066-\u2069]/u.test(username),
          () => username,
        );
      }),
      runs,
    );
  });

  test("as an update keeps what stood there, and says what was decided, both uninterpreted", () => {
    fc.assert(
      fc.property(posts, texts, (post, name) => {
        const outcome = `${name} sent it again.`;
        const { text, blocks } = messageOf(post, now);
        const settled = settledMessage({ text, blocks }, outcome);
        const words = wordsOf(settled.blocks).words.join("|");
        must(words === [...wordsOf(blocks).words, outcome].join("|"), () => words);
        must(!signs.test(settled.text) && isSettled(settled, outcome), () => settled);
      }),
      runs,
    );
  });

  test("as a card shows contact and line, uninterpreted", () => {
    fc.assert(
      fc.property(texts, texts, (contact, line) => {
        const { text, blocks } = cardMessage({ contact, line, state: "open" }, "//");
        must(!signs.test(text), () => text);
        must(
          wordsOf(blocks).others.every((type) => type === "emoji" || type === "plain_text"),
          () => blocks,
        );
      }),
      runs,
    );
  });
});

const tidy = (text: string): string =>
  text
    .replaceAll("\u00a0", " ")
    .replaceAll(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();

describe("what a person types", () => {
  test("comes back to the letter, as Slack tells it in blocks", () => {
    fc.assert(
      fc.property(texts, (typed) => {
        const elements = [{ type: "rich_text_section", elements: [{ type: "text", text: typed }] }];
        const text = plainText({ text: escaped(typed), blocks: [{ type: "rich_text", elements }] }, names);
        must(text === tidy(typed), () => text);
      }),
      runs,
    );
  });

  test("comes back to the letter, as Slack tells it in text alone, where nothing is marked up", () => {
    // A line that begins with > is a quote.
    const plain = texts.map((typed) => typed.replaceAll(/[*_~`:\ue000]/g, "").replaceAll(/^[>\s]+/gm, ""));
    fc.assert(
      fc.property(plain, (typed) => {
        const text = plainText({ text: escaped(typed) }, names);
        must(text === tidy(typed), () => text);
      }),
      runs,
    );
  });

  test("whatever it is, is text, without anything that was only held for a moment", () => {
    const types = [
      "text",
      "link",
      "emoji",
      "user",
      "channel",
      "usergroup",
      "broadcast",
      "rich_text_list",
      "rich_text_quote",
    ];
    const nodes: fc.Arbitrary<RichNode> = fc.record(
      {
        type: fc.constantFrom(...types),
        text: texts,
        url: texts,
        name: texts,
        user_id: texts,
        unicode: texts,
        style: texts,
      },
      { requiredKeys: ["type"] },
    );
    const blocks = fc.array(
      fc.record({
        type: fc.constantFrom("rich_text", "section"),
        elements: fc.array(fc.record({ type: fc.constantFrom(...types), elements: fc.array(nodes, { maxLength: 3 }) })),
      }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(texts, fc.option(blocks, { nil: undefined }), (text, rich) => {
        const plain = plainText({ text, blocks: rich }, names);
        must(plain === plain.trim(), () => plain);
        peopleIn({ text, blocks: rich });
        must(rich !== undefined || !/\ue000\d+\ue000/.test(plain), () => plain);
      }),
      runs,
    );
  });
});

test("any body of Slack's is an event or none, and breaks nothing", () => {
  const fields = [
    ...["type", "subtype", "channel", "user", "text", "ts", "thread_ts", "blocks", "files", "message", "edited"],
    ...["previous_message", "deleted_ts", "actions", "action_id", "id", "team_id", "elements", "event_ts", "bot_id"],
  ];
  const reader: Reader = { home: { team: "T1", botUser: "UBOT" }, allowOutsiders: false, names };
  fc.assert(
    fc.property(
      jsonWith(fields),
      jsonWith(fields),
      fc.constantFrom("event_callback", "block_actions"),
      (event, more, type) => {
        const wire = typeof event === "object" && event !== null ? event : {};
        for (const body of [more, { type, ...wire, event: { type: "message", channel: "C1", ...wire } }]) {
          fromSlack(body, reader);
          peopleMentioned(body);
          pressedIn(body);
        }
      },
    ),
    runs,
  );
});
