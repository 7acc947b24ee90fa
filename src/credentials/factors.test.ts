import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Enrolment, enrolledPeople } from '../hold/people.ts';
import type { Clock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { Change, Storage } from '../storage/storage.ts';
import { createHuman, type Signer, unlock } from './approval-key.ts';
import { createFactors, type FactorSubmission, type Factors } from './factors.ts';
import { createSealer } from './sealer.ts';
import { hotp } from './totp.ts';

const passphrase = 'four quiet random words';
const totpBytes = Buffer.from('12345678901234567890');
const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const digest = createHash('sha256').update('this hold').digest('hex');

/** Rows alone: factors keep nothing else. */
function rowStorage(): Pick<Storage, 'row' | 'rows' | 'commit'> {
  const kept = new Map<string, string>();
  return {
    row: async (_table, key) => kept.get(key) ?? null,
    rows: async () => [...kept].map(([key, value]) => ({ key, value })),
    async commit(change: Change) {
      for (const { key, value } of change.rows ?? []) value === null ? kept.delete(key) : kept.set(key, value);
      return [];
    },
  };
}

const time = { wallMs: 1_111_111_111_000, monotonicMs: 0 };
const clock: Clock = { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs, after: () => () => undefined };
let storage = rowStorage();
let enrolments: Enrolment[] = [];
let factors: Factors;
let signer: Signer;

function open(): Factors {
  const sealer = createSealer(Buffer.alloc(32, 5), systemRandom());
  return createFactors({
    storage: storage as Storage,
    sealer,
    clock,
    random: systemRandom(),
    people: () => enrolledPeople(enrolments),
    totp: 'asked',
  });
}

const code = (offset = 0) => hotp(totpBytes, Math.floor(time.wallMs / 30_000) + offset);
const submission = (change: Partial<FactorSubmission> = {}): FactorSubmission => {
  const { nonce } = factors.nonce(digest);
  return { human: 'ada', digest, nonce, signature: signer.sign(digest, nonce), totp: code(), ...change };
};
const answer = async (given: FactorSubmission) => (await factors.check(given))?.code ?? 'good';

describe('a human’s factor', () => {
  // Making and opening keys is slow on purpose, so one human serves all tests of this file.
  let rootStorage: typeof storage;
  beforeAll(async () => {
    factors = open();
    enrolments = [await factors.makeRoot({ name: 'ada', passphrase, totpSecret })];
    rootStorage = storage;
    const [person] = await factors.sealedPeople();
    signer = await unlock(person?.sealedKey ?? '', passphrase);
  });
  beforeEach(async () => {
    storage = rootStorage;
    // A fresh code for each test; the last one is spent.
    time.wallMs += 60_000;
    factors = open();
  });

  it('enrols a root who signs for themselves, and no second one', async () => {
    expect([...enrolledPeople(enrolments).keys()]).toEqual(['ada']);
    await expect(factors.makeRoot({ name: 'eve', passphrase, totpSecret })).rejects.toMatchObject({
      code: 'root-exists',
    });
  });

  it('keeps neither secret in the clear', async () => {
    const kept = JSON.stringify(await storage.rows('system'));
    expect(kept).not.toContain(totpSecret);
    expect(kept).not.toContain(passphrase);
  });

  it('is good with nonce, signature and code, once', async () => {
    const given = submission();
    expect(await answer(given)).toBe('good');
    expect(await answer(given)).toBe('nonce-spent');
    expect(await answer(submission())).toBe('totp-replayed');
  });

  it('takes one code once, also when two requests come together', async () => {
    const both = await Promise.all([answer(submission()), answer(submission())]);
    expect(both.sort()).toEqual(['good', 'totp-replayed']);
  });

  it('remembers spent codes over a restart', async () => {
    expect(await answer(submission())).toBe('good');
    factors = open();
    expect(await answer(submission())).toBe('totp-replayed');
  });

  it.each<[string, () => Partial<FactorSubmission>, string]>([
    ['a wrong code', () => ({ totp: '000000' === code() ? '000001' : '000000' }), 'totp-wrong'],
    ['an old code', () => ({ totp: code(-3) }), 'totp-wrong'],
    ['nobody known', () => ({ human: 'eve' }), 'factor-not-enrolled'],
    ['a nonce that was not given', () => ({ nonce: 'ab'.repeat(32) }), 'nonce-spent'],
    ['another digest', () => ({ digest: 'f'.repeat(64) }), 'nonce-spent'],
    ['a signature over another page', () => ({ signature: signer.sign(digest, 'ab'.repeat(32)) }), 'signature-wrong'],
    ['no signature', () => ({ signature: '' }), 'signature-wrong'],
  ])('is refused with %s', async (_name, change, want) => {
    expect(await answer(submission(change()))).toBe(want);
  });

  it('is refused on a page older than ten minutes', async () => {
    const given = submission();
    time.monotonicMs += 600_000;
    expect(await answer(given)).toBe('nonce-spent');
  });

  it('is refused with another human’s key', async () => {
    const eve = await createHuman('some other long words', systemRandom(), 15);
    const { nonce } = factors.nonce(digest);
    expect(await answer(submission({ nonce, signature: eve.signer.sign(digest, nonce) }))).toBe('signature-wrong');
  });

  it('is refused once the human is removed, and their key is no longer given out', async () => {
    const kept = enrolments;
    enrolments = [];
    expect(await answer(submission())).toBe('factor-not-enrolled');
    expect(await factors.sealedPeople()).toEqual([]);
    enrolments = kept;
  });

  it('does not spend a code on a wrong signature', async () => {
    expect(await answer(submission({ signature: '' }))).toBe('signature-wrong');
    expect(await answer(submission())).toBe('good');
  });
});
