// Bodies are what their bytes are: the label decides nothing, and bytes with two readings are refused.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../../testing/requests.ts';
import { readBody } from './body.ts';

const read = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  readBody(requestOf({ method: 'POST', body, headers }));

describe('readBody', () => {
  it.each<[string | Uint8Array, string, Readonly<Record<string, string>>, string]>([
    ['', 'empty', {}, 'nothing'],
    ['{"a":1}', 'json', { 'content-type': 'application/x-www-form-urlencoded' }, 'the label does not decide'],
    ['["DEL","k"]', 'json', {}, 'an array'],
    ['a=1&b=%7B', 'form', { 'content-type': 'application/json' }, 'the label does not decide'],
    ['<Delete/>', 'xml', {}, 'XML'],
    ['{"a":1}\n{"b":2}', 'lines', {}, 'ndjson'],
    ['DROP TABLE users', 'text', {}, 'text'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0xff), 'bytes', {}, 'an image'],
    [gzipSync('{"a":1}'), 'json', { 'content-encoding': 'gzip' }, 'unpacked'],
    ['--b\r\n\r\n{"a":1}\r\n--b--', 'parts', { 'content-type': 'multipart/mixed; boundary=b' }, 'multipart'],
  ])('%j is %s', (body, kind, headers, _because) => {
    expect(read(body, headers).kind).toBe(kind);
  });

  it.each<[string, string | Uint8Array, Readonly<Record<string, string>>, string]>([
    ['duplicate members', '{"a":1,"a":2}', {}, 'duplicate-member'],
    ['duplicates by escape', '{"query":"x","\\u0071uery":"y"}', {}, 'duplicate-member'],
    ['duplicates deep inside', '{"a":[{"b":{"c":1,"c":2}}]}', {}, 'duplicate-member'],
    ['not what its encoding says', '{"a":1}', { 'content-encoding': 'gzip' }, 'encoding-mismatch'],
    ['an unknown encoding', '{"a":1}', { 'content-encoding': 'compress' }, 'encoding-mismatch'],
    ['too many encodings', '{"a":1}', { 'content-encoding': 'gzip,gzip,gzip,gzip,gzip' }, 'encoding-nested'],
    ['a bomb', gzipSync(Buffer.alloc(9 * 1024 * 1024)), { 'content-encoding': 'gzip' }, 'encoding-mismatch'],
    ['UTF-16 by mark', Buffer.from('\ufeff{"a":1}', 'utf16le'), {}, 'utf-16'],
    ['UTF-16 without a mark', Buffer.from('{"a":1}', 'utf16le'), {}, 'utf-16'],
    ['a charset', '{"a":1}', { 'content-type': 'application/json; charset=utf-16' }, 'charset'],
    ['JSON that is not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), {}, 'utf-8'],
    ['broken JSON under its label', '{"a":1', { 'content-type': 'application/json' }, 'broken-json'],
    ['a second charset', '{"a":1}', { 'content-type': 'application/json; charset=utf-8; charset=utf-16' }, 'charset'],
    ['a charset with shifts', '{"a":1}', { 'content-type': 'application/json; charset=ISO-2022-JP' }, 'charset'],
    ['a charset in quotes', '{"a":1}', { 'content-type': "application/json; charset='utf-7'" }, 'charset'],
    [
      'parts inside a text that is something else as a whole',
      'mutation { a(b: """--b\r\n\r\n{"query":"{ me }"}\r\n--b--""") }',
      { 'content-type': 'multipart/mixed; boundary=b' },
      'multipart',
    ],
    [
      'a part with a transfer encoding',
      '--b\r\nContent-Transfer-Encoding: base64\r\n\r\ne30=\r\n--b--',
      { 'content-type': 'multipart/mixed; boundary=b' },
      'multipart',
    ],
    ['parts without their boundary', '{"a":1}', { 'content-type': 'multipart/mixed; boundary=b' }, 'multipart'],
  ])('refuses %s', (_name, body, headers, code) => {
    const got = read(body, headers);
    expect(got.kind === 'unreadable' ? got.reason.code : got.kind).toBe(code);
  });
});
