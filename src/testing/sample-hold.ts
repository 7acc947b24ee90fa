// One hold as the incident would have made it: the founder's volumeDelete, resolved to staging and production.
// A fixture for tests of whatever shows or moves holds; it decides nothing and no program imports it.

import type { Environment } from '../action/action.ts';
import { digestOf } from '../action/canonical.ts';
import type { Hold } from '../hold/hold.ts';

export const sampleAtMs = Date.UTC(2026, 3, 24, 14, 3);

const environmentIds: Readonly<Record<string, string>> = { production: 'b30a1fbc', staging: '131a2901' };

export function environment(name: string, guarded: 'protected' | 'open'): Extract<Environment, { kind: 'verified' }> {
  return {
    kind: 'verified',
    name,
    protected: guarded === 'protected',
    disposable: false,
    by: `railway environment ${environmentIds[name] ?? '00000000'}`,
  };
}

const volume = { provider: 'railway', kind: 'volume', id: '3d2c42fb' } as const;

const reading: Hold['reading'] = {
  effect: 'destructive',
  basis: 'proven',
  recovery: 'unknown',
  aspects: [],
  operation: 'volumeDelete',
  provider: 'railway',
  operations: [],
  plain: false,
  unreadable: null,
  evidence: [],
};

const resolution: Hold['resolution'] = {
  resources: [
    {
      ref: volume,
      label: 'pocketos-db',
      environments: [environment('production', 'protected'), environment('staging', 'open')],
      blast: {
        what: 'volume pocketos-db with its disks in production and staging',
        bytes: 41_000_000_000,
        rows: null,
        dependents: ['service Postgres'],
        backupsInside: 6,
        oldest: null,
        newest: null,
      },
      undo: '48 h, e-mailed link',
      evidence: [],
    },
  ],
  environments: [environment('production', 'protected'), environment('staging', 'open')],
  line: 'volumeDelete 3d2c42fb -> project pocketos -> staging /data, production /data (41 GB, 6 backups inside)',
  atMs: sampleAtMs,
};

const material: Hold['material'] = {
  operation: 'volumeDelete',
  resources: ['railway:volume:3d2c42fb'],
  environments: ['production', 'staging'],
  recovery: 'unknown',
  bypass: [],
  bytesMax: 42_000_000_000,
  rowsMax: null,
  backupsMax: 6,
};

/** A fresh hold; parts given replace the sample's. */
export function sampleHold(parts: Partial<Hold> = {}): Hold {
  return {
    id: 'hold_7m3q9c2tvd4kx8wz',
    actionId: 'act_7m3q9c2tvd4kx8wz',
    agent: 'cursor-staging',
    session: 'ses_7m3q9c2tvd4kx8wz',
    channel: 'http',
    posture: 'brokered',
    atMs: sampleAtMs,
    askedAgainMs: sampleAtMs,
    state: { kind: 'held' },
    reading,
    resolution,
    reasons: [
      {
        code: 'destructive-needs-a-human',
        what: 'volumeDelete destroys data.',
        why: 'It reaches production, which the grant of cursor-staging does not include.',
        next: 'A human decides; the agent waits.',
      },
    ],
    material,
    digest: digestOf(material),
    grantDigest: digestOf('grant'),
    policyDigest: digestOf('policy'),
    retryKey: digestOf('retry'),
    credential: 'railway',
    needs: {
      factors: ['typed-name', 'approval-key'],
      people: 1,
      delayMs: 600_000,
      safeguards: [{ kind: 'delay', delayMs: 600_000 }],
    },
    approvals: [],
    proofs: [],
    shown: {
      method: 'POST',
      url: 'https://backboard.railway.app/graphql/v2',
      headers: [['authorization', 'Bearer (placeholder railway)']],
      body: '{"query":"mutation { volumeDelete(volumeId: \\"3d2c42fb\\") }"}',
    },
    asked: null,
    claimed: null,
    before: null,
    lab: false,
    ...parts,
  };
}
