// The vault of real secrets: age-encrypted at rest, opened when a request needs one, dropped after an hour without use.
// The identity lies beside the other keys, so a stolen store is unreadable, but a stolen disk with keys is not (see
// THREATMODEL.md). Bodies of holds are not here: sealer.ts.

import { join } from 'node:path';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Clock } from '../platform/clock.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { EventDraft } from '../record/event.ts';
import type { RowWrite } from '../storage/storage.ts';
import { loadOrMake } from './keys.ts';

/** Where sealed secrets are kept: rows of the store's table `system`, given by compose.ts. */
export interface SecretRows {
  read(key: string): Promise<string | null>;
  /** null deletes. Resolves when durable, together with `along`: all or nothing. */
  write(key: string, value: string | null, along: Along): Promise<void>;
}

/** What is written in the same transaction as a secret: its journal entry and what is remembered of it. */
export interface Along {
  readonly events: readonly EventDraft[];
  readonly rows: readonly RowWrite[];
}

const nothingElse: Along = { events: [], rows: [] };

export interface Vault {
  /** Seals and keeps a secret. Throws `secret-unfit` for what no header can carry or no answer could be searched for. */
  put(credential: string, secret: string, along?: Along): Promise<void>;
  /** True if a secret is stored, without opening it. */
  has(credential: string): Promise<boolean>;
  /** The secret. Throws `secret-missing` or `secret-broken`. */
  open(credential: string): Promise<string>;
  /** The secret if it is open now, without waiting; null otherwise. */
  opened(credential: string): string | null;
  remove(credential: string, along?: Along): Promise<void>;
  /** Forgets every opened secret. */
  close(): void;
}

const identityFile = 'vault.identity';
const idleMs = 3_600_000;
const secretMin = 8;
const secretMax = 8192;
/** Visible ASCII and inner spaces: anything else could end a header line or mean two things. */
const headerSafe = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

interface Opened {
  readonly secret: string;
  readonly cancel: () => void;
}

/** Loads the identity, making one at first use. */
export async function openVault(keysDir: string, rows: SecretRows, clock: Clock): Promise<Vault> {
  const fresh = await generateX25519Identity();
  const identity = loadOrMake(join(keysDir, identityFile), () => Buffer.from(`${fresh}\n`))
    .toString('utf8')
    .trim();
  const recipient = await identityToRecipient(identity);
  const opened = new Map<string, Opened>();

  const forget = (credential: string) => {
    opened.get(credential)?.cancel();
    opened.delete(credential);
  };
  const remember = (credential: string, secret: string) => {
    forget(credential);
    opened.set(credential, { secret, cancel: clock.after(idleMs, () => opened.delete(credential)) });
    return secret;
  };

  return {
    async put(credential, secret, along = nothingElse) {
      assertFit(secret);
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const sealed = await encrypter.encrypt(JSON.stringify({ v: 1, credential, secret }));
      await rows.write(rowKey(credential), Buffer.from(sealed).toString('base64'), along);
      forget(credential);
    },
    has: async (credential) => (await rows.read(rowKey(credential))) !== null,
    async open(credential) {
      const kept = opened.get(credential);
      if (kept !== undefined) return remember(credential, kept.secret);
      const sealed = await rows.read(rowKey(credential));
      if (sealed === null) throw missing(credential);
      return remember(credential, await unseal(identity, credential, sealed));
    },
    opened: (credential) => opened.get(credential)?.secret ?? null,
    async remove(credential, along = nothingElse) {
      forget(credential);
      await rows.write(rowKey(credential), null, along);
    },
    close() {
      for (const credential of [...opened.keys()]) forget(credential);
    },
  };
}

const rowKey = (credential: string) => `secret:${credential}`;

async function unseal(identity: string, credential: string, sealed: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const text = await decrypter.decrypt(Buffer.from(sealed, 'base64'), 'text');
    const { credential: whose, secret } = JSON.parse(text) as {
      readonly credential: unknown;
      readonly secret: unknown;
    };
    // The name is sealed with the secret: a row copied under another name must not hand out its power.
    if (whose !== credential || typeof secret !== 'string') throw new Error('sealed for another credential');
    return secret;
  } catch (cause) {
    throw new HoldpointError('secret-broken', {
      what: `The stored secret of credential ${credential} cannot be opened.`,
      why: 'Its row was changed, or the keys folder is not the one it was sealed with.',
      next: `Run \`holdpoint credential rotate ${credential}\` and give the secret again.`,
      cause,
    });
  }
}

function missing(credential: string): HoldpointError {
  return new HoldpointError('secret-missing', {
    what: `No secret is stored for credential ${credential}.`,
    why: 'The policy names its placeholder, but its secret was never given or was removed.',
    next: `Run \`holdpoint credential add ${credential}\` on a terminal.`,
  });
}

function assertFit(secret: string): void {
  if (secret.length >= secretMin && secret.length <= secretMax && headerSafe.test(secret)) return;
  throw new HoldpointError('secret-unfit', {
    what: 'This secret was not stored.',
    why: `A secret has ${secretMin} to ${secretMax} characters of visible ASCII: less cannot be told from ordinary text in an answer, and anything else cannot stand in a header.`,
    next: 'Check that it was copied whole, without line ends.',
  });
}
