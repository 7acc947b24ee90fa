// The head reader alone, without Node's parser in front of it: what that parser refuses first must be refused here too,
// so that a lenient parser one day opens no gap.

import { describe, expect, it } from 'vitest';
import { isPlainPath, type Place, readHead, withoutHopByHop } from './head.ts';

const place: Place = { kind: 'tunnel', scheme: 'https', target: { host: 'a.test', port: 443 } };

function codeOf(rawHeaders: readonly string[], over: { version?: string; path?: string } = {}): string {
  const { version = '1.1', path = '/' } = over;
  const reading = readHead({ method: 'POST', path, version, rawHeaders: ['Host', 'a.test', ...rawHeaders] }, place);
  return reading.kind === 'refused' ? reading.refusal.reason.code : 'read';
}

const heads: readonly (readonly [what: string, rawHeaders: readonly string[], code: string])[] = [
  ['nothing more', [], 'read'],
  ['CL and TE', ['Content-Length', '4', 'Transfer-Encoding', 'chunked'], 'request-unreadable'],
  ['TE twice', ['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'], 'request-unreadable'],
  ['TE of something else', ['Transfer-Encoding', 'xchunked'], 'request-unreadable'],
  ['CL with a sign', ['Content-Length', '-1'], 'request-unreadable'],
  ['CL of digits without end', ['Content-Length', '9'.repeat(16)], 'request-unreadable'],
  ['two different CL', ['Content-Length', '1', 'Content-Length', '2'], 'headers-contradict'],
  ['two Hosts', ['Host', 'a.test'], 'headers-contradict'],
  ['Upgrade in any case', ['uPGRADE', 'x'], 'upgrade-not-served'],
];

describe('readHead', () => {
  it.each(heads)('%s', (_what, rawHeaders, code) => expect(codeOf(rawHeaders)).toBe(code));

  it('takes HTTP/1.0 without Host and names it, but no other version', () => {
    const head = { method: 'GET', path: '/', version: '1.0', rawHeaders: [] };
    const reading = readHead(head, place);
    expect(reading.kind === 'head' && reading.request.headers).toEqual([['host', 'a.test']]);
    expect(readHead({ ...head, version: '1.1' }, place).kind).toBe('refused');
    expect(codeOf([], { version: '2.0' })).toBe('request-unreadable');
  });

  it('drops what Connection names, keeps order and duplicates, and writes Host in one spelling', () => {
    const rawHeaders = ['X-B', '1', 'HOST', 'A.Test:443', 'Connection', 'x-hop', 'X-Hop', 'gone', 'X-B', '2'];
    const reading = readHead({ method: 'GET', path: '/', version: '1.1', rawHeaders }, place);
    expect(reading.kind === 'head' && reading.request.headers).toEqual([
      ['x-b', '1'],
      ['host', 'a.test'],
      ['x-b', '2'],
    ]);
  });
});

describe('withoutHopByHop', () => {
  it('strips the fixed names and those that any Connection header names', () => {
    const headers = [
      ['Connection', 'x-one'],
      ['X-One', '1'],
      ['connection', 'X-Two'],
      ['x-two', '2'],
      ['Keep-Alive', '5'],
      ['X-Kept', '3'],
    ] as const;
    expect(withoutHopByHop(headers)).toEqual([['x-kept', '3']]);
  });
});

describe('isPlainPath', () => {
  const paths: readonly (readonly [path: string, plain: boolean])[] = [
    ['/', true],
    ['/a/../b//c', true],
    ['/a?b=%0a', true],
    ['/a%0Ab', false],
    ['/a%00', false],
    ['/a b', false],
    ['/a#b', false],
    ['/a\\b', false],
    ['/a\n', false],
    ['a', false],
    ['', false],
  ];
  it.each(paths)('%j -> %s', (path, plain) => expect(isPlainPath(path)).toBe(plain));
});
