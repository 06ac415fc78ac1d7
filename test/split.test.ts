import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { split } from "../src/split.js";
import { runs } from "./properties/inputs.js";

/** Texts with what is easily cut: emoji of several code points, flags, accents of their own, line ends. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."aé 🇩🇪 👩‍👩‍👧‍👦 👍🏽 e\u0301 \u0301 🏴󠁧󠁢󠁳󠁣󠁴󠁿 中 नि \n \r\n".split(" "),
        " ",
        "\n",
        "\n\n",
        "\r\n",
        " \u0301",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

const limits = fc.integer({ min: 1, max: 60 });

function borders(text: string): Set<number> {
  return new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index));
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

describe("split", () => {
  it("gives parts that joined are the text again", () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => split(text, limit).join("") === text),
      runs,
    );
  });

  it("keeps every part within the limit, and none empty but that of an empty text", () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        const parts = split(text, limit);
        return text === ""
          ? parts.length === 1 && parts[0] === ""
          : parts.every((part) => part.length > 0 && part.length <= limit);
      }),
      runs,
    );
  });

  it("never parts a surrogate pair where a part can hold it", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 60 }), (text, limit) => {
        fc.pre(isWellFormed(text));
        return split(text, limit).every(isWellFormed);
      }),
      runs,
    );
  });

  it("never cuts a character as people see it, unless it alone is longer than a part", () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        const longest = Math.max(0, ...[...new Intl.Segmenter().segment(text)].map(({ segment }) => segment.length));
        fc.pre(longest <= limit);
        const all = borders(text);
        let at = 0;
        return split(text, limit)
          .slice(0, -1)
          .every((part) => all.has((at += part.length)));
      }),
      runs,
    );
  });

  it("does not part flags in a long row of them", () => {
    const row = `a${"🇩🇪".repeat(2000)}`;
    for (const part of split(row, 999).slice(1)) expect(part.startsWith("🇩🇪")).toBe(true);
  });

  it("leaves a text that fits as it is", () => {
    expect(split("Hello there", 11)).toEqual(["Hello there"]);
    expect(split("", 10)).toEqual([""]);
  });

  it("prefers the end of a paragraph to that of a line, and that to the end of a word", () => {
    expect(split("one two three\n\nfour\nfive six", 20)).toEqual(["one two three\n\n", "four\nfive six"]);
    expect(split("one two three\nfour five", 18)).toEqual(["one two three\n", "four five"]);
    expect(split("one two three four five", 18)).toEqual(["one two three ", "four five"]);
  });

  it("does not make parts very short for the sake of a nicer place", () => {
    expect(split("I\n\nabcdefghijklmnop", 10)[0]).toBe("I\n\nabcdefg");
  });

  it("divides a long text without any spaces in a moment", () => {
    const startedAt = performance.now();
    expect(split("👩‍👩‍👧‍👦".repeat(20_000), 1000).join("")).toHaveLength(220_000);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
