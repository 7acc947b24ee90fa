// No header, body or query value ever gets into a draft, and no agent can make an entry that the journal cannot take.
// A marker is put into every place where an agent can put one; then the drafts of all events are searched for it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../action/action.ts';
import { canonicalJson } from '../action/canonical.ts';
import type { Hold } from '../hold/hold.ts';
import { approvalOf } from '../testing/people-pool.ts';
import { backupRequirement, heldHold, proofOf, volumeDeleteRequest } from '../testing/release-case.ts';
import { sampleAtMs } from '../testing/sample-hold.ts';
import { draftOf, type EntryContext } from './entry.ts';
import type { LifecycleEvent } from './event.ts';

const atMs = sampleAtMs;
const context: EntryContext = {
  actionId: 'act_1',
  holdId: 'hold_1',
  agent: 'cursor',
  session: 'ses_1',
  posture: 'brokered',
};

/** A secret as an agent would carry one, made here so that no scanner finds it in the file. */
const tokens: readonly (readonly [string, string])[] = [
  ['GitHub', ['ghp', 'aB3'.repeat(12)].join('_')],
  ['GitHub, fine-grained', ['github', 'pat', 'aB3'.repeat(20)].join('_')],
  ['GitLab', ['glpat', 'aB3xY'.repeat(4)].join('-')],
  ['Stripe', ['sk', 'live', 'aB3'.repeat(9)].join('_')],
  ['OpenAI', ['sk', 'proj', 'aB3'.repeat(12)].join('-')],
  ['Slack', ['xoxb', '123456789012', 'aB3'.repeat(8)].join('-')],
  ['AWS key id', ['AKIA', 'Q7'.repeat(8)].join('')],
  ['JWT', ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxIn0', 'aB3'.repeat(14)].join('.')],
  ['Telegram', ['123456789', 'aB3'.repeat(12)].join(':')],
  ['Neon', ['napi', 'aB3'.repeat(12)].join('_')],
  ['unknown vendor', 'qW7eR2tY9uI4oP1aS6dF3gH8'],
];

interface Places {
  readonly header?: string;
  readonly query?: string;
  readonly body?: string;
  readonly segment?: string;
  readonly word?: string;
}

function actionWith({ header = 'x', query = 'x', body = 'x', segment = 'x', word = 'x' }: Places): Action {
  return {
    id: 'act_1',
    channel: 'http',
    agent: 'cursor',
    session: 'ses_1',
    atMs,
    posture: 'brokered',
    content: {
      kind: 'http',
      request: {
        ...volumeDeleteRequest,
        path: `/v1/${segment}/things?token=${query}#${query}`,
        headers: [
          ['authorization', `Bearer ${header}`],
          [header, header],
        ],
        body: Buffer.from(body),
      },
    },
    asked: word,
    claimed: word,
  };
}

/** Every event of a life, with the agent's words wherever they can reach. */
function eventsWith(places: Places): readonly LifecycleEvent[] {
  const { word = 'x', header = 'x', body = 'x' } = places;
  const action = actionWith(places);
  const base = heldHold();
  const [resource] = base.resolution.resources;
  if (resource === undefined) throw new Error('the sample has a resource');
  const resources = [{ ...resource, ref: { ...resource.ref, id: word }, label: word }];
  const hold: Hold = {
    ...base,
    reading: { ...base.reading, operation: `volumeDelete ${word}` },
    resolution: { ...base.resolution, resources, line: `delete ${word}` },
    shown: { method: 'POST', url: `https://x/?${header}`, headers: [['authorization', header]], body },
    asked: word,
    claimed: word,
  };
  const why = { code: 'x', what: word, why: word, next: word };
  return [
    { kind: 'requested', atMs, action },
    { kind: 'classified', atMs, reading: hold.reading, needsResolution: true },
    { kind: 'resolved', atMs, resolution: hold.resolution },
    { kind: 'decided', atMs, verdict: { kind: 'hold', reasons: [why] }, next: { kind: 'open', hold } },
    { kind: 'attached', atMs, holdId: hold.id },
    { kind: 'held', atMs, hold },
    { kind: 'proven', atMs, proof: { ...proofOf(backupRequirement, atMs), says: word } },
    { kind: 'approved', atMs, approval: approvalOf('anna', hold.digest, atMs) },
    { kind: 'delayed', atMs, untilMs: atMs },
    { kind: 'released', atMs, nonces: [] },
    { kind: 'executed', atMs, outcome: 'ok', status: 200, after: word },
    { kind: 'collected', atMs },
    { kind: 'denied', atMs, by: 'anna' },
    { kind: 'cancelled', atMs, by: 'anna' },
    { kind: 'lapsed', atMs },
    { kind: 'reheld', atMs, because: [word], hold },
    { kind: 'settled', atMs, happened: 'happened', by: 'anna' },
    { kind: 'asked-again', atMs },
  ];
}

const textOf = (events: readonly LifecycleEvent[]) =>
  events.map((event) => canonicalJson(draftOf(event, context))).join('\n');

describe('drafts and secrets', () => {
  it.each(['header', 'query', 'body'] as const)('hold nothing of any %s, whatever stands there', (place) => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcXYZ019-_=./+ :'), minLength: 1, maxLength: 40 }), (text) => {
        const marker = `marker${text}`;
        expect(textOf(eventsWith({ [place]: marker }))).not.toContain('marker');
      }),
    );
  });

  it.each(tokens)('mask a %s token in path, operation, ids, claim and reasons', (_name, token) => {
    const shown = textOf(eventsWith({ segment: token, word: `see ${token} there` }));
    expect(shown).not.toContain(token);
    expect(shown).not.toContain(token.slice(-16));
    expect(shown).toContain('[masked]');
  });

  it.each(tokens)('mask a %s token glued to a path word, and one in percent-escapes', (_name, token) => {
    const escaped = [...token].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
    const shown = textOf(eventsWith({ segment: `bot/${token}`, word: escaped }));
    expect(shown).not.toContain(token.slice(-16));
    expect(shown).not.toContain(escaped.slice(-48));
  });

  it.each([
    'postgres://app:hunter2pw@db.example/bookings',
    'https://hunter2pw@host/',
    'Authorization: Bearer hunter2pw',
    'password=hunter2pw',
    'PGPASSWORD=hunter2pw psql',
    '{"api_key":"hunter2pw"}',
    "ALTER ROLE app PASSWORD 'hunter2pw'",
    'token hunter2pw0',
  ])('mask what a name says is a secret: %s', (word) => {
    expect(textOf(eventsWith({ word }))).not.toContain('hunter2pw');
  });

  it('keep what a human needs: ids, words, paths and operations', () => {
    const uuid = '3d2c42fb-1d3a-4b7f-9d35-6f3f0f1c2a10';
    const shown = textOf(
      eventsWith({ segment: `volumes/${uuid}`, word: 'delete the staging volume of the bookings app' }),
    );
    expect(shown).toContain(`/v1/volumes/${uuid}/things`);
    expect(shown).toContain('volumeDelete delete the staging volume of the bookings app');
    expect(
      textOf(eventsWith({ segment: 'projects/shiny-wind-02883456/branches/br-aged-salad-63768812' })),
    ).not.toContain('masked');
  });

  it('hold no member of a context that is not theirs', () => {
    const draft = draftOf({ kind: 'lapsed', atMs }, { ...context, token: 'marker' } as EntryContext);
    expect(Object.keys(draft).sort()).toEqual([
      'actionId',
      'agent',
      'atMs',
      'data',
      'holdId',
      'kind',
      'posture',
      'session',
    ]);
  });
});

describe('drafts and what an agent can say', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 3_000 });
  const surrogates = fc.string({
    unit: fc.constantFrom('\ud800', '\udc00', '😀', 'a', '\u202e', '\n', '\u0000'),
    maxLength: 1_200,
  });

  it('are always canonical JSON, inert and bounded', () => {
    fc.assert(
      fc.property(fc.oneof(anything, surrogates), (text) => {
        for (const event of eventsWith({ segment: text, word: text })) {
          const written = canonicalJson(draftOf(event, context));
          // Nothing that a terminal obeys is left; in JSON text a line end would be an escape.
          expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?<!\\)(?:\\\\)*\\[nrtu]/u);
          expect(written.length).toBeLessThan(60_000);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('cut an operation between characters: half of one would keep the event out of the journal', () => {
    const word = `${'a'.repeat(486)}😀${'b'.repeat(100)}`;
    expect(() => textOf(eventsWith({ word, segment: `${'a'.repeat(295)}😀😀` }))).not.toThrow();
  });

  it('write an equal request as attached, and everything else under its own name', () => {
    const kinds = eventsWith({}).map((event) => [event.kind, draftOf(event, context).kind]);
    for (const [event, entry] of kinds) expect(entry).toBe(event === 'asked-again' ? 'attached' : event);
  });
});
