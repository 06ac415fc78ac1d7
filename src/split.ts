/** Long texts: divided, never cut. Pure. */

/**
 * Divides a text into parts of at most `limit` UTF-16 units, at the last paragraph, line or word end that fits, else between two
 * characters as people see them. The parts joined give the text again. An empty text gives one empty part.
 */
export function split(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const at = boundary(rest, limit);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return rest === "" && parts.length > 0 ? parts : [...parts, rest];
}

/** A part is not made shorter than half of the limit for the sake of a nicer place. */
function boundary(text: string, limit: number): number {
  const head = text.slice(0, limit);
  for (const end of ["\n\n", "\n", " "]) {
    const at = head.lastIndexOf(end);
    if (at >= limit / 2) return at + end.length;
  }
  return betweenCharacters(text, limit);
}

/** The last border between two graphemes at or before `limit`; a grapheme longer than that is divided between code points. */
function betweenCharacters(text: string, limit: number): number {
  let at = 0;
  // The longest graphemes in use (families, flags of regions) have under 64 units: a window of that size finds the border.
  const from = Math.max(0, limit - 256);
  for (const { index, segment } of new Intl.Segmenter().segment(text.slice(from, limit + 64))) {
    const end = from + index + segment.length;
    if (end > limit) break;
    at = end;
  }
  if (at > from) return at;
  return isLowSurrogate(text.charCodeAt(limit)) && limit > 1 ? limit - 1 : limit;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
