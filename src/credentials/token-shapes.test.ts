import { describe, expect, it } from 'vitest';
import type { TokenShape } from '../classify/provider-page.ts';
import { createTokenFinder } from './token-shapes.ts';

const shape = (change: Partial<TokenShape>): TokenShape => ({
  kind: 'k',
  pattern: 'hvs\\.[A-Za-z0-9]{24}',
  needsContext: false,
  names: [],
  power: 'unknown',
  ...change,
});
const find = (change: Partial<TokenShape>) => createTokenFinder([{ name: 'p', tokens: [shape(change)] }]);
const token = ['hvs', 'a1'.repeat(12)].join('.');
const uuid = ['57a9e7aa', 'bbbb', '4ccc', '8ddd', 'ffffffffffff'].join('-');
const context = { needsContext: true, pattern: '[0-9a-f-]{36}', names: ['RAILWAY_TOKEN'] };

describe('shapes that tell by themselves', () => {
  it.each<[string, string | undefined]>([
    [token, token],
    [`{"a":"${token}"}`, token],
    [`Bearer ${token}`, token],
    [`x${token}`, undefined],
    [`${token}x`, undefined],
    [token.slice(0, -1), undefined],
    ['', undefined],
  ])('in %j', (text, want) => {
    expect(find({})(text)?.literal).toBe(want);
  });

  it.each<[string, string]>([
    ['ab?c_[0-9]{9}', 'ac_123456789'],
    ['abc?_[0-9]{9}', 'ab_123456789'],
    ['abcd|wxyz', 'wxyz'],
    ['(?:abc|xyz)_[0-9]{9}', 'xyz_123456789'],
    ['abcd{0,1}_[0-9]{9}', 'abc_123456789'],
    ['abc', 'abc'],
  ])('a beginning that may be missing is no condition: %s', (pattern, text) => {
    expect(find({ pattern })(text)?.literal).toBe(text);
  });
});

describe('shapes that need a name beside them', () => {
  it.each([
    `RAILWAY_TOKEN=${uuid}`,
    `railway_token: ${uuid}`,
    `{"RAILWAY_TOKEN":"${uuid}"}`,
    `{"RAILWAY_TOKEN" : "${uuid}"}`,
    `{\\"RAILWAY_TOKEN\\":\\"${uuid}\\"}`,
    `export RAILWAY_TOKEN='${uuid}'`,
  ])('are found in %j', (text) => {
    expect(find(context)(text)?.literal).toBe(uuid);
  });

  it.each([uuid, `id=${uuid}`, `RAILWAY_TOKEN is ${uuid}`, 'RAILWAY_TOKEN='])('are not seen in %j', (text) => {
    expect(find(context)(text)).toBeNull();
  });
});
