/**
 * Which words were noted lately, without keeping them: a text that surely was not there before, as nearly every text, costs no look
 * into the database. Says "maybe" now and then for what was never noted, and never "no" for one of the last `most`.
 */
export interface Recent {
  readonly most: number;
  note(words: string): void;
  has(words: string): boolean;
}

/** About 20 bytes each. */
const MOST = 50_000;

export function createRecent(most = MOST): Recent {
  let newer = new Set<number>();
  let older = new Set<number>();
  return {
    most,
    note(words) {
      newer.add(hashOf(words));
      if (newer.size < most) return;
      older = newer;
      newer = new Set();
    },
    has(words) {
      const hash = hashOf(words);
      return newer.has(hash) || older.has(hash);
    },
  };
}

/** FNV-1a, 32 bits. */
function hashOf(words: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1) hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193);
  return hash;
}
