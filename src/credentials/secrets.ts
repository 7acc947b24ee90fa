// Secrets as a human gives and takes them away: into the vault, with a journal entry in the same transaction, and
// recognised by shape so that the token card can tell their power. The secret goes to the vault and nowhere else; the
// entry has its fingerprint. Who may do this is gateway/credential-verbs.ts.

import type { CredentialPolicy } from '../authorize/grant.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import { systemDraft } from '../record/event.ts';
import type { RowWrite, Storage } from '../storage/storage.ts';
import { kindsOf } from './token-shapes.ts';
import type { Vault } from './vault.ts';

/** What is remembered of a secret beside the vault. */
export interface KeptSecret {
  readonly fingerprint: string;
  /** Kinds of its provider's tokens that it has the shape of; empty: none. */
  readonly kinds: readonly string[];
}

export interface GivenSecret extends KeptSecret {
  /** The project's page on this provider, or null: it says how an old secret is made useless there. */
  readonly docs: string | null;
}

export interface Secrets {
  /** Keeps it in place of what was there. Throws `secret-unfit`. */
  put(credential: CredentialPolicy, secret: string, by: string): Promise<GivenSecret>;
  /** False: none was there. */
  remove(credential: string, by: string): Promise<boolean>;
  /** By credential id. */
  kept(): Promise<ReadonlyMap<string, KeptSecret>>;
}

export interface SecretsDeps {
  readonly vault: Vault;
  readonly storage: Storage;
  readonly pages: readonly ProviderPage[];
  readonly fingerprint: (literal: string) => string;
  readonly wallMs: () => number;
}

const rowPrefix = 'secret-card:';

export function createSecrets({ vault, storage, pages, fingerprint, wallMs }: SecretsDeps): Secrets {
  const row = (credential: string, kept: KeptSecret | null): RowWrite => ({
    table: 'system',
    key: `${rowPrefix}${credential}`,
    value: kept === null ? null : JSON.stringify(kept),
  });
  return {
    async put({ id, provider }, secret, by) {
      const page = pages.find((each) => each.name === provider) ?? null;
      const kept = { fingerprint: fingerprint(secret), kinds: page === null ? [] : kindsOf(page, secret) };
      const event = systemDraft('enrolled', wallMs(), null, { credential: id, ...kept, by });
      await vault.put(id, secret, { events: [event], rows: [row(id, kept)] });
      return { ...kept, docs: page?.docs ?? null };
    },
    async remove(credential, by) {
      if (!(await vault.has(credential))) return false;
      const text = await storage.row('system', `${rowPrefix}${credential}`);
      const known = text === null ? null : (JSON.parse(text) as KeptSecret).fingerprint;
      const event = systemDraft('revoked', wallMs(), null, { credential, fingerprint: known, by });
      await vault.remove(credential, { events: [event], rows: [row(credential, null)] });
      return true;
    },
    async kept() {
      const rows = (await storage.rows('system')).filter(({ key }) => key.startsWith(rowPrefix));
      return new Map(rows.map(({ key, value }) => [key.slice(rowPrefix.length), JSON.parse(value) as KeptSecret]));
    },
  };
}
