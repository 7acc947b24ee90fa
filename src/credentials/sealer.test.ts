import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { createSealer } from './sealer.ts';

const sealer = createSealer(Buffer.alloc(32, 3), systemRandom());
const bytes = Buffer.from('{"query":"mutation { volumeDelete }"}');

describe('sealer', () => {
  it('property: opens what it sealed, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (id, each) => {
        expect(Buffer.from(sealer.open(id, sealer.seal(id, each)))).toEqual(Buffer.from(each));
      }),
    );
  });

  it('seals the same bytes differently each time, and shows nothing of them', () => {
    const sealed = Buffer.from(sealer.seal('a', bytes));
    expect(sealed.equals(Buffer.from(sealer.seal('a', bytes)))).toBe(false);
    expect(sealed.includes('volumeDelete')).toBe(false);
    expect(sealed.length).toBe(bytes.length + 29);
  });

  it.each<[string, () => Uint8Array]>([
    ['under another id', () => sealer.seal('b', bytes)],
    ['under another key', () => createSealer(Buffer.alloc(32, 4), systemRandom()).seal('a', bytes)],
    ['cut short', () => sealer.seal('a', bytes).subarray(0, -1)],
    ['empty', () => new Uint8Array()],
    ['never sealed', () => bytes],
  ])('refuses what was sealed %s', (_name, make) => {
    expect(() => sealer.open('a', make())).toThrow(expect.objectContaining({ code: 'seal-broken' }));
  });

  it('refuses any changed byte', () => {
    const sealed = sealer.seal('a', bytes);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => sealer.open('a', changed)).toThrow(expect.objectContaining({ code: 'seal-broken' }));
    }
  });
});
