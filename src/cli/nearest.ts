// "Did you mean": the known word nearest to a mistyped one, or none if nothing is near enough to be meant.
// For commands here; the policy reader asks it for unknown keys as well.

/** Levenshtein distance; words are short, so two rows are enough. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The nearest of `known` within a third of the word's length (at least one edit), or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  const byDistance = known.map((each) => ({ each, away: distance(word.slice(0, 40), each) }));
  const [best] = byDistance.toSorted((a, b) => a.away - b.away);
  return best !== undefined && best.away <= Math.max(1, Math.ceil(word.length / 3)) ? best.each : null;
}
