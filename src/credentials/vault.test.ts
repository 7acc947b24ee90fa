import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../platform/clock.ts';
import { openVault, type SecretRows } from './vault.ts';

const secret = ['rw', 'k'.repeat(30)].join('_');
let keysDir = '';
let kept = new Map<string, string>();
const rows: SecretRows = {
  read: async (key) => kept.get(key) ?? null,
  write: async (key, value) => void (value === null ? kept.delete(key) : kept.set(key, value)),
};
beforeEach(() => {
  keysDir = mkdtempSync(join(tmpdir(), 'hp-vault-'));
  kept = new Map();
});
afterEach(() => rmSync(keysDir, { recursive: true, force: true }));
const open = (clock: Clock = systemClock()) => openVault(keysDir, rows, clock);

describe('vault', () => {
  it('keeps secrets as age files under its identity, over restarts', async () => {
    await (await open()).put('railway', secret);
    const stored = Buffer.from(kept.get('secret:railway') ?? '', 'base64').toString('latin1');
    expect(stored.startsWith('age-encryption.org/v1\n')).toBe(true);
    expect(stored).not.toContain(secret);
    expect(statSync(join(keysDir, 'vault.identity')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(keysDir, 'vault.identity'), 'utf8')).toMatch(/^AGE-SECRET-KEY-1/);
    const again = await open();
    expect(again.opened('railway')).toBeNull();
    expect(await again.open('railway')).toBe(secret);
    expect(again.opened('railway')).toBe(secret);
  });

  it('forgets: after an hour without use, on removal, at close', async () => {
    const timers: (() => void)[] = [];
    const vault = await open({
      ...systemClock(),
      after: (_delayMs, run) => {
        timers.push(run);
        return () => undefined;
      },
    });
    await vault.put('a', secret);
    await vault.open('a');
    timers.at(-1)?.();
    expect(vault.opened('a')).toBeNull();
    await vault.open('a');
    vault.close();
    expect(vault.opened('a')).toBeNull();
    await vault.remove('a');
    await expect(vault.open('a')).rejects.toMatchObject({ code: 'secret-missing' });
  });

  it('opens the new secret after a rotation', async () => {
    const vault = await open();
    await vault.put('a', secret);
    await vault.open('a');
    await vault.put('a', `${secret}2`);
    expect(await vault.open('a')).toBe(`${secret}2`);
  });

  it('refuses a row under another name, a changed row and another identity', async () => {
    const vault = await open();
    await vault.put('a', secret);
    kept.set('secret:b', kept.get('secret:a') ?? '');
    await expect(vault.open('b')).rejects.toMatchObject({ code: 'secret-broken' });
    kept.set('secret:a', `${kept.get('secret:a')?.slice(0, -8)}AAAAAAAA`);
    await expect(vault.open('a')).rejects.toMatchObject({ code: 'secret-broken' });
    rmSync(join(keysDir, 'vault.identity'));
    await vault.put('c', secret);
    await expect((await open()).open('c')).rejects.toMatchObject({ code: 'secret-broken' });
  });

  it.each([
    ['short', 'abc'],
    ['a line end', `${secret}\r\nx-evil: 1`],
    ['space around', ` ${secret}`],
    ['not ASCII', `${secret}ü`],
    ['too long', 'x'.repeat(8193)],
  ])('refuses a secret with %s, without repeating it', async (_name, unfit) => {
    const vault = await open();
    const fault: unknown = await vault.put('a', unfit).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'secret-unfit' });
    expect(String(fault)).not.toContain(secret);
    expect(kept.size).toBe(0);
  });
});
