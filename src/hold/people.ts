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
  if (!publicKeyForm.test(publicKey) || !/^[0-9a-f]{64}$/.test(digest) || !/^[0-9a-f]{128}$/.test(signature))
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

/** One spelling for one key: the same key in capital letters must not make a second human. */
const publicKeyForm = /^[0-9a-f]{64}$/;

function isSignedBy(enrolment: Enrolment, signer: Enrolment): boolean {
  if (!publicKeyForm.test(enrolment.publicKey)) return false;
  return verifySignature(signer.publicKey, enrolmentDigest(enrolment), '', enrolment.signature);
}

/**
 * The humans whose enrolments form an unbroken chain from the first one, which signs itself. If the first does not hold
 * there is nobody: a later self-signed one must not become root. Any other enrolment that does not verify is left out,
 * together with everybody who depends on it; so is a second one of the same name, and a second name for the same key.
 */
export function enrolledPeople(enrolments: readonly Enrolment[]): ReadonlyMap<string, Enrolment> {
  const people = new Map<string, Enrolment>();
  const [root, ...others] = enrolments;
  if (root === undefined || root.by !== root.human || root.role !== 'owner' || !isSignedBy(root, root)) return people;
  people.set(root.human, root);
  const keys = new Set([root.publicKey]);
  for (const enrolment of others) {
    const signer = people.get(enrolment.by);
    if (signer?.role !== 'owner' || people.has(enrolment.human) || keys.has(enrolment.publicKey)) continue;
    if (!isSignedBy(enrolment, signer)) continue;
    people.set(enrolment.human, enrolment);
    keys.add(enrolment.publicKey);
  }
  return people;
}
