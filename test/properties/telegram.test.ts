/** Telegram: what contacts text is shown to the letter, rings nobody and runs no command; any update is read or ignored. */
import * as fc from "fast-check";
import { describe, test } from "vitest";
import { renderCard, topicName } from "../../adapters/telegram/card.js";
import { filesOf, textOf } from "../../adapters/telegram/content.js";
import { readUpdate, type ReadingContext } from "../../adapters/telegram/from-telegram.js";
import { renderPost, type Setting } from "../../adapters/telegram/to-telegram.js";
import type { WireMessage } from "../../adapters/telegram/wire.js";
import { assemble, clip, type Words } from "../../adapters/telegram/words.js";
import type { Post } from "../../src/message.js";
import { detectEntities } from "../../src/sandbox/telegram/detect.js";
import { carried, jsonWith, must, runs, texts, wellFormed } from "./inputs.js";

const clock = { now: () => 1_700_000_000_000, show: () => "Mon 14:05" };
const settings: fc.Arbitrary<Setting> = fc.constantFrom<Setting>(
  { kind: "topic" },
  { kind: "chain", line: "@sales /stop" },
  { kind: "chain", line: undefined },
);
const posts: fc.Arbitrary<Post> = fc.record(
  {
    speaker: fc.record({ kind: fc.constantFrom("contact", "colleague", "phone", "bridge"), name: texts }),
    texts: fc.array(fc.record({ text: texts, at: fc.constantFrom(clock.now(), 1_600_000_000_000) }), {
      minLength: 1,
      maxLength: 3,
    }),
    note: fc.boolean(),
  },
  { requiredKeys: ["speaker", "texts"] },
);

/** What Telegram takes: entities within the text, in order, none within code, and no more than it reads. */
function expectTaken({ text, entities }: Words): void {
  must(!/\p{Surrogate}/u.test(text) && text.length <= 4096 && entities.length <= 100, () => text);
  let end = 0;
  for (const { offset, length } of entities) {
    must(offset >= end && length > 0, () => entities);
    end = offset + length;
  }
  must(end <= text.length, () => entities);
}

/** Neither rings a member of the group nor can be tapped to run a bot's command. */
function expectHarmless({ text, entities }: Words): void {
  const found = detectEntities(text, entities).filter(({ type }) => type === "mention" || type === "bot_command");
  must(found.length === 0, () => found.map(({ offset, length }) => text.slice(offset, offset + length)));
}

describe("a post", () => {
  test("holds each text to the letter, in order", () => {
    fc.assert(
      fc.property(posts, settings, (post, setting) => {
        const words = renderPost(post, setting, clock);
        expectTaken(words);
        let from = 0;
        for (const { text } of post.texts.filter(({ text: each }) => /[a-z]/.test(each))) {
          const at = words.text.indexOf(wellFormed(text), from);
          must(at >= from, () => words.text);
          from = at + text.length;
        }
      }),
      runs,
    );
  });

  test("mentions nobody and runs no command, by its texts or by anybody's name", () => {
    fc.assert(
      fc.property(posts, settings, (post, setting) => expectHarmless(renderPost(post, setting, clock))),
      runs,
    );
  });

  test("of one long text has its whole length, however much in it would have to be covered", () => {
    const long = texts.map((text) => `${text} @anna /close `.repeat(400).slice(0, 3800));
    fc.assert(
      fc.property(long, settings, (text, setting) => {
        const speaker = { kind: "contact", name: "+12015550123" } as const;
        const words = renderPost({ speaker, texts: [{ text, at: clock.now() }] }, setting, clock);
        expectTaken(words);
        expectHarmless(words);
        must(words.text.includes(wellFormed(text)), () => words.text);
      }),
      runs,
    );
  });

  test("as a card shows contact and line on lines of their own, and its topic has a name that Telegram takes", () => {
    fc.assert(
      fc.property(texts, texts, fc.constantFrom("topic", "chain"), (contact, line, setting) => {
        const card = { contact, line, state: "open" } as const;
        const words = renderCard(card, setting);
        expectTaken(words);
        expectHarmless(words);
        must(words.text.split("\n").length === 3 && topicName(card).length <= 128, () => words.text);
      }),
      runs,
    );
  });
});

test("a name that is clipped stays on one line, within its limit, and in whole characters", () => {
  fc.assert(
    fc.property(carried, fc.integer({ min: 2, max: 20 }), (name, limit) => {
      const clipped = clip(name, limit);
      must(clipped.length <= limit && !/[\p{Cc}\p{Surrogate}\u202e]/u.test(clipped), () => clipped);
    }),
    runs,
  );
});

test("pieces that are put together keep every letter", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ text: texts, style: fc.constantFrom("bold", "italic") }), { maxLength: 5 }),
      (pieces) => {
        const words = assemble(pieces);
        expectTaken(words);
        const letters = pieces.map(({ text }) => text.replaceAll(/\p{Surrogate}|\uFFFD/gu, "")).join("");
        must(words.text.replaceAll("\uFFFD", "") === letters, () => words.text);
      },
    ),
    runs,
  );
});

describe("what a person types", () => {
  const entities = fc.array(
    fc.record(
      {
        type: fc.constantFrom("bold", "text_link", "mention"),
        offset: fc.integer({ min: -5, max: 30 }),
        length: fc.integer({ min: -5, max: 30 }),
        url: texts,
      },
      { requiredKeys: ["type", "offset", "length"] },
    ),
    { maxLength: 3 },
  );

  test("comes back to the letter, and an address hidden behind words beside them", () => {
    fc.assert(
      fc.property(texts, entities, (text, marks) => {
        const message = { message_id: 1, date: 1, chat: { id: 1, type: "private" }, text, entities: marks };
        const told = textOf(message as WireMessage);
        must(told === text || marks.some(({ type }) => type === "text_link"), () => told);
        filesOf(message as WireMessage);
      }),
      runs,
    );
  });
});

test("any update is an event, a command, a change of a chat, or ignored, and breaks nothing", () => {
  const fields = [
    ...["message_id", "date", "chat", "from", "id", "type", "is_bot", "first_name", "text", "entities", "offset"],
    ...[
      "message_thread_id",
      "is_topic_message",
      "reply_to_message",
      "sender_chat",
      "data",
      "caption",
      "new_chat_member",
    ],
  ];
  const context: ReadingContext = {
    room: (actual) => ({ chat: String(actual), actual }),
    isPlace: () => true,
    wasPlace: () => false,
    bot: 710,
    allowedUsers: new Set([7]),
    username: "smsbot",
    receivedAt: 1,
  };
  const kinds = fc.constantFrom("message", "edited_message", "callback_query", "my_chat_member", "poll");
  const whole = {
    message_id: 1,
    date: 1,
    chat: { id: -1, type: "supergroup" },
    from: { id: 7, is_bot: false, first_name: "B" },
  };
  fc.assert(
    fc.property(kinds, jsonWith(fields), texts, (kind, wire, text) => {
      const more = typeof wire === "object" && wire !== null ? wire : {};
      for (const inner of [wire, { ...whole, text, ...more }, { ...more, ...whole, text }]) {
        const reading = readUpdate({ update_id: 1, [kind]: inner }, context);
        must(["event", "command", "moved", "membership", "reopened", "ignored"].includes(reading.kind), () => reading);
      }
    }),
    runs,
  );
});
