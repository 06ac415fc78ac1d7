/** Inputs for the properties, cheap to build: what breaks software, and chance. */
import * as fc from "fast-check";
import { vi } from "vitest";

// Some seconds each, where nothing else runs.
vi.setConfig({ testTimeout: 300_000 });

/** So many of each property, in CI as everywhere. */
export const runs = { numRuns: 10_000 } as const;

/** An assertion that costs nothing where it holds: thousands of them are made. */
export function must(holds: boolean, what: () => unknown): void {
  if (!holds) throw new Error(`does not hold for ${JSON.stringify(what())}`);
}

/** What people, machines and attackers put into texts and names. */
export const nasty: readonly string[] = [
  ...[
    "<!channel>",
    "<!here|here>",
    "@here",
    "<@U123>",
    "<@U123|anna>",
    "<#C123>",
    "<!subteam^S1>",
    "<!date^1^{date}|x>",
  ],
  ...[
    "*bold*",
    "_it_",
    "~no~",
    "`code`",
    "```",
    "[x](javascript:alert(1))",
    "<http://a|b>",
    "<b>x</b>",
    "<script>",
    ":smile:",
  ],
  ...[
    "&amp;",
    "&lt;",
    "&",
    "<",
    ">",
    "&#60;",
    "&amp;lt;",
    "@anna",
    "@anna_the_bot",
    "/close",
    "/ban@bot",
    "https://t.me/+abc",
  ],
  ...[
    "\u202e",
    "\u200b",
    "\u2066",
    "\u0000",
    "\u0007",
    "\u001b[31m",
    "\ufeff",
    "\u00a0",
    "\ue000",
    "\ue0000\ue000",
    "\u3164",
  ],
  ...["\ud83d", "\ude00", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "Z\u0335\u0321\u0350\u0361", "e\u0301", "\u0301", "ﷺ", "𝕏"],
  ...[
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "",
    "%00",
    "%zz",
    "+",
    "=",
    "&a=b",
    ";",
    "'",
    '"',
    "\\",
    "${x}",
    "{{x}}",
  ],
  ...["__proto__", "constructor", "toString", "null", "true", "0", "-1", "1e999", "NaN", "12345678901234567890"],
  ...["+12015550123", "12015550123", "sip:+1@x", "ACME", "22395", "<+1>", "2026-01-01 00:00:00"],
];

/** A few pieces, any of them nasty. */
export const texts: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.constantFrom("hello", "a", "B", "7", "ü")), { maxLength: 5 })
  .map((pieces) => pieces.join(""));

/** Without halves of surrogate pairs, which no UTF-8 carries. */
export const carried: fc.Arbitrary<string> = texts.map(wellFormed);

export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

/**
 * Any JSON with the given names of fields, two levels deep. Made from one number, because fast-check takes a hundred times as long
 * for a tree of its own.
 */
export function jsonWith(names: readonly string[]): fc.Arbitrary<unknown> {
  return fc.integer().map((seed) => {
    const chance = chanceFrom(seed);
    const pick = <T>(of: readonly [T, ...T[]] | readonly T[]): T => of[chance(of.length)] as T;
    const many = <T>(most: number, make: () => T): T[] => Array.from({ length: chance(most + 1) }, make);
    const name = (): string => (chance(20) === 0 ? pick(["x", "__proto__"]) : pick(names));
    const scalar = (): unknown => (chance(2) === 0 ? pick(scalars) : many(3, () => pick(nasty)).join(""));
    const flat = (): unknown => [scalar, scalar, () => many(3, scalar), () => map(5, scalar)][chance(4)]?.();
    const map = (most: number, value: () => unknown): unknown =>
      // Not by fromEntries: JSON.parse, too, makes a field of its own of every name.
      JSON.parse(`{${many(most, () => `${JSON.stringify(name())}:${JSON.stringify(value())}`).join()}}`);
    return [flat, () => many(4, flat), () => map(7, flat), () => map(7, flat)][chance(4)]?.();
  });
}

const scalars = [
  null,
  true,
  false,
  0,
  -1,
  7,
  1.5,
  1e21,
  12345678901234567000,
  "",
  "in",
  "out",
  "sent",
  "C1",
  "message",
];

/** Whole numbers below a bound, always the same for a seed (xorshift). */
function chanceFrom(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
