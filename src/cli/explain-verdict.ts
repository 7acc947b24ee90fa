// The verdict that `explain` prints: decide/ itself, asked for an agent whose grant covers everything, with every
// resource (account-wide ones too) in one verified non-production environment that it is granted, `destructive: confirm`.
// Not a second table of verdicts: only the input that the contract assumes.

import type { Reading, Resolution, Verdict } from '../action/action.ts';
import type { Grant, Policy } from '../authorize/grant.ts';
import { decide } from '../decide/decide.ts';

const grant: Grant = {
  agent: 'explained',
  preset: null,
  scopes: [{ kind: '*', access: 'write' }],
  environments: ['assumed'],
  credentials: [],
  destructive: 'confirm',
  expires: null,
};

const policy: Policy = {
  grants: [grant],
  environments: [{ name: 'assumed', protected: false, disposable: false, is: [] }],
  credentials: [],
  protects: [],
  approvals: {},
  delayIrreversibleMs: 0,
  waitMs: null,
  hosts: { governed: [], tunnel: [], ordinary: [], denied: [], strict: false },
  projects: [],
};

/** The verdict of the gateway's own table under the contract's assumptions; pure, never throws. */
export function verdictOf(reading: Reading): Verdict {
  const operations = reading.operations.map((operation) => ({ ...operation, account: false }));
  const environment = {
    kind: 'verified',
    name: 'assumed',
    protected: false,
    disposable: false,
    by: 'explain',
  } as const;
  const resources = operations
    .flatMap((operation) => operation.targets)
    .map((ref) => ({ ref, label: null, environments: [environment], blast: null, undo: null, evidence: [] }));
  const resolution: Resolution = { resources, environments: [environment], line: reading.operation, atMs: 0 };
  return decide({
    reading: { ...reading, operations },
    resolution,
    grant,
    policy,
    agentState: 'active',
    host: null,
    credentialState: { kind: 'absent' },
    hostDecisions: [],
    nowMs: 0,
  });
}
