import { expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { findAgent, issueAgentToken, readProxyAuthorization } from './agent-tokens.ts';

const key = Buffer.alloc(32, 7);
const first = issueAgentToken(key, systemRandom(), 'cursor', 5);
const second = issueAgentToken(key, systemRandom(), 'claude', 5);
const records = [first.record, second.record];
const basic = (user: string, token: string) => `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;

it('keeps a token as an HMAC only', () => {
  expect(first.token).toMatch(/^hpa_[A-Za-z0-9_-]{43}$/);
  expect(first.token).not.toBe(second.token);
  expect(JSON.stringify(first.record)).not.toContain(first.token.slice(4));
  expect(first.record).toMatchObject({ agent: 'cursor', issuedAtMs: 5 });
});

it.each<[string, string | null, string | null]>([
  ['Basic with its own name', basic('cursor', first.token), 'cursor'],
  ['the other one', basic('claude', second.token), 'claude'],
  ['Bearer', `Bearer ${first.token}`, 'cursor'],
  ['a scheme in capitals', `BEARER ${first.token}`, 'cursor'],
  ['the name of another agent', basic('claude', first.token), null],
  ['no header', null, null],
  ['an empty header', '', null],
  ['a wrong token', basic('cursor', `${first.token.slice(0, -1)}!`), null],
  ['no token', basic('cursor', ''), null],
  ['the MAC itself', `Bearer ${first.record.mac}`, null],
  ['a scheme that we do not know', `Token ${first.token}`, null],
  ['two tokens', `Bearer ${first.token} ${second.token}`, null],
  ['too long', `Bearer ${first.token}${' '.repeat(2000)}x`, null],
])('%s -> %s', (_name, header, want) => {
  expect(findAgent(header, records, key)).toBe(want);
});

it('finds nobody under another key, or with no records', () => {
  expect(findAgent(`Bearer ${first.token}`, records, Buffer.alloc(32, 8))).toBeNull();
  expect(findAgent(`Bearer ${first.token}`, [], key)).toBeNull();
});

it('reads no token out of a header without its form', () => {
  expect(readProxyAuthorization('Basic !!!!')).toBeNull();
  expect(readProxyAuthorization(`Bearer ${first.token}`)).toEqual({ agent: null, token: first.token });
});
