import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { fingerprintOf, shortFingerprint } from './fingerprint.ts';
import { loadOrMake, openKeys, readPrivateFile } from './keys.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hp-keys-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const keysDir = () => join(home, 'keys');
const open = () => openKeys(keysDir(), systemRandom());
const mode = (path: string) => statSync(path).mode & 0o777;

describe('openKeys', () => {
  it('makes keys once, private, and the same ever after', () => {
    const first = open();
    expect(mode(keysDir())).toBe(0o700);
    for (const file of ['master.key', 'journal.key']) expect(mode(join(keysDir(), file))).toBe(0o600);
    const again = open();
    expect(again.bodyKey.equals(first.bodyKey)).toBe(true);
    expect(again.journalKey.equals(first.journalKey)).toBe(true);
  });

  it('derives another key for each purpose', () => {
    const { bodyKey, fingerprintKey, agentTokenKey } = open();
    expect(new Set([bodyKey, fingerprintKey, agentTokenKey].map((key) => key.toString('hex'))).size).toBe(3);
  });

  it.each<[string, () => void]>([
    ['a key that others may read', () => chmodSync(join(keysDir(), 'master.key'), 0o640)],
    ['a key that others may write', () => chmodSync(join(keysDir(), 'master.key'), 0o602)],
    ['a folder that others may write', () => chmodSync(keysDir(), 0o770)],
  ])('refuses %s', (_name, expose) => {
    open();
    expose();
    expect(open).toThrow(expect.objectContaining({ code: 'keys-exposed' }));
  });

  it.each<[string, (file: string) => void]>([
    ['a key of another length', (file) => writeFileSync(file, 'short', { mode: 0o600 })],
    ['a link in place of a key', (file) => symlinkSync('/dev/zero', file)],
    ['a damaged signing key', (file) => writeFileSync(join(file, '..', 'journal.key'), 'x', { mode: 0o600 })],
  ])('refuses %s', (_name, damage) => {
    open();
    const file = join(keysDir(), 'master.key');
    if (_name !== 'a damaged signing key') rmSync(file);
    damage(file);
    expect(open).toThrow(expect.objectContaining({ code: 'keys-unreadable' }));
  });
});

describe('private files', () => {
  it('are made once', () => {
    const file = join(home, 'a');
    expect(readPrivateFile(file)).toBeNull();
    expect(loadOrMake(file, () => Buffer.from('one')).toString()).toBe('one');
    expect(loadOrMake(file, () => Buffer.from('two')).toString()).toBe('one');
  });
});

describe('fingerprints', () => {
  const key = Buffer.alloc(32, 1);
  it('are equal for equal secrets under one key only, and hold no part of them', () => {
    const secret = ['tok', 'abcdef0123456789'].join('_');
    const print = fingerprintOf(key, secret);
    expect(print).toMatch(/^fp:[0-9a-f]{24}$/);
    expect(fingerprintOf(key, ` ${secret}\n`)).toBe(print);
    expect(fingerprintOf(Buffer.alloc(32, 2), secret)).not.toBe(print);
    expect(fingerprintOf(key, `${secret}x`)).not.toBe(print);
    expect(shortFingerprint(print)).toBe(`${print.slice(0, 11)}…`);
    expect(shortFingerprint('fp:ab')).toBe('fp:ab');
  });
});
