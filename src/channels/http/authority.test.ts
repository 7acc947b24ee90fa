// Tables: every spelling of a host and what it is read as, or that it is not read at all.

import { describe, expect, it } from 'vitest';
import { canonicalHost, hostHeaderOf, parseAbsoluteForm, parseAuthority } from './authority.ts';

const hosts: readonly (readonly [text: string, host: string | null, because: string])[] = [
  ['API.Example.COM', 'api.example.com', 'names have no case'],
  ['example.com.', 'example.com', 'one trailing dot is the same name'],
  ['example.com..', null, 'an empty label'],
  ['.example.com', null, 'an empty label'],
  ['a..b', null, 'an empty label'],
  ['', null, 'nothing'],
  ['.', null, 'nothing'],
  ['_dmarc.example.com', '_dmarc.example.com', 'underscores occur in real names'],
  ['-a.example.com', null, 'a label does not begin with a hyphen'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example', 'international, encoded'],
  ['bücher.example', null, 'international, raw'],
  ['example.com/a', null, 'a path'],
  ['user@example.com', null, 'userinfo'],
  ['exa mple.com', null, 'a space'],
  ['example.com%2eevil', null, 'percent'],
  ['127.0.0.1', '127.0.0.1', 'an address'],
  ['127.0.0.1.', '127.0.0.1', 'an address with a trailing dot'],
  ['127.1', null, 'short'],
  ['2130706433', null, 'decimal'],
  ['0x7f.0.0.1', null, 'hexadecimal part: the last label is still a number'],
  ['0x7f000001', null, 'hexadecimal'],
  ['0177.0.0.1', null, 'octal part'],
  ['127.0.0.0x1', null, 'hexadecimal last part'],
  ['256.1.1.1', null, 'no address'],
  ['1.2.3.4.5', null, 'ends in a number'],
  ['1.2.3.example', '1.2.3.example', 'a name'],
  ['[::1]', '::1', 'IPv6'],
  ['[0:0:0:0:0:0:0:1]', '::1', 'IPv6, one form'],
  ['[::FFFF:127.0.0.1]', '::ffff:7f00:1', 'IPv6, one form'],
  ['[fe80::1%eth0]', null, 'a zone'],
  ['[::1', null, 'no end'],
  ['::1', null, 'no brackets'],
  [`${'a'.repeat(64)}.example`, null, 'a label over 63'],
  [`${'a.'.repeat(127)}b`, null, 'over 253'],
];

describe('canonicalHost', () => {
  it.each(hosts)('%s -> %s: %s', (text, host) => expect(canonicalHost(text)).toBe(host));
});

const authorities: readonly (readonly [text: string, port: number | null, read: string | null])[] = [
  ['example.com:443', null, 'example.com 443'],
  ['example.com', null, null],
  ['example.com', 80, 'example.com 80'],
  ['example.com:', 80, null],
  ['example.com:0', 80, null],
  ['example.com:65536', 80, null],
  ['example.com:+1', 80, null],
  ['example.com: 1', 80, null],
  ['example.com:0x50', 80, null],
  ['[::1]:8443', null, '::1 8443'],
  ['[::1]', 443, '::1 443'],
  ['a:b:1', null, null],
];

describe('parseAuthority', () => {
  it.each(authorities)('%s (default %s) -> %s', (text, port, read) => {
    const found = parseAuthority(text, port);
    expect(found === null ? null : `${found.host} ${found.port}`).toBe(read);
  });
});

const absolutes: readonly (readonly [text: string, read: readonly [string, string, number, string] | null])[] = [
  ['http://example.com', ['http', 'example.com', 80, '/']],
  ['HTTP://Example.com/A/../b?x=%2F', ['http', 'example.com', 80, '/A/../b?x=%2F']],
  ['https://example.com:8443/a', ['https', 'example.com', 8443, '/a']],
  ['http://example.com?x', ['http', 'example.com', 80, '/?x']],
  ['http://user:pw@example.com/', null],
  ['http://example.com\\@evil.test/', null],
  ['ftp://example.com/', null],
  ['//example.com/', null],
  ['http:/example.com/', null],
];

describe('parseAbsoluteForm', () => {
  it.each(absolutes)('%s -> %j', (text, read) => {
    const found = parseAbsoluteForm(text);
    expect(found === null ? null : [found.scheme, found.target.host, found.target.port, found.path]).toEqual(read);
  });
});

describe('hostHeaderOf', () => {
  it('names the port only where it is not the usual one, and brackets IPv6', () => {
    expect(hostHeaderOf('https', { host: 'a.test', port: 443 })).toBe('a.test');
    expect(hostHeaderOf('http', { host: 'a.test', port: 443 })).toBe('a.test:443');
    expect(hostHeaderOf('https', { host: '::1', port: 8443 })).toBe('[::1]:8443');
  });
});
