// Each single fault alone keeps a hold from going: the table is the list of everything that an attacker, a late event or
// a careless change could get wrong while the rest is in order.

import { describe, expect, it } from 'vitest';
import { approvalOf, enrolmentOf, publicKeyOf, signAs } from '../testing/people-pool.ts';
import {
  backupRequirement,
  delayMs,
  delayRequirement,
  heldHold,
  proofOf,
  readyHold,
  releaseFacts,
  rootPeople,
  volumeDeleteRequest,
} from '../testing/release-case.ts';
import { environment, sampleAtMs } from '../testing/sample-hold.ts';
import type { Approval, Hold } from './hold.ts';
import {
  approvalsSuffice,
  askedAgainMaxMs,
  mayRelease,
  missingProofs,
  peopleNeeded,
  type ReleaseFacts,
  releaseWindowMs,
} from './may-release.ts';
import { enrolledPeople } from './people.ts';

const ready = readyHold();
const [yes] = ready.approvals as [Approval];
const facts = releaseFacts();

function withHold(parts: Partial<Hold>): ReleaseFacts {
  return { ...facts, hold: { ...ready, ...parts } };
}
const withApproval = (parts: Partial<Approval>) => withHold({ approvals: [{ ...yes, ...parts }] });
const people = (...enrolments: Parameters<typeof enrolledPeople>[0]) => enrolledPeople(enrolments);
const [, ben] = rootPeople;
const two = { ...ready.needs, people: 2 };

describe('mayRelease', () => {
  it('lets go what is whole', () => {
    expect(mayRelease(facts)).toEqual({ kind: 'may' });
  });

  it.each<[string, string, ReleaseFacts]>([
    ['one body byte', 'digest-changed', { ...facts, input: { ...facts.input, content: otherBody() } }],
    ['another agent', 'digest-changed', { ...facts, input: { ...facts.input, agent: 'other' } }],
    ['another grant', 'digest-changed', { ...facts, input: { ...facts.input, grantDigest: 'f'.repeat(64) } }],
    ['another policy', 'digest-changed', { ...facts, input: { ...facts.input, policyDigest: 'f'.repeat(64) } }],
    ['another credential', 'digest-changed', { ...facts, input: { ...facts.input, credential: 'railway-2' } }],
    ['a safeguard dropped', 'digest-changed', { ...facts, input: { ...facts.input, safeguards: [delayRequirement] } }],
    ['the hold says another digest', 'digest-changed', withHold({ digest: 'f'.repeat(64) })],
    ['a new resource', 'material-changed', { ...facts, fresh: { ...facts.fresh, resources: ['a', 'b'] } }],
    ['over its bound', 'material-changed', { ...facts, fresh: { ...facts.fresh, bytesMax: 1e15 } }],
    ['no approval', 'approvals-missing', withHold({ approvals: [] })],
    ['a factor missing', 'approvals-missing', withApproval({ factors: ['approval-key'] })],
    ['one human where two are needed', 'approvals-missing', withHold({ needs: two })],
    [
      'one human twice',
      'approvals-missing',
      withHold({ needs: two, approvals: [yes, { ...yes, nonce: 'cd'.repeat(16) }] }),
    ],
    ['nobody enrolled', 'approval-invalid', { ...facts, people: new Map() }],
    ['a viewer', 'approval-invalid', withHold({ approvals: [approvalOf('cleo', ready.digest, sampleAtMs)] })],
    ['a stranger', 'approval-invalid', withHold({ approvals: [approvalOf('mallory', ready.digest, sampleAtMs)] })],
    ['removed since', 'approval-invalid', { ...facts, people: people(ben) }],
    [
      'the root forged',
      'approval-invalid',
      { ...facts, people: people(enrolmentOf('anna', 'owner', 'anna', 'mallory')) },
    ],
    ['a key that is not the enrolled one', 'approval-invalid', withApproval({ publicKey: publicKeyOf('mallory') })],
    [
      'another human under her name',
      'approval-invalid',
      withApproval({ ...approvalOf('mallory', ready.digest, sampleAtMs), human: 'anna' }),
    ],
    [
      'another digest, well signed',
      'approval-invalid',
      withHold({ approvals: [approvalOf('anna', 'f'.repeat(64), sampleAtMs)] }),
    ],
    ['another digest only claimed', 'approval-invalid', withApproval({ digest: 'f'.repeat(64) })],
    ['another nonce', 'approval-invalid', withApproval({ nonce: 'cd'.repeat(16) })],
    [
      'no nonce, well signed',
      'approval-invalid',
      withApproval({ nonce: '', signature: signAs('anna', ready.digest, '') }),
    ],
    ['a signature byte', 'approval-invalid', withApproval({ signature: flipped(yes.signature) })],
    ['a signature that is no hex', 'approval-invalid', withApproval({ signature: 'x'.repeat(128) })],
    ['an approval from the future', 'approval-invalid', withApproval({ atMs: facts.nowMs + 60_000 })],
    ['no proofs', 'proof-missing', withHold({ proofs: [] })],
    ['no proof of the delay', 'proof-missing', withHold({ proofs: [proofOf(backupRequirement, sampleAtMs)] })],
    ['no proof of the copy', 'proof-missing', withHold({ proofs: [proofOf(delayRequirement, sampleAtMs + delayMs)] })],
    [
      'a proof of another kind',
      'proof-missing',
      withHold({ proofs: ready.proofs.map((each) => ({ ...each, kind: 'backup' })) }),
    ],
    [
      'a copy that is too old',
      'proof-stale',
      withHold({ proofs: [proofOf(backupRequirement, sampleAtMs - 3_600_000), ...ready.proofs.slice(1)] }),
    ],
    ['the delay not over', 'delay-not-over', { ...facts, nowMs: sampleAtMs + delayMs / 2 }],
    ['frozen', 'agent-frozen', { ...facts, agent: { ...facts.agent, frozen: true } }],
    ['revoked', 'agent-revoked', { ...facts, agent: { ...facts.agent, revoked: true } }],
    ['expired', 'agent-expired', { ...facts, agent: { ...facts.agent, expired: true } }],
    ['seven days old', 'hold-too-old', withHold({ askedAgainMs: facts.nowMs - askedAgainMaxMs - 1 })],
    ['not approved by state', 'not-approved', withHold({ state: { kind: 'held' } })],
    ['already released', 'not-approved', withHold({ state: { kind: 'released', atMs: 1 } })],
    ['denied', 'not-approved', withHold({ state: { kind: 'denied', by: 'anna', atMs: 1 } })],
  ])('%s: %s', (_because, code, broken) => {
    const answer = mayRelease(broken);
    expect(answer.kind).toBe('rehold');
    expect(answer.kind === 'rehold' ? answer.reasons.map((each) => each.code) : []).toContain(code);
  });

  it.each<[string, number, ReturnType<typeof mayRelease>['kind']]>([
    ['as the delay ends', sampleAtMs + delayMs, 'may'],
    ['at the end of the window', sampleAtMs + delayMs + releaseWindowMs, 'may'],
    ['after it', sampleAtMs + delayMs + releaseWindowMs + 1, 'lapsed'],
  ])('%s', (_when, nowMs, kind) => {
    const proofs = [proofOf(backupRequirement, nowMs), ...ready.proofs.slice(1)];
    expect(mayRelease({ ...withHold({ proofs }), nowMs }).kind).toBe(kind);
  });

  it('counts the window from the oldest yes: a second human does not renew the first', () => {
    const late = sampleAtMs + releaseWindowMs;
    const approvals = [yes, approvalOf('ben', ready.digest, late, 'cd'.repeat(16))];
    const proofs = [proofOf(backupRequirement, late), ...ready.proofs.slice(1)];
    const both = withHold({ needs: two, approvals, proofs });
    expect(mayRelease({ ...both, nowMs: late + delayMs })).toEqual({ kind: 'may' });
    expect(mayRelease({ ...both, nowMs: late + delayMs + 1 })).toEqual({ kind: 'lapsed' });
  });

  it('takes two distinct humans where two are needed', () => {
    const approvals = [yes, approvalOf('ben', ready.digest, sampleAtMs, 'cd'.repeat(16))];
    expect(mayRelease(withHold({ needs: two, approvals }))).toEqual({ kind: 'may' });
  });

  it('is exactly seven days, not less', () => {
    expect(mayRelease(withHold({ askedAgainMs: facts.nowMs - askedAgainMaxMs }))).toEqual({ kind: 'may' });
  });

  it('wants every requirement of today, although the stored hold may have forgotten one', () => {
    const forgetful = withHold({ needs: { ...ready.needs, safeguards: [] }, proofs: ready.proofs.slice(1) });
    expect(mayRelease(forgetful)).toMatchObject({ kind: 'rehold', reasons: [{ code: 'proof-missing' }] });
  });
});

describe('approvalsSuffice', () => {
  const plain = { resolution: { ...ready.resolution, environments: [environment('staging', 'open')] } };
  const write = { ...ready.reading, effect: 'write' } as const;
  const onlyClick = { ...ready.needs, factors: ['click'] as const };
  const clicked = (hold: Hold) => approvalsSuffice(hold, [{ ...yes, factors: ['click'] }]);

  it.each<[boolean, string, Hold]>([
    [false, 'destructive', heldHold({ ...plain, needs: onlyClick })],
    [false, 'protected', heldHold({ reading: write, needs: onlyClick })],
    [
      false,
      'unknown',
      heldHold({
        reading: write,
        needs: onlyClick,
        resolution: { ...ready.resolution, environments: [{ kind: 'unknown', because: 'x' }] },
      }),
    ],
    [true, 'a write in an open place', heldHold({ ...plain, reading: write, needs: onlyClick })],
  ])('a click counts: %s for %s', (counts, _what, hold) => {
    expect(clicked(hold)).toBe(counts);
  });

  it('takes the approval key for the passkey and the other way round, and for nothing else', () => {
    const passkey = { ...ready, needs: { ...ready.needs, factors: ['passkey'] as const } };
    expect(approvalsSuffice(passkey, [{ ...yes, factors: ['approval-key'] }])).toBe(true);
    expect(approvalsSuffice(passkey, [{ ...yes, factors: ['typed-name'] }])).toBe(false);
    expect(approvalsSuffice(ready, [{ ...yes, factors: ['typed-name', 'passkey'] }])).toBe(true);
  });

  it('does not add up the factors of two approvals', () => {
    const halves: readonly Approval[] = [
      { ...yes, factors: ['typed-name'] },
      { ...yes, factors: ['approval-key'] },
    ];
    expect(approvalsSuffice(ready, halves)).toBe(false);
  });

  it('counts two names with one key once', () => {
    const pair: readonly Approval[] = [yes, { ...yes, human: 'anna-2' }];
    expect(approvalsSuffice({ ...ready, needs: two }, pair)).toBe(false);
  });

  it('never goes without a human where it destroys, whatever the needs say', () => {
    const none = { ...ready.needs, people: 0 };
    expect(peopleNeeded({ ...ready, needs: none })).toBe(1);
    expect(approvalsSuffice({ ...ready, needs: none }, [])).toBe(false);
    expect(peopleNeeded(heldHold({ ...plain, reading: write, needs: none }))).toBe(0);
  });
});

it('misses the delay even if the list of safeguards forgot it', () => {
  const hold = { ...ready, needs: { ...ready.needs, safeguards: [] }, proofs: [] };
  expect(missingProofs(hold)).toEqual(['{"delayMs":600000,"kind":"delay"}']);
});

function otherBody() {
  const body = Buffer.from(volumeDeleteRequest.body);
  body[body.length - 1] = 0x20;
  return { kind: 'http', request: { ...volumeDeleteRequest, body } } as const;
}

function flipped(signature: string): string {
  return (signature.startsWith('0') ? '1' : '0') + signature.slice(1);
}
