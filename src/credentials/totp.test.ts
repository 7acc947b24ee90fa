import { describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { hotp, judgeTotp, newTotpSecret, totpUri } from './totp.ts';

/** RFC 4226 appendix D and RFC 6238 appendix B use this secret, `12345678901234567890`. */
const bytes = Buffer.from('12345678901234567890');
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('vectors', () => {
  it.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [5, '254676'],
    [6, '287922'],
    [7, '162583'],
    [8, '399871'],
    [9, '520489'],
  ])('RFC 4226 appendix D, counter %i', (counter, code) => {
    expect(hotp(bytes, counter)).toBe(code);
  });

  /** Appendix B lists eight digits; six are their last six (the same number modulo 10^6). */
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('RFC 6238 appendix B, second %i', (second, code) => {
    expect(judgeTotp(secret, code.slice(2), -1, second * 1000)).toEqual({
      kind: 'good',
      counter: Math.floor(second / 30),
    });
  });
});

describe('judgeTotp', () => {
  const nowMs = 1_111_111_111_000;
  const counter = Math.floor(nowMs / 30_000);
  const code = (offset: number) => hotp(bytes, counter + offset);

  it.each<[number, 'good' | 'bad']>([
    [-2, 'bad'],
    [-1, 'good'],
    [0, 'good'],
    [1, 'good'],
    [2, 'bad'],
  ])('a code %i steps away is %s', (offset, want) => {
    expect(judgeTotp(secret, code(offset), -1, nowMs).kind).toBe(want);
  });

  it('takes a code once, and no earlier one after it', () => {
    expect(judgeTotp(secret, code(0), counter, nowMs)).toEqual({ kind: 'replayed' });
    expect(judgeTotp(secret, code(-1), counter, nowMs)).toEqual({ kind: 'replayed' });
    expect(judgeTotp(secret, code(1), counter, nowMs)).toEqual({ kind: 'good', counter: counter + 1 });
  });

  it.each(['', '12345', '1234567', 'abcdef', '000 000', '１２３４５６'])('refuses the form %j', (text) => {
    expect(judgeTotp(secret, text, -1, nowMs)).toEqual({ kind: 'bad' });
  });

  it('refuses everything under a secret that is none', () => {
    expect(judgeTotp('', hotp(new Uint8Array(), counter), -1, nowMs)).toEqual({ kind: 'bad' });
    expect(judgeTotp('10189', code(0), -1, nowMs)).toEqual({ kind: 'bad' });
  });

  it('reads a secret as people type it', () => {
    expect(judgeTotp(secret.toLowerCase().replace(/(.{4})/g, '$1 '), code(0), -1, nowMs).kind).toBe('good');
  });
});

it('makes 160-bit secrets and a URI that authenticators read', () => {
  const fresh = newTotpSecret(systemRandom());
  expect(fresh).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret(systemRandom())).not.toBe(fresh);
  expect(newTotpSecret({ bytes: () => bytes })).toBe(secret);
  expect(totpUri(secret, 'ada@example.org', 'Holdpoint lab')).toBe(
    `otpauth://totp/Holdpoint%20lab:ada%40example.org?secret=${secret}&issuer=Holdpoint%20lab&algorithm=SHA1&digits=6&period=30`,
  );
});
