/** The word that was probably meant, or none. Case, `_` and `-` do not count; for the rest, two slips at most. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const slips = known.map((name) => ({ name, slips: distance(plain(word), plain(name)) }));
  const [best] = slips.toSorted((a, b) => a.slips - b.slips);
  return best !== undefined && best.slips <= Math.min(2, Math.floor(best.name.length / 2)) ? best.name : undefined;
}

function plain(word: string): string {
  return word.slice(0, 60).toLowerCase().replaceAll(/[_-]/g, "");
}

/** How many letters must be added, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
