import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../action/canonical.ts';
import type { EventDraft } from './event.ts';
import { chainOf, frameOf, genesis, leafOf, seal, textOf, textOfSealed } from './seal.ts';

const draft: EventDraft = {
  kind: 'held',
  atMs: 1_700_000_000_000,
  actionId: 'act_1',
  holdId: 'hold_1',
  agent: 'claude',
  session: 'ses_1',
  posture: 'brokered',
  data: { digest: 'ab', 'z\u20ac': [1, { b: null, a: true }] },
};

describe('seal', () => {
  it('covers every member but leaf and chain, in canonical form', () => {
    const sealed = seal(genesis, draft, 7, 'lab');
    const { leaf, chain, ...content } = sealed;
    expect(textOfSealed(sealed)).toBe(canonicalJson(content));
    expect(leaf).toBe(leafOf(canonicalJson(content)));
    expect(chain).toBe(chainOf(genesis, leaf));
  });

  it('frames any draft so that its text is the canonical one', () => {
    const nullable = fc.option(fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(
        nullable,
        nullable,
        fc.jsonValue({ depthSize: 'small' }),
        fc.maxSafeNat(),
        (agent, session, value, seq) => {
          const data = { value: JSON.parse(JSON.stringify(value)) };
          const any: EventDraft = { ...draft, agent, session, data };
          const content = { ...any, seq, stream: 's', v: 1 };
          expect(textOf(frameOf(any, 's'), seq)).toBe(canonicalJson(content));
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    [{ ...draft, atMs: 1.5 }, 'a fraction of a millisecond'],
    [{ ...draft, atMs: Number.NaN }, 'no time'],
    [{ ...draft, agent: '\ud800' }, 'a lone surrogate'],
    [{ ...draft, data: { a: undefined } } as unknown as EventDraft, 'undefined'],
  ])('refuses %# (%s)', (bad, _because) => {
    expect(() => seal(genesis, bad, 1, 'lab')).toThrow(TypeError);
  });
});
