import { conversationId } from "../src/conversation-id.js";
import { describe, expect, it } from "vitest";
import type { Written } from "../src/adapter.js";
import { judge, markDelivery, showIn, textsOf, type Chats } from "../src/bridge.js";
import type { MessageId, PostId } from "../src/message.js";
import { createMessageIds, cutFrom, messageIdOf } from "../src/message-id.js";
import { ANNA, BEN, conversationWith, SALES, SLACK, TELEGRAM } from "./fixtures/conversations.js";

const rules = { notePrefix: "//", undoSeconds: 0, askAfterMinutes: 60, maxTextLength: 20 };

const chats: Chats = {
  textLimit: ({ platform }) => (platform === "slack" ? 100 : 10),
  pace: (_, work) => ({ target: work === "post" ? "posts" : "marks", concurrency: 1, rates: [] }),
};

function says(text: string, refused?: string): Written {
  const author = { id: "U1", ...(refused === undefined ? {} : { refused }) };
  return { kind: "written", key: "k", at: 0, place: SLACK, post: "p1" as PostId, author, text, files: [] };
}

const verdict = (text: string) => judge(says(text), undefined, rules, 0);

describe("what a person writes", () => {
  it.each(["// for us", "  // for us", "\n\t//for us  ", "//\nfor us"])("is a note with its prefix: %j", (text) => {
    expect(verdict(text)).toEqual({ is: "note", text: "for us" });
  });

  it.each([
    ...["／／ for us", "/／for us", "/\u200b/ for us", "/\u00ad\u2060/for us"],
    ...[
      "• // for us",
      "> // for us",
      ">// for us",
      "- ／／ for us",
      "1. // for us",
      "> • // for us",
      "\u200b• \u200b// for us",
    ],
  ])("is a note behind what people take for its prefix, quoted or in a list too: %j", (text) => {
    expect(verdict(text)).toEqual({ is: "note", text: "for us" });
  });

  it("as a note keeps its words as they were written", () => {
    expect(verdict("// ﬁne ／／ • x")).toEqual({ is: "note", text: "ﬁne ／／ • x" });
  });

  it("is a reply with its marks when no prefix is behind them", () => {
    for (const text of ["- 5 °C", "> yes", "1. tea", "https://a.example", "/ / x"])
      expect(verdict(text)).toEqual({ is: "reply", text });
  });

  it("is a note even if it is only the prefix, and is never sent", () => {
    expect(verdict("//").is).toBe("note");
    expect(verdict("///x").is).toBe("note");
    expect(verdict("///").is).toBe("note");
  });

  it.each(["/close", "!help", " /Ünknown now", "/x"])("is asked about when it looks like a command: %j", (text) => {
    expect(verdict(text)).toEqual({ is: "question", text: text.trim(), looksLike: "command" });
  });

  it("is asked about when it speaks to the bot, whatever it says", () => {
    for (const text of ["@SMS hello", "@SMS // hello", "@SMS"])
      expect(judge({ ...says(text), speaksTo: "bot" }, undefined, rules, 0)).toEqual({
        is: "question",
        text,
        looksLike: "bot",
      });
    expect(judge({ ...says("@SMS hello", "a guest"), speaksTo: "bot" }, undefined, rules, 0).is).toBe("refused");
  });

  it("is asked about when it speaks to colleagues, unless it is a note", () => {
    const said = (text: string) => judge({ ...says(text), speaksTo: "colleagues" }, undefined, rules, 0);
    expect(said("@Emma hello")).toEqual({ is: "question", text: "@Emma hello", looksLike: "colleagues" });
    expect(said("// @Emma hello").is).toBe("note");
  });

  it.each(["1/2 price", "/", "! wow", "!!", "/ 5", "see a/b", "@all", "/7"])("is a reply otherwise: %j", (text) => {
    expect(verdict(text)).toEqual({ is: "reply", text });
  });

  it("is what it looks like to people: characters that nobody sees before a note or a command hide nothing", () => {
    for (const invisible of ["\u200b", "\u2060", "\u200e", "\ufe0f", "\u00ad", " \u202a "]) {
      expect(verdict(`${invisible}// she never pays`).is).toBe("note");
      expect(verdict(`${invisible}/close`).is).toBe("question");
      expect(verdict(invisible).is).toBe("nothing");
    }
  });

  it("is nothing when there are no words", () => {
    expect(verdict(" \n ")).toEqual({ is: "nothing" });
  });

  it("is asked about when it was written long ago, unless it stays with the team or asking is switched off", () => {
    const after = (minutes: number, text = "hello", askAfterMinutes = 60) =>
      judge(says(text), undefined, { ...rules, askAfterMinutes }, minutes * 60_000);
    expect(after(60).is).toBe("reply");
    expect(after(61)).toEqual({ is: "question", text: "hello", looksLike: "late" });
    expect(after(-300).is).toBe("reply");
    expect(after(61, "/close")).toMatchObject({ looksLike: "command" });
    expect(after(61, "// for us").is).toBe("note");
    expect(after(61, "").is).toBe("nothing");
    expect(after(1_000_000, "hello", 0).is).toBe("reply");
    expect(after(2, "hello", 1).is).toBe("question");
  });

  it("does not leave the team when the person may not write, whatever it is", () => {
    for (const text of ["hello", "// note", "/command", ""]) {
      expect(judge(says(text, "a guest"), undefined, rules, 0)).toEqual({ is: "refused", reason: "a guest" });
      expect(judge(says(text), "a guest", rules, 0)).toEqual({ is: "refused", reason: "a guest" });
    }
  });
});

describe("ids", () => {
  it("of a conversation are the line's number and the contact, or the extension where the number is unknown", () => {
    const ids = [
      conversationId(7, SALES, ANNA),
      conversationId(7, SALES, BEN),
      conversationId(7, undefined, ANNA),
      conversationId(8, undefined, ANNA),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(conversationId(7, { ...SALES, wire: "other" }, { ...ANNA, wire: "other" })).toBe(ids[0]);
  });

  it("of a message are the same for the same event, and differ by event and platform", () => {
    expect(messageIdOf("slack", "1")).toBe(messageIdOf("slack", "1"));
    expect(new Set([messageIdOf("slack", "1"), messageIdOf("slack", "2"), messageIdOf("telegram", "1")]).size).toBe(3);
    expect(messageIdOf("slack", "1")).toMatch(/^m[\w-]{20}$/);
  });

  it("of new messages rise with time and never meet", () => {
    let now = 1_800_000_000_000;
    let byte = 0;
    const next = createMessageIds(
      () => now,
      (bytes) => Buffer.alloc(bytes, (byte += 1)),
    );
    const ids = Array.from({ length: 50 }, () => ((now += 1), next()));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(50);
    expect(ids[0]).toMatch(/^m[\w-]{20}$/);
  });
});

describe("random bytes", () => {
  it("are cut from larger pieces, none of them twice", () => {
    let asked = 0;
    let byte = 0;
    const cut = cutFrom((bytes) => ((asked += 1), Buffer.from(Array.from({ length: bytes }, () => (byte += 1)))), 8);
    const cuts = [3, 3, 3, 20].map((bytes) => cut(bytes));
    expect(cuts.map(({ length }) => length)).toEqual([3, 3, 3, 20]);
    expect(new Set(Buffer.concat(cuts)).size).toBe(29);
    expect(asked).toBe(3);
  });
});

describe("what is shown", () => {
  const conversation = conversationWith(ANNA);
  const message = "m12345678901234567890" as MessageId;
  const showing = { conversation, speaker: { kind: "contact", name: "x" }, at: 5, key: message, message } as const;

  it("goes to every place, in as many posts as that needs, in order, in the conversation's lane", () => {
    const deliveries = showIn([SLACK, TELEGRAM], { ...showing, text: "one two three four" }, chats);
    expect(deliveries.map(({ work }) => work.kind === "post" && [work.place.platform, work.text])).toEqual([
      ["slack", "one two three four"],
      ["telegram", "one two "],
      ["telegram", "three four"],
    ]);
    expect(new Set(deliveries.map(({ key }) => key)).size).toBe(3);
    expect(deliveries.every(({ lane }) => lane === `${conversation.id}>posts`)).toBe(true);
  });

  it("has its buttons under the last post, and mentions a post only where that is", () => {
    const choices = [{ action: "retry", subject: message, label: "Retry" }] as const;
    const about = { place: TELEGRAM, post: "p9" as PostId };
    const deliveries = showIn([SLACK, TELEGRAM], { ...showing, text: "one two three", choices, about }, chats);
    expect(deliveries.map(({ work }) => work.kind === "post" && [work.choices !== undefined, work.about])).toEqual([
      [true, undefined],
      [false, "p9"],
      [true, "p9"],
    ]);
  });

  it("has the same keys each time it is decided", () => {
    const decide = () => showIn([SLACK, TELEGRAM], { ...showing, text: "one two three" }, chats);
    expect(decide()).toEqual(decide());
  });
});

describe("marks", () => {
  it("of two places do not replace each other, even if the places share a rate", () => {
    const message = "m12345678901234567890" as MessageId;
    const lanes = [SLACK, { ...SLACK, chat: "C2" }].map((place) => markDelivery(place, "sent", message, chats).lane);
    expect(new Set(lanes).size).toBe(2);
  });

  it("of one subject in one place are one lane, so that the last one wins", () => {
    const of = "m12345678901234567890" as MessageId;
    const lanes = (["waiting", "sent", "failed"] as const).map((mark) => markDelivery(SLACK, mark, of, chats).lane);
    expect(new Set(lanes).size).toBe(1);
  });
});

describe("texts of a reply", () => {
  it("are as many as the PBX's length needs, with keys in order, and each is copied once it has left", () => {
    const reply = {
      ...{ conversation: conversationWith(ANNA), message: "m12345678901234567890" as MessageId, author: "Eve" },
      ...{ text: `${"word ".repeat(60)}end`, copyTo: [TELEGRAM], dueAt: 9 },
    };
    const texts = textsOf(reply, "pbx:7", rules);
    const works = texts.map(({ work }) => (work.kind === "text" ? work : undefined));
    expect(works.map((work) => work?.text).join("")).toBe(reply.text);
    expect(works.every((work) => work?.copyTo.length === 1)).toBe(true);
    expect(texts.map(({ key }) => key)).toEqual(texts.map(({ key }) => key).toSorted());
    expect(texts.every(({ urgency, dueAt, lane }) => urgency === 0 && dueAt === 9 && lane === texts[0]?.lane)).toBe(
      true,
    );
  });
});
