// Seals bodies of holds at rest: AES-256-GCM, one derived key per id, the id authenticated with the bytes, so that a
// sealed request cannot be put under another hold. Fast and symmetric; provider secrets are age-encrypted (vault.ts).
// Layout: one version byte, 12 bytes of nonce, ciphertext, 16 bytes of tag.

import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { HoldpointError } from '../platform/fault.ts';
import type { Random } from '../platform/random.ts';

export interface Sealer {
  seal(id: string, bytes: Uint8Array): Uint8Array;
  /** Throws `seal-broken` when the bytes were changed or belong to another id. */
  open(id: string, sealed: Uint8Array): Uint8Array;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const options = { authTagLength: tagBytes } as const;

export function createSealer(bodyKey: Uint8Array, random: Random): Sealer {
  // A key per id keeps the number of random nonces under one key far from where they could repeat.
  const keyOf = (id: string) => createHmac('sha256', bodyKey).update(id).digest();
  return {
    seal(id, bytes) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(id), nonce, options).setAAD(Buffer.from(id));
      const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, body, cipher.getAuthTag()]);
    },
    open(id, sealed) {
      try {
        if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) throw new Error('not a sealed body');
        const nonce = sealed.subarray(1, 1 + nonceBytes);
        const decipher = createDecipheriv('aes-256-gcm', keyOf(id), nonce, options).setAAD(Buffer.from(id));
        decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
        const body = sealed.subarray(1 + nonceBytes, sealed.length - tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch (cause) {
        throw broken(cause);
      }
    },
  };
}

function broken(cause: unknown): HoldpointError {
  return new HoldpointError('seal-broken', {
    what: 'A stored request or result cannot be opened.',
    why: 'Its bytes were changed, or it belongs to another hold or another instance.',
    next: 'Nothing was executed from it. Deny the hold and look at `holdpoint journal verify`.',
    retry: 'no',
    cause,
  });
}
