// Values for tests of the judging stages: operations, readings, grants, policies and resolutions with sensible middles,
// of which a test changes what it is about. No defaults of the product stand here.

import type { Environment, Operation, Reading, Resolution, ResourceRef } from '../action/action.ts';
import { worseEffect } from '../action/effect.ts';
import type { Grant, Policy } from '../authorize/grant.ts';
import type { DecideInput } from '../decide/decide.ts';

export const volume: ResourceRef = { provider: 'railway', kind: 'volume', id: '3d2c42fb' };

export function operation(change: Partial<Operation> = {}): Operation {
  return {
    name: 'volumeUpdate',
    effect: 'write',
    basis: 'proven',
    recovery: 'undo',
    aspects: [],
    scope: 'volumes',
    targets: [volume],
    account: false,
    bypass: [],
    evidence: [],
    masks: [],
    ...change,
  };
}

/** A reading of operations, as a reader would fold them; the first names it. */
export function reading(operations: readonly Operation[], change: Partial<Reading> = {}): Reading {
  const effect = operations.map((each) => each.effect).reduce(worseEffect, 'read');
  const worst = operations.filter((each) => each.effect === effect);
  const aspects = [...new Set(operations.flatMap((each) => each.aspects))];
  const basis = worst.some((each) => each.basis === 'assumed') ? 'assumed' : 'proven';
  return {
    effect,
    basis,
    recovery: worst[0]?.recovery ?? 'unknown',
    aspects,
    operation: operations.map((each) => each.name).join(' + '),
    provider: 'railway',
    operations,
    plain: effect === 'read' && basis === 'proven' && aspects.length === 0,
    unreadable: null,
    evidence: [],
    ...change,
  };
}

type Verified = Extract<Environment, { kind: 'verified' }>;

export const staging: Verified = {
  kind: 'verified',
  name: 'staging',
  protected: false,
  disposable: false,
  by: 'railway:environments',
};
export const production: Verified = { ...staging, name: 'production', protected: true };
export const preview: Verified = { ...staging, name: 'preview', disposable: true };
export const unknown: Environment = { kind: 'unknown', because: 'no access to one environment' };
export const account: Environment = { kind: 'account' };

/** A resolution in which each ref reaches the environments given. */
export function resolution(environments: readonly Environment[], refs: readonly ResourceRef[] = [volume]): Resolution {
  return {
    resources: refs.map((ref) => ({ ref, label: null, environments, blast: null, undo: null, evidence: [] })),
    environments,
    line: 'a line',
    atMs: 0,
  };
}

export function grant(change: Partial<Grant> = {}): Grant {
  return {
    agent: 'cursor-staging',
    preset: null,
    scopes: [{ kind: '*', access: 'write' }],
    environments: ['staging', 'preview'],
    credentials: ['railway'],
    destructive: 'confirm',
    expires: null,
    ...change,
  };
}

const refOf = (id: string): ResourceRef => ({ provider: 'railway', kind: 'environment', id });
export const environmentRefs = {
  production: refOf('env-prod'),
  staging: refOf('env-stage'),
  preview: refOf('env-prev'),
};

export function policy(change: Partial<Policy> = {}): Policy {
  return {
    grants: [grant()],
    environments: [
      { name: 'production', protected: true, disposable: false, is: [environmentRefs.production] },
      { name: 'staging', protected: false, disposable: false, is: [environmentRefs.staging] },
      { name: 'preview', protected: false, disposable: true, is: [environmentRefs.preview] },
    ],
    credentials: [],
    protects: [],
    approvals: {},
    delayIrreversibleMs: 600_000,
    waitMs: 50_000,
    hosts: { governed: [], tunnel: [], ordinary: [], denied: [], strict: false },
    projects: [],
    ...change,
  };
}

/** A judgeable action at a governed host, within the grant unless changed. */
export function decideInput(change: Partial<DecideInput> = {}): DecideInput {
  return {
    reading: reading([operation()]),
    resolution: resolution([staging]),
    grant: grant(),
    policy: policy(),
    agentState: 'active',
    host: { name: 'backboard.railway.com', class: 'governed' },
    credentialState: { kind: 'absent' },
    hostDecisions: [],
    nowMs: Date.UTC(2026, 10, 22),
    ...change,
  };
}
