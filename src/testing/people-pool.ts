// A few humans with real ed25519 keys for tests: made from their names, so that runs repeat, and with signatures kept,
// so that thousands of histories do not sign the same page again. No key here opens anything.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Factor } from '../authorize/grant.ts';
import type { Approval } from '../hold/hold.ts';
import { type Enrolment, enrolmentDigest, type Role } from '../hold/people.ts';

/** PKCS #8 around a raw ed25519 seed (RFC 8410 section 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

const keys = new Map<string, { readonly secret: KeyObject; readonly publicKey: string }>();
const signatures = new Map<string, string>();

function keyOf(human: string) {
  const known = keys.get(human);
  if (known !== undefined) return known;
  const seed = createHash('sha256').update(`a test human: ${human}`).digest();
  const secret = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(secret).export({ format: 'jwk' });
  const made = { secret, publicKey: Buffer.from(x ?? '', 'base64url').toString('hex') };
  keys.set(human, made);
  return made;
}

export function publicKeyOf(human: string): string {
  return keyOf(human).publicKey;
}

/** Hex signature over SHA-256(digest bytes || nonce bytes). */
export function signAs(human: string, digest: string, nonce: string): string {
  const wanted = `${human} ${digest} ${nonce}`;
  const known = signatures.get(wanted);
  if (known !== undefined) return known;
  const message = createHash('sha256').update(Buffer.from(digest, 'hex')).update(Buffer.from(nonce, 'hex')).digest();
  const made = sign(null, message, keyOf(human).secret).toString('hex');
  signatures.set(wanted, made);
  return made;
}

/** The enrolment of `human`, signed by `by`'s key (or by `signer`'s, to forge one). */
export function enrolmentOf(human: string, role: Role, by: string, signer = by): Enrolment {
  const parts = { human, role, publicKey: publicKeyOf(human), by };
  return { ...parts, signature: signAs(signer, enrolmentDigest(parts), ''), atMs: 1 };
}

export function approvalOf(
  human: string,
  digest: string,
  atMs: number,
  nonce = 'ab'.repeat(16),
  factors: readonly Factor[] = ['typed-name', 'approval-key'],
): Approval {
  return {
    human,
    factors,
    publicKey: publicKeyOf(human),
    nonce,
    digest,
    signature: signAs(human, digest, nonce),
    atMs,
  };
}
