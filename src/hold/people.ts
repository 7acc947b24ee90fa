// Humans and the chain of enrolments up to the root human: who may say yes at all. Pure verification;
// keys are made and unlocked in credentials/approval-key.ts.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { digestOf } from '../action/canonical.ts';

export type Role = 'owner' | 'approver' | 'viewer';

/** One enrolment, as its event says it. The root human signs their own. */
export interface Enrolment {
  readonly human: string;
  readonly role: Role;
  /** Hex of the raw ed25519 public key (32 bytes). */
  readonly publicKey: string;
  /** The enrolling human; equal to `human` for the root. */
  readonly by: string;
  /** Hex signature by `by`'s key over enrolmentDigest. */
  readonly signature: string;
  readonly atMs: number;
}

/** Verifies an ed25519 signature over SHA-256(digest bytes || nonce bytes); all hex. False for anything malformed. */
export function verifySignature(publicKey: string, digest: string, nonce: string, signature: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{64}$/.test(digest) || !/^[0-9a-f]{128}$/.test(signature))
    return false;
  if (!/^([0-9a-f]{2})*$/.test(nonce)) return false;
  const message = createHash('sha256').update(Buffer.from(digest, 'hex')).update(Buffer.from(nonce, 'hex')).digest();
  try {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'hex').toString('base64url') },
      format: 'jwk',
    });
    return verify(null, message, key, Buffer.from(signature, 'hex'));
  } catch {
    return false;
  }
}

export function enrolmentDigest(enrolment: Omit<Enrolment, 'signature' | 'atMs'>): string {
  const { human, role, publicKey, by } = enrolment;
  return digestOf({ verb: 'enrol', human, role, publicKey, by });
}

/**
 * The humans whose enrolments form an unbroken chain from the first, self-signed one. An enrolment that does not
 * verify is left out, together with everybody who depends on it. Later enrolments of the same name are ignored.
 */
export function enrolledPeople(enrolments: readonly Enrolment[]): ReadonlyMap<string, Enrolment> {
  const people = new Map<string, Enrolment>();
  for (const enrolment of enrolments) {
    if (people.has(enrolment.human)) continue;
    const root = people.size === 0 && enrolment.by === enrolment.human && enrolment.role === 'owner';
    const signer = root ? enrolment : people.get(enrolment.by);
    if (signer === undefined || signer.role !== 'owner') continue;
    if (verifySignature(signer.publicKey, enrolmentDigest(enrolment), '', enrolment.signature))
      people.set(enrolment.human, enrolment);
  }
  return people;
}
