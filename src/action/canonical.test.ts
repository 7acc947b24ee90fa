import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from './canonical.ts';

describe('canonicalJson', () => {
  it.each<[unknown, string, string]>([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}', 'members are sorted'],
    [
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
      'RFC 8785 3.2.3: UTF-16 order',
    ],
    [[1e30, 4.5, 2e-3, 1e-27, -0], '[1e+30,4.5,0.002,1e-27,0]', 'RFC 8785 3.2.2.3: ECMAScript numbers'],
    ['\u20ac$\u000f\nA\'B"\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\"/"', 'RFC 8785 3.2.2.2: strings'],
  ])('%j -> %s (%s)', (value, expected, _because) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it.each([[Number.NaN], ['\ud800'], [undefined], [{ a: undefined }]])('refuses %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('gives one digest for one value', () => {
    expect(digestOf({ a: 1, b: [2] })).toBe(digestOf({ b: [2], a: 1 }));
  });
});
