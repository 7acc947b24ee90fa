// The page against the incident's hold and against what an agent could write into it.

import { describe, expect, it } from 'vitest';
import type { Environment } from '../action/action.ts';
import type { Recovery } from '../action/effect.ts';
import { environment, sampleAtMs, sampleHold } from '../testing/sample-hold.ts';
import type { Hold } from './hold.ts';
import { breakGlass, holdHead, holdPage, stateLine } from './hold-page.ts';
import { inertLine, inertLines } from './inert-text.ts';
import { typedNameOf } from './typed-name.ts';

const uuid = '1c5300df-62e8-4ad4-aac2-60d9238d12fb';
const unknown: Environment = { kind: 'unknown', because: 'the walk was not complete' };

function withEnvironments(...environments: readonly Environment[]): Hold {
  const hold = sampleHold();
  return { ...hold, resolution: { ...hold.resolution, environments } };
}

function withRecovery(recovery: Recovery, undo: string | null): Hold {
  const hold = sampleHold();
  const resources = hold.resolution.resources.map((each) => ({ ...each, undo }));
  return { ...hold, reading: { ...hold.reading, recovery }, resolution: { ...hold.resolution, resources } };
}

function section(hold: Hold, title: string): string {
  const found = holdPage(hold).find((each) => each.title === title);
  return found === undefined ? 'no such section' : found.lines.join('\n');
}

describe('the three lines', () => {
  it('are those of the incident', () => {
    expect(holdHead(sampleHold())).toEqual([
      'ACTION volumeDelete railway:volume:3d2c42fb (pocketos-db)',
      'ENVIRONMENT production (verified by railway environment b30a1fbc) + staging (verified by railway environment 131a2901)',
      'WARNING DESTRUCTIVE — IRREVERSIBLE',
    ]);
  });

  it.each<[string, readonly Environment[], string]>([
    ['one', [environment('staging', 'open')], 'staging (verified by railway environment 131a2901)'],
    ['unknown', [unknown], 'unknown, treated as production (not verified: the walk was not complete)'],
    [
      'mixed: the verified one does not lend its evidence',
      [unknown, environment('staging', 'open')],
      'unknown, treated as production (not verified: the walk was not complete) + staging (verified by railway environment 131a2901)',
    ],
    [
      'ids by their first digits, the provider name only where it differs from ours',
      [
        {
          ...environment('production', 'protected'),
          by: `railway:environment:${uuid}, which the provider calls production`,
        },
        { ...environment('staging', 'open'), by: `railway:environment:${uuid}, which the provider calls prod-eu` },
      ],
      'production (verified by railway:environment:1c5300df…) + staging (verified by railway:environment:1c5300df…, which the provider calls prod-eu)',
    ],
    ['account', [{ kind: 'account' }], 'account (verified by the operation: it reaches the whole account)'],
    ['none', [], 'unknown, treated as production (not verified: nothing was resolved)'],
  ])('environment %s', (_name, environments, expected) => {
    expect(holdHead(withEnvironments(...environments))[1]).toBe(`ENVIRONMENT ${expected}`);
  });

  it.each<[Recovery, string | null, string]>([
    ['none', '48 h, e-mailed link', 'IRREVERSIBLE'],
    ['unknown', '48 h, e-mailed link', 'IRREVERSIBLE'],
    ['window', '48 h, e-mailed link', "can be undone until the provider's window ends, by 48 h, e-mailed link"],
    ['window', null, "can be undone until the provider's window ends, by not known"],
    ['undo', 'projectScheduleDeleteCancel', 'can be undone until not known, by projectScheduleDeleteCancel'],
    ['recreate', null, 'can be undone until not known, by creating it again (not known)'],
  ])('recovery %s with undo %j', (recovery, undo, expected) => {
    expect(holdHead(withRecovery(recovery, undo))[2]).toBe(`WARNING DESTRUCTIVE — ${expected}`);
  });
});

describe('the page', () => {
  it('says "not known" instead of leaving out', () => {
    const hold = sampleHold();
    const resources = hold.resolution.resources.map((each) => ({ ...each, blast: null, undo: null }));
    const lost = section({ ...hold, resolution: { ...hold.resolution, resources } }, 'What is lost');
    expect(lost.match(/not known/g)).toHaveLength(7);
    expect(section(hold, 'What is lost')).toContain('size 41 GB');
    expect(section(hold, 'What is lost')).toContain('backups inside that die with it: 6');
    expect(section(hold, 'What the human had asked')).toBe('not known');
  });

  it('shows safeguards with and without their proof, and says when no copy exists', () => {
    const backup = {
      kind: 'backup',
      backup: 'bookings',
      resource: 'railway:volume:3d2c42fb',
      maxAgeMs: 900_000,
    } as const;
    const needs = { ...sampleHold().needs, safeguards: [backup] };
    const requirement = '{"backup":"bookings","kind":"backup","maxAgeMs":900000,"resource":"railway:volume:3d2c42fb"}';
    const proof = { kind: 'backup', requirement, id: 'p', atMs: sampleAtMs, says: '12,418 = 12,418 rows' } as const;
    expect(section(sampleHold(), 'Safeguards')).toContain('no copy exists');
    expect(section(sampleHold({ needs }), 'Safeguards')).toBe(
      'backup bookings of railway:volume:3d2c42fb, at most 15 min old — not proven yet',
    );
    expect(section(sampleHold({ needs, proofs: [proof] }), 'Safeguards')).toContain(
      'proven 2026-04-24 14:03 UTC: 12,418 = 12,418 rows',
    );
    // A proof for another requirement proves nothing here.
    expect(section(sampleHold({ needs, proofs: [{ ...proof, requirement: '{}' }] }), 'Safeguards')).toContain(
      'not proven yet',
    );
  });

  it('says in red that approvals are not isolated where posture is advised, and only there', () => {
    const posture = (hold: Hold) => holdPage(hold).find((each) => each.title === 'Posture');
    expect(posture(sampleHold({ posture: 'advised' }))).toMatchObject({ tone: 'alarm' });
    expect(posture(sampleHold({ posture: 'advised' }))?.lines[1]).toContain(
      'approvals are not isolated from this agent',
    );
    expect(posture(sampleHold())).toEqual({ title: 'Posture', tone: 'plain', lines: ['brokered'] });
  });

  it.each([
    [['typed-name', 'approval-key'], 'typed-name + passkey or approval-key'],
    [['typed-name', 'passkey', 'approval-key'], 'typed-name + passkey or approval-key'],
    [['click'], 'click'],
  ] as const)('says what a yes needs: %j', (factors, words) => {
    const needs = { ...sampleHold().needs, factors };
    expect(section(sampleHold({ needs }), 'What a yes needs')).toContain(
      `1 human, each with ${words}; then 10 min delay.`,
    );
  });

  it('tells what this same request did before', () => {
    const before = { hold: 'hold_1', atMs: sampleAtMs, outcome: 'unknown' };
    expect(section(sampleHold({ before }), 'Before')).toBe(
      'this same request ran at 2026-04-24 14:03 UTC, outcome unknown (hold_1)',
    );
  });

  it('keeps the agent in its own section and its text inert everywhere', () => {
    const nasty = '\x1b[2J\u202eevil\nWARNING nothing to see';
    const hold = sampleHold({ claimed: nasty, asked: nasty, agent: nasty });
    const text = [...holdHead(hold), ...holdPage(hold).flatMap((each) => each.lines), ...breakGlass(hold)];
    expect(holdPage(hold).find((each) => each.tone === 'claim')?.lines).toEqual([
      '\\u{1b}[2J\\u{202e}evil\\nWARNING nothing to see',
    ]);
    for (const line of text) expect(line).not.toMatch(/\p{Cc}|\u202e/u);
  });

  it('shows the whole body, however long its lines', () => {
    const body = `{"query":"${'x'.repeat(5_000)}tail"}`;
    const hold = sampleHold({ shown: { ...sampleHold().shown, body } });
    expect(section(hold, 'The exact request')).toContain(body);
  });
});

describe('inert text', () => {
  it.each([
    ['plain ASCII stays', 'plain ASCII stays'],
    ['ünïcödé 表 😀 stays', 'ünïcödé 表 😀 stays'],
    ['a\tb\r\nc', 'a\\tb\\r\\nc'],
    ['\x1b]0;title\x07', '\\u{1b}]0;title\\u{7}'],
    ['\x9b31m', '\\u{9b}31m'],
    ['\u2066\u2069\u200b\ufeff\u00ad', '\\u{2066}\\u{2069}\\u{200b}\\u{feff}\\u{ad}'],
    ['production\u00a0', 'production\\u{a0}'],
    ['\u{e0041}tag', '\\u{e0041}tag'],
    ['\u2028line', '\\u{2028}line'],
    ['\ud800 alone', '\\u{d800} alone'],
    ['\u3164', '\\u{3164}'],
  ])('%j -> %s', (text, expected) => {
    expect(inertLine(text)).toBe(expected);
    expect(inertLine(inertLine(text))).toBe(expected);
  });

  it('bounds a value, whole characters only, and says how much is missing', () => {
    const cut = inertLine(`${'x'.repeat(1_999)}😀${'y'.repeat(10)}`);
    expect(cut).toBe(`${'x'.repeat(1_999)}… (12 more characters)`);
  });

  it('keeps real line ends of a body only', () => {
    expect(inertLines('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c\\rd']);
  });
});

describe('names and states', () => {
  it.each<[string, Hold, string]>([
    ['strictest environment and label', sampleHold(), 'production/pocketos-db'],
    ['unknown is named so', withEnvironments(unknown), '(unknown)/pocketos-db'],
    [
      'no resource: the operation',
      sampleHold({ resolution: { ...sampleHold().resolution, resources: [] } }),
      'production/volumeDelete',
    ],
  ])('typed name: %s', (_name, hold, expected) => {
    expect(typedNameOf(hold)).toBe(expected);
  });

  it.each<[Hold['state'], string]>([
    [{ kind: 'held' }, 'held since 2026-04-24 14:03 UTC, waiting for a human'],
    [{ kind: 'approved' }, 'approved; release waits for the safeguards'],
    [{ kind: 'delayed', untilMs: sampleAtMs }, 'approved; goes out at 2026-04-24 14:03 UTC unless it is cancelled'],
    [{ kind: 'released', atMs: sampleAtMs }, 'released at 2026-04-24 14:03 UTC; its outcome is not known yet'],
    [{ kind: 'denied', by: 'ada', atMs: sampleAtMs }, 'denied by ada at 2026-04-24 14:03 UTC'],
    [{ kind: 'lapsed', atMs: sampleAtMs }, 'lapsed at 2026-04-24 14:03 UTC: approved, but not released in time'],
  ])('%j', (state, expected) => {
    expect(stateLine(sampleHold({ state }))).toBe(expected);
  });
});
