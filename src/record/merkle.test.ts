import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { emptyRange, extendRange, nodeOf, rootOf } from './merkle.ts';

/** RFC 6962 2.1 read literally, as the oracle: split at the largest power of two below n. */
function treeHash(leaves: readonly string[]): string {
  const [first] = leaves;
  if (first === undefined) return createHash('sha256').digest('hex');
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeOf(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

const leafHash = (text: Buffer) =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.from([0]), text]))
    .digest('hex');

it('agrees with the recursive definition at every size up to 70', () => {
  let range = emptyRange;
  const leaves: string[] = [];
  expect(rootOf(range)).toBe(treeHash([]));
  for (let size = 1; size <= 70; size += 1) {
    const leaf = leafHash(Buffer.from(`${size}`));
    leaves.push(leaf);
    range = extendRange(range, leaf);
    expect(range.size).toBe(size);
    expect(rootOf(range)).toBe(treeHash(leaves));
  }
});

it('gives the roots published with certificate-transparency (its merkletree test vectors)', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const range = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex'))).reduce(extendRange, emptyRange);
  expect(rootOf(range)).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});
