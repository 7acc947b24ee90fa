import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { memoryStorage } from '../testing/memory-storage.ts';
import { testPages } from '../testing/provider-pages.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createSecrets } from './secrets.ts';
import { openVault } from './vault.ts';

const secret = ['5ec7e7aa', 'bbbb', '4ccc', '8ddd', 'eeeeeeeeeeee'].join('-');
const credential = {
  id: 'railway',
  provider: 'railway',
  placeholder: 'hp_railway_0123456789abcdef',
  purpose: 'deploy',
};
let keysDir = '';
beforeEach(() => {
  keysDir = mkdtempSync(join(tmpdir(), 'hp-secrets-'));
});
afterEach(() => rmSync(keysDir, { recursive: true, force: true }));

async function opened() {
  const storage = memoryStorage();
  const vault = await openVault(
    keysDir,
    {
      read: (key) => storage.row('system', key),
      async write(key, value, { events, rows }) {
        await storage.commit({ events, rows: [{ table: 'system', key, value }, ...rows] });
      },
    },
    systemClock(),
  );
  const fingerprint = (literal: string) => fingerprintOf(Buffer.alloc(32, 1), literal);
  const secrets = createSecrets({ vault, storage, pages: testPages, fingerprint, wallMs: () => 7 });
  return { storage, vault, secrets };
}

describe('secrets', () => {
  it('are journalled by fingerprint, recognised by shape, and nowhere written in the clear', async () => {
    const { storage, vault, secrets } = await opened();
    const given = await secrets.put(credential, secret, 'ada');
    expect(given.kinds).toEqual(['account-token', 'project-token']);
    expect(given.fingerprint).toMatch(/^fp:[0-9a-f]{24}$/);
    expect(await vault.open('railway')).toBe(secret);
    expect((await secrets.kept()).get('railway')).toEqual({ fingerprint: given.fingerprint, kinds: given.kinds });
    const events = await storage.events({ limit: 10 });
    expect(events.map(({ kind, data }) => ({ kind, data }))).toEqual([
      {
        kind: 'enrolled',
        data: { credential: 'railway', fingerprint: given.fingerprint, kinds: given.kinds, by: 'ada' },
      },
    ]);
    expect(JSON.stringify([events, await storage.rows('system')])).not.toContain(secret);
  });

  it('are taken away with an entry, once', async () => {
    const { storage, vault, secrets } = await opened();
    const { fingerprint } = await secrets.put(credential, secret, 'ada');
    expect(await secrets.remove('railway', 'terminal')).toBe(true);
    await expect(vault.open('railway')).rejects.toMatchObject({ code: 'secret-missing' });
    expect((await secrets.kept()).size).toBe(0);
    expect(await secrets.remove('railway', 'terminal')).toBe(false);
    const events = await storage.events({ limit: 10, kinds: ['revoked'] });
    expect(events.map(({ data }) => data)).toEqual([{ credential: 'railway', fingerprint, by: 'terminal' }]);
  });

  it.each([
    ['text that fits no shape', 'deploy-key-of-the-team', []],
    ['a shape inside more text', `x${secret}`, []],
  ])('%s is recognised as nothing', async (_what, literal, kinds) => {
    const { secrets } = await opened();
    expect((await secrets.put(credential, literal, 'ada')).kinds).toEqual(kinds);
  });

  it('leave no entry when they are unfit', async () => {
    const { storage, secrets } = await opened();
    await expect(secrets.put(credential, 'short', 'ada')).rejects.toMatchObject({ code: 'secret-unfit' });
    expect(await storage.events({ limit: 10 })).toEqual([]);
  });
});
