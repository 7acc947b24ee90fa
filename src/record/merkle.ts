// The Merkle tree of RFC 6962 over the journal's leaves, kept as a compact range: the roots of the perfect subtrees, at
// most one per bit of the size. Appending is O(1) amortised, so a checkpoint costs nothing but its signature.
// Inclusion proofs are not made here: whoever holds a checkpoint holds the export as well.

import { hash } from 'node:crypto';

export interface Range {
  readonly size: number;
  /** Roots of perfect subtrees, largest first; one per set bit of `size`. Hex. */
  readonly peaks: readonly string[];
}

export const emptyRange: Range = { size: 0, peaks: [] };

/** SHA-256(0x01 || left || right): RFC 6962 2.1, interior node. */
export function nodeOf(left: string, right: string): string {
  return hash('sha256', Buffer.from(`01${left}${right}`, 'hex'), 'hex');
}

/** The range with one more leaf. */
export function extendRange(range: Range, leaf: string): Range {
  const peaks = [...range.peaks];
  let node = leaf;
  // Each trailing one bit of the size is a perfect subtree as large as the one just made: they merge.
  for (let size = range.size; size % 2 === 1; size = (size - 1) / 2) node = nodeOf(peaks.pop() ?? node, node);
  peaks.push(node);
  return { size: range.size + 1, peaks };
}

/** Merkle tree hash of the range's leaves, hex; of no leaves, SHA-256 of nothing (RFC 6962 2.1). */
export function rootOf(range: Range): string {
  let root: string | null = null;
  for (const peak of range.peaks.toReversed()) root = root === null ? peak : nodeOf(peak, root);
  return root ?? hash('sha256', '', 'hex');
}
