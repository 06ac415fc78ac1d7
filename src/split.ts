/** Long texts: divided, never cut. Pure. */

/**
 * Divides a text into parts of at most `limit` UTF-16 units, at the last paragraph, line or word end that fits, else between two
 * characters as people see them. The parts joined give the text again. An empty text gives one empty part.
 */
export function split(text: string, limit: number): string[] {
  // Nearly every text fits, and to make a segmenter costs more than all else that is decided of a text.
  if (text.length <= limit) return [text];
  const parts: string[] = [];
  const segmenter = new Intl.Segmenter();
  let rest = text;
  while (rest.length > limit) {
    const at = boundary(rest, limit, segmenter);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return rest === "" && parts.length > 0 ? parts : [...parts, rest];
}

/** A part is not made shorter than half of the limit for the sake of a nicer place. */
function boundary(text: string, limit: number, segmenter: Intl.Segmenter): number {
  const head = text.slice(0, limit);
  // Whether a character begins at the limit, the one code point behind it tells; to look at all of a long text takes long.
  const characters = segmenter.segment(text.slice(0, limit + 2));
  for (const end of ["\n\n", "\n", " "]) {
    const at = head.lastIndexOf(end) + end.length;
    // A space that carries an accent is no end of a word.
    if (at - end.length >= limit / 2 && characters.containing(at)?.index === at) return at;
  }
  return betweenCharacters(text, limit, characters);
}

/** The last border between two graphemes at or before `limit`; a grapheme longer than that is divided between code points. */
function betweenCharacters(text: string, limit: number, characters: Intl.Segments): number {
  const at = characters.containing(limit)?.index ?? limit;
  if (at > 0) return at;
  return limit > 1 && /^[\uDC00-\uDFFF]/.test(text.slice(limit)) ? limit - 1 : limit;
}
