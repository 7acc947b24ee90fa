import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inertShort } from '../hold/inert-text.ts';
import { changeLogOf, type LogEntry } from './change-log.ts';
import { checkSection, entryMarkdown, entryText, preamble, readsText, seqOfBlock } from './change-log-text.ts';
import type { EventDraft, SealedEvent } from './event.ts';
import { codeSpan, inertClaim } from './free-words.ts';
import { genesis, seal } from './seal.ts';

type Told = readonly [kind: EventDraft['kind'], data?: object, parts?: Partial<EventDraft>];

function sealed(told: readonly Told[]): readonly SealedEvent[] {
  let previous = genesis;
  return told.map(([kind, data, parts], index) => {
    const draft: EventDraft = {
      kind,
      atMs: Date.UTC(2026, 3, 24, 14, 0, index),
      actionId: 'act_1',
      holdId: null,
      agent: 'claude',
      session: 'ses_1',
      posture: 'brokered',
      data: (data ?? {}) as EventDraft['data'],
      ...parts,
    };
    const event = seal(previous, draft, index + 1, 'test');
    previous = event.chain;
    return event;
  });
}

function entriesOf(told: readonly Told[]): readonly LogEntry[] {
  const log = changeLogOf();
  return sealed(told).flatMap((event) => log.take(event) ?? []);
}

const asked: Told = [
  'requested',
  { asked: 'fix the staging deploy', claimed: 'cleanup', method: 'POST', host: 'backboard.railway.app' },
];
const destroys: Told = [
  'classified',
  { operation: 'volumeDelete', effect: 'destructive', basis: 'proven', recovery: 'unknown' },
];
const where: Told = [
  'resolved',
  {
    line: 'volumeDelete 3d2c -> project pocketos',
    environments: ['staging', 'production'],
    resources: ['railway:volume:3d2c'],
  },
];
const byHold = { holdId: 'hold_1' };
const system = { actionId: null, agent: null, session: null };
const reasons = [{ code: 'no-grant', what: 'Not allowed.', why: 'The grant names staging only.', next: 'Ask.' }];

describe('change log', () => {
  it.each<[string, readonly Told[], readonly string[]]>([
    ['a refusal', [asked, destroys, ['decided', { verdict: 'deny', reasons }]], ['refused']],
    [
      'an allowed read',
      [
        asked,
        ['classified', { operation: 'me', effect: 'read' }],
        ['decided', { verdict: 'allow' }],
        ['executed', { outcome: 'ok' }],
      ],
      [],
    ],
    [
      'an allowed write',
      [
        asked,
        ['classified', { operation: 'x', effect: 'write' }],
        ['decided', { verdict: 'allow' }],
        ['executed', { outcome: 'ok', status: 200 }],
      ],
      ['done'],
    ],
    [
      'a read that was held',
      [asked, ['classified', { effect: 'read' }], ['held', {}, byHold], ['executed', { outcome: 'ok' }, byHold]],
      ['on hold', 'done'],
    ],
    [
      'a hold to its end',
      [
        asked,
        destroys,
        ['held', {}, byHold],
        ['approved', { human: 'ada' }, byHold],
        ['delayed', {}, byHold],
        ['released', {}, byHold],
        ['executed', { outcome: 'failed' }, byHold],
        ['collected', {}, byHold],
      ],
      ['on hold', 'failed'],
    ],
    [
      'what nobody knows',
      [asked, destroys, ['executed', {}], ['settled', { happened: 'happened', by: 'ada' }]],
      ['outcome unknown', 'settled'],
    ],
    [
      'a hold that ends otherwise',
      [
        ['held', {}, byHold],
        ['reheld', { because: ['a new environment'] }, byHold],
        ['lapsed', {}, byHold],
        ['cancelled', { by: 'ada' }, byHold],
      ],
      ['on hold', 'on hold again', 'lapsed', 'cancelled'],
    ],
    [
      'the system',
      [
        ['started', { version: '1' }, system],
        ['policy-loaded', { changes: ['a'] }, system],
        ['enrolled', { human: 'ada' }, system],
        ['enrolled', { agent: 'cursor' }, system],
        ['enrolled', { credential: 'railway' }, system],
        ['frozen', {}, system],
        ['thawed', {}, system],
        ['revoked', {}, system],
        ['revoked', { credential: 'railway' }, system],
        ['stray-found', {}, system],
        ['refused', {}, system],
        ['probed', { succeeded: true }, system],
        ['probed', { succeeded: false }, system],
        ['checkpointed', {}, system],
      ],
      [
        'gateway started',
        'policy loaded',
        'human enrolled',
        'agent token made',
        'secret given',
        'agent frozen',
        'agent thawed',
        'agent revoked',
        'secret removed',
        'stray credential found',
        'refused',
        'isolation broken',
      ],
    ],
  ])('gives %s its entries', (_name, told, outcomes) => {
    expect(entriesOf(told).map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it('says who decided, what was asked, and how irreversible it is', () => {
    const told: readonly Told[] = [
      asked,
      destroys,
      where,
      ['held', { needs: { people: 2, factors: ['passkey'] } }, byHold],
      ['approved', { human: 'ada', factors: ['typed-name', 'passkey'] }, { ...byHold, actionId: null }],
      ['approved', { human: 'bob' }, byHold],
      ['executed', { outcome: 'ok', after: 'the volume is gone' }, { ...byHold, actionId: null }],
    ];
    const [held, done] = entriesOf(told);
    expect(Object.fromEntries(held?.lines ?? [])).toMatchObject({
      'decided by': 'policy',
      note: 'waits for 2 human(s) with passkey; nothing was executed',
    });
    expect(entryText(done as LogEntry)).toBe(
      `2026-04-24 14:00:06 UTC  claude  DONE
  asked        fix the staging deploy
  action       volumeDelete
  target       volumeDelete 3d2c -> project pocketos
  environment  staging, production
  effect       destructive, irreversible
  decided by   ada (typed-name, passkey), bob
  note         the volume is gone
  journal 7 ${done?.leaf} hold_1
`,
    );
  });

  it('says "not known" for what no event tells, and never fails on odd data', () => {
    const [entry] = entriesOf([['denied', {}, { actionId: null, holdId: 'hold_9' }]]);
    expect(Object.fromEntries(entry?.lines ?? [])).toMatchObject({
      asked: 'not known',
      action: 'not known',
      environment: 'not known',
      effect: 'not known',
      'decided by': 'not known',
    });
    const kinds = [
      'requested',
      'classified',
      'resolved',
      'decided',
      'held',
      'approved',
      'executed',
      'refused',
      'tallied',
      'enrolled',
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.boolean(),
        fc.dictionary(
          fc.constantFrom(
            'asked',
            'effect',
            'reasons',
            'environments',
            'needs',
            'factors',
            'hosts',
            'reads',
            'reason',
            'outcome',
          ),
          fc.jsonValue(),
        ),
        (kind, ofAction, data) => {
          const clean = JSON.parse(JSON.stringify(data));
          for (const entry of entriesOf([[kind, clean, ofAction ? {} : system]])) {
            expect(seqOfBlock(entryMarkdown(entry))).toBe(1);
            expect(
              entryMarkdown(entry)
                .split('\n')
                .filter((line) => line.startsWith('###')),
            ).toHaveLength(1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('prints only what it names: no path, body or member beside it', () => {
    const noise = { path: '/volumes/secret-path', to: '/vault/backups/1.age', body: 'BODY', token: 'TOKEN' };
    const told: readonly Told[] = [
      ['requested', { ...(asked[1] ?? {}), ...noise }],
      ['held', noise, byHold],
      ['proven', { says: 'copy at /vault', ...noise }, byHold],
      ['executed', { outcome: 'ok', ...noise }, byHold],
    ];
    const text = entriesOf(told)
      .map((entry) => entryText(entry) + entryMarkdown(entry))
      .join('');
    expect(text).not.toMatch(/secret-path|vault|BODY|TOKEN/);
  });

  it('sums reads per session', () => {
    const log = changeLogOf();
    const hosts = [['a.example', 'b.example'], ['b.example', 'c.example'], ['c.example']];
    for (const event of sealed(
      [0, 1, 2].map((i) => ['tallied', { reads: i === 0 ? 400 : 6, bytes: 1, hosts: hosts[i] }, { actionId: null }]),
    )) {
      expect(log.take(event)).toBeNull();
    }
    expect(log.sessions().map(readsText)).toEqual(['2026-04-24 14:00:02 UTC  claude  412 reads of 3 hosts\n']);
  });
});

describe('inert text', () => {
  it.each([
    ['a\u202eb\u2066', 'a\\u{202e}b\\u{2066}', 'bidi'],
    ['a\u0000\u001b[31mb', 'a\\u{0}\\u{1b}[31mb', 'controls'],
    ['a\n### b\r\nc\u2028d', 'a ### b c d', 'lines'],
    ['z\u200bero\u2060\u00ad\u3164', 'z\\u{200b}ero\\u{2060}\\u{ad}\\u{3164}', 'invisible'],
    ['x'.repeat(500), `${'x'.repeat(240)}…`, 'length'],
    ['😀'.repeat(300), `${'😀'.repeat(240)}…`, 'length in characters'],
    ['\ud800a', '\\u{d800}a', 'lone surrogate'],
  ])('%#: $2', (text, expected, _because) => {
    expect(inertShort(text)).toBe(expected);
  });

  it('leaves out what looks like a credential in free words', () => {
    const token = ['ghp', 'x'.repeat(36)].join('_');
    const url = ['postgres://app', 'pw@db.example/x'].join(':');
    expect(inertClaim(`use ${token} and ${url}`)).toBe(
      'use [left out: looks like a credential] and postgres://…@db.example/x',
    );
    expect(inertClaim('volume 3d2c42fb-0000-4000-8000-123456789abc')).toBe(
      'volume 3d2c42fb-0000-4000-8000-123456789abc',
    );
  });

  it('cannot leave its code span', () => {
    expect(codeSpan('a`b`` <!-- holdpoint:end --> [x](http://e)')).toBe('`a´b´´ <!-- holdpoint:end --> [x](http://e)`');
    expect(codeSpan('')).toBe('` `');
  });
});

describe('a section in a project file', () => {
  const entries = entriesOf([
    asked,
    ['decided', { verdict: 'deny', reasons }],
    ['held', {}, byHold],
    ['denied', { by: 'ada' }, byHold],
    ['cancelled', { by: 'ada' }, byHold],
  ]);
  const blocks = entries.map((entry) => `${entryMarkdown(entry)}\n`);
  const section = (list: readonly string[]) => `${preamble}\n${list.join('')}`;
  const [one = '', two = '', three = '', four = ''] = blocks;

  it('matches the journal that wrote it', () => {
    expect(checkSection(section(blocks), entries)).toEqual({ kind: 'matches', entries: 4 });
  });

  it.each<[string, string, string, number | null]>([
    ['an edited entry', section([one, two.replace('on hold', 'done'), three, four]), 'edited', 3],
    ['an edited leaf', section([one, two.replace(/[0-9a-f]{16}/, '0'.repeat(16)), three, four]), 'edited', 3],
    ['a removed entry', section([one, three, four]), 'removed', 3],
    ['a removed last entry', section([one, two, three]), 'removed', 5],
    ['an empty section', section([]), 'removed', 2],
    ['an invented entry', section([one, two.replace('journal: 3', 'journal: 99'), two, three, four]), 'invented', 99],
    ['an invented last entry', section([...blocks, two.replace('journal: 3', 'journal: 99')]), 'invented', 99],
    ['an entry without a number', section([one, '### by hand\n\n', two, three, four]), 'invented', null],
    ['a repeated entry', section([one, one, two, three, four]), 'moved', 2],
    ['two exchanged', section([one, three, two, four]), 'removed', 3],
    ['text before the first', `All is well.\n${section(blocks)}`, 'edited', null],
    ['text after an entry', section([one, `${two}All is well.\n`, three, four]), 'invented', null],
  ])('finds %s', (_name, text, what, seq) => {
    expect(checkSection(text, entries)).toMatchObject({ kind: 'differs', what, seq });
  });
});
