// One hold that may be released, whole and consistent: request, digest, approval, proof and people fit each other.
// Tests take it and break one thing. sample-hold.ts is the same hold for what only shows it.

import { canonicalJson } from '../action/canonical.ts';
import type { OutgoingRequest } from '../action/request.ts';
import { type DigestInput, holdDigest, retryKey } from '../hold/digest.ts';
import type { Hold } from '../hold/hold.ts';
import type { ReleaseFacts } from '../hold/may-release.ts';
import { enrolledPeople } from '../hold/people.ts';
import type { Proof, Requirement } from '../hold/proof.ts';
import { approvalOf, enrolmentOf } from './people-pool.ts';
import { sampleAtMs, sampleHold } from './sample-hold.ts';

export const delayMs = 600_000;
export const backupRequirement: Requirement = {
  kind: 'backup',
  backup: 'bookings',
  resource: 'railway:volume:3d2c42fb',
  maxAgeMs: 3_600_000,
};
export const delayRequirement: Requirement = { kind: 'delay', delayMs };

export const volumeDeleteRequest: OutgoingRequest = {
  method: 'POST',
  scheme: 'https',
  host: 'backboard.railway.app',
  port: 443,
  path: '/graphql/v2',
  headers: [
    ['authorization', 'Bearer hp_railway_placeholder'],
    ['content-type', 'application/json'],
  ],
  body: Buffer.from('{"query":"mutation { volumeDelete(volumeId: \\"3d2c42fb\\") }"}'),
};

export const rootPeople = [
  enrolmentOf('anna', 'owner', 'anna'),
  enrolmentOf('ben', 'approver', 'anna'),
  enrolmentOf('cleo', 'viewer', 'anna'),
] as const;

export function proofOf(requirement: Requirement, atMs: number, id = `proof ${atMs}`): Proof {
  return { kind: requirement.kind, requirement: canonicalJson(requirement), id, atMs, says: 'It is so.' };
}

export function digestInputOf(hold: Hold): DigestInput {
  return {
    agent: hold.agent,
    grantDigest: hold.grantDigest,
    policyDigest: hold.policyDigest,
    channel: hold.channel,
    content: { kind: 'http', request: volumeDeleteRequest },
    credential: hold.credential,
    material: hold.material,
    safeguards: hold.needs.safeguards,
  };
}

/** A fresh hold whose digest and retry key are those of the request above. */
export function heldHold(parts: Partial<Hold> = {}): Hold {
  const safeguards = [delayRequirement, backupRequirement];
  const needs = { factors: ['typed-name', 'approval-key'] as const, people: 1, delayMs, safeguards };
  const hold = sampleHold({ needs, ...parts });
  const content = { kind: 'http', request: volumeDeleteRequest } as const;
  return {
    ...hold,
    digest: holdDigest(digestInputOf(hold)),
    retryKey: retryKey(hold.agent, hold.channel, content),
  };
}

/** The same hold, approved by anna at `sampleAtMs`, copy and delay proven: only the release is left. */
export function readyHold(parts: Partial<Hold> = {}): Hold {
  const hold = heldHold(parts);
  const untilMs = sampleAtMs + delayMs;
  return {
    ...hold,
    state: { kind: 'delayed', untilMs },
    approvals: [approvalOf('anna', hold.digest, sampleAtMs)],
    proofs: [proofOf(backupRequirement, sampleAtMs), proofOf(delayRequirement, untilMs)],
    ...parts,
  };
}

/** Facts on which mayRelease says `may`. */
export function releaseFacts(hold: Hold = readyHold()): ReleaseFacts {
  return {
    hold,
    input: digestInputOf(hold),
    fresh: hold.material,
    people: enrolledPeople(rootPeople),
    agent: { frozen: false, revoked: false, expired: false },
    nowMs: sampleAtMs + delayMs + 1_000,
  };
}
