// The chain of enrolments up to the root human: who may say yes at all, and every way of getting in that must fail.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { enrolmentOf, publicKeyOf, signAs } from '../testing/people-pool.ts';
import { type Enrolment, enrolledPeople, verifySignature } from './people.ts';

const root = enrolmentOf('anna', 'owner', 'anna');
const names = (...enrolments: readonly Enrolment[]) => [...enrolledPeople(enrolments).keys()];

describe('enrolledPeople', () => {
  it('is nobody before anybody is enrolled', () => {
    expect(names()).toEqual([]);
  });

  it('takes an unbroken chain in any depth', () => {
    const chain = [root, enrolmentOf('ben', 'owner', 'anna'), enrolmentOf('cleo', 'approver', 'ben')];
    expect(names(...chain)).toEqual(['anna', 'ben', 'cleo']);
  });

  it.each<[string, readonly Enrolment[], readonly string[]]>([
    ['the root signed by another key', [enrolmentOf('anna', 'owner', 'anna', 'mallory')], []],
    ['a root that is no owner', [enrolmentOf('anna', 'approver', 'anna')], []],
    ['a root enrolled by somebody else', [enrolmentOf('anna', 'owner', 'ben')], []],
    [
      'a broken root, then a self-signed one',
      [{ ...root, signature: 'f'.repeat(128) }, enrolmentOf('mallory', 'owner', 'mallory')],
      [],
    ],
    ['a second self-signed root', [root, enrolmentOf('mallory', 'owner', 'mallory')], ['anna']],
    ['by one who is not enrolled', [root, enrolmentOf('mallory', 'owner', 'ben')], ['anna']],
    [
      'by an approver',
      [root, enrolmentOf('ben', 'approver', 'anna'), enrolmentOf('cleo', 'approver', 'ben')],
      ['anna', 'ben'],
    ],
    [
      'by a viewer',
      [root, enrolmentOf('ben', 'viewer', 'anna'), enrolmentOf('cleo', 'viewer', 'ben')],
      ['anna', 'ben'],
    ],
    ['in the name of the owner, by another key', [root, enrolmentOf('mallory', 'owner', 'anna', 'mallory')], ['anna']],
    [
      'before the one who enrols',
      [root, enrolmentOf('cleo', 'approver', 'ben'), enrolmentOf('ben', 'owner', 'anna')],
      ['anna', 'ben'],
    ],
    [
      'depending on one who does not verify',
      [root, enrolmentOf('ben', 'owner', 'anna', 'mallory'), enrolmentOf('cleo', 'owner', 'ben')],
      ['anna'],
    ],
    ['a role raised after signing', [root, { ...enrolmentOf('ben', 'viewer', 'anna'), role: 'owner' }], ['anna']],
    [
      'a key exchanged after signing',
      [root, { ...enrolmentOf('ben', 'owner', 'anna'), publicKey: publicKeyOf('mallory') }],
      ['anna'],
    ],
    ['a key in capital letters', [root, withKey(publicKeyOf('ben').toUpperCase())], ['anna']],
    ['a key that is too short', [root, withKey('ab')], ['anna']],
    ['a key that is no hex', [root, withKey('z'.repeat(64))], ['anna']],
    [
      'a signature with a line end',
      [
        root,
        { ...enrolmentOf('ben', 'owner', 'anna'), signature: `${enrolmentOf('ben', 'owner', 'anna').signature}\n` },
      ],
      ['anna'],
    ],
  ])('%s', (_because, enrolments, expected) => {
    expect(names(...enrolments)).toEqual(expected);
  });

  it('keeps the first of two with one name', () => {
    const people = enrolledPeople([root, enrolmentOf('ben', 'viewer', 'anna'), enrolmentOf('ben', 'owner', 'anna')]);
    expect(people.get('ben')?.role).toBe('viewer');
  });

  it('does not let a forged first claim to a name stand in the way of the true one', () => {
    expect(names(root, enrolmentOf('ben', 'owner', 'anna', 'mallory'), enrolmentOf('ben', 'viewer', 'anna'))).toEqual([
      'anna',
      'ben',
    ]);
  });

  it('does not make two humans of one key', () => {
    const twin = signed('anna-2', publicKeyOf('anna'));
    expect(names(root, twin)).toEqual(['anna']);
  });
});

describe('verifySignature', () => {
  const digest = 'd'.repeat(64);
  const nonce = 'ab'.repeat(16);
  const good = [publicKeyOf('anna'), digest, nonce, signAs('anna', digest, nonce)] as const;

  it('holds for what was signed', () => {
    expect(verifySignature(...good)).toBe(true);
  });

  it.each<[string, readonly [string, string, string, string]]>([
    ['another key', [publicKeyOf('ben'), good[1], good[2], good[3]]],
    ['another digest', [good[0], 'e'.repeat(64), good[2], good[3]]],
    ['another nonce', [good[0], good[1], 'cd'.repeat(16), good[3]]],
    ['the nonce moved into the digest', [good[0], good[1], `${good[2]}00`, good[3]]],
    ['half a byte of nonce', [good[0], good[1], `${good[2]}0`, good[3]]],
    ['an empty signature', [good[0], good[1], good[2], '']],
    ['a key that is no point', ['f'.repeat(64), good[1], good[2], good[3]]],
    ['a digest in capital letters', [good[0], digest.toUpperCase(), good[2], good[3]]],
  ])('does not hold for %s', (_what, args) => {
    expect(verifySignature(...args)).toBe(false);
  });
});

function signed(human: string, publicKey: string): Enrolment {
  const parts = { human, role: 'approver', publicKey, by: 'anna' } as const;
  return { ...parts, signature: signAs('anna', digestOfEnrolment(parts), ''), atMs: 1 };
}

function withKey(publicKey: string): Enrolment {
  return signed('ben', publicKey);
}

/** Written out by hand: the form that enrolments sign is a format, and must not change with the code. */
function digestOfEnrolment(parts: Omit<Enrolment, 'signature' | 'atMs'>): string {
  const { human, role, publicKey, by } = parts;
  const text = `{"by":"${by}","human":"${human}","publicKey":"${publicKey}","role":"${role}","verb":"enrol"}`;
  return createHash('sha256').update(text).digest('hex');
}
