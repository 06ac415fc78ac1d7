/** Whether texts stand in the order in which they were said, as far as anybody can tell. Pure. */

interface Said {
  readonly text: string;
  /** It was told again. */
  readonly again?: boolean;
}

export interface Shown {
  readonly text: string;
  readonly repeat: boolean;
}

/**
 * Texts that stand below one that should be below them. What is there once too often is judged by where it stands first, but the same
 * words may be wanted several times: then of those that say themselves that they may be a repeat so many are taken for one as there
 * are too many, and which they are nobody knows. So it is out of order if it is in every case.
 */
export function outOfOrder(want: readonly Said[], got: readonly Shown[]): string[] {
  const texts = [...new Set(want.map(({ text }) => text))];
  const cases = texts.reduce<readonly Shown[][]>(
    (all, text) => all.flatMap((kept) => withoutRepeats(kept, text, want.filter((each) => each.text === text).length)),
    [[...got]],
  );
  return cases.map((kept) => misplaced(want, kept)).reduce((best, each) => (each.length < best.length ? each : best));
}

/** All ways to take away what of a text is there too often and may be a repeat. */
function withoutRepeats(got: readonly Shown[], text: string, said: number): Shown[][] {
  const there = got.filter((each) => each.text === text);
  const marked = there.filter(({ repeat }) => repeat);
  const surplus = Math.min(marked.length, Math.max(0, there.length - said));
  return choose(marked, surplus).map((repeats) => got.filter((each) => !repeats.includes(each)));
}

function choose<T>(of: readonly T[], count: number): T[][] {
  const [first, ...rest] = of;
  if (count === 0) return [[]];
  if (first === undefined) return [];
  return [...choose(rest, count - 1).map((others) => [first, ...others]), ...choose(rest, count)];
}

function misplaced(want: readonly Said[], got: readonly Shown[]): string[] {
  const places = new Map<string, number[]>();
  want.forEach(({ text, again }, index) => {
    const before = places.get(text) ?? [];
    // Whether the words came as the same text told again or as the next one, nobody can tell: so only the first one has a place.
    if (before.length === 0 || again !== true) places.set(text, [...before, index]);
  });
  const order = got.flatMap(({ text }) => {
    const place = places.get(text)?.shift();
    return place === undefined ? [] : [{ text, place }];
  });
  return order.flatMap(({ text, place }, index) => {
    const above = order[index - 1];
    return above === undefined || place > above.place ? [] : [`${text} below ${above.text}`];
  });
}
