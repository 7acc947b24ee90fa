import { expect, it } from 'vitest';
import type { Resolution } from '../action/action.ts';
import { parsePolicy } from '../gateway/policy-file.ts';
import { requirementsFor } from './requirements.ts';

const policy = parsePolicy(`
backups: { bookings: { source: database:bookings, to: [local] } }
databases: { bookings: { upstream: credential:bookings-url, environment: production, listen: 4655 } }
environments: { production: { protected: true, is: ["railway:environment:00000000-0000-0000-0000-000000000001"] } }
credentials: { bookings-url: { provider: railway, placeholder: hp_railway_bookings, purpose: "the database" } }
protects: [{ resource: "railway:volume:vol-1", backup: bookings }]
`);

function reaching(...ids: readonly string[]): Resolution {
  const resources = ids.map((id) => ({
    ref: { provider: 'railway', kind: 'volume', id },
    label: null,
    environments: [],
    blast: null,
    undo: null,
    evidence: [],
  }));
  return { resources, environments: [], line: '', atMs: 0 };
}

it.each([
  [reaching(), 0, [], 'nothing reached, nothing to wait for'],
  [reaching('vol-2'), 5_000, ['delay'], 'an unprotected thing waits for the delay alone'],
  [reaching('vol-1'), 0, ['backup'], 'a protected thing needs its backup, delay or not'],
  [reaching('vol-2', 'vol-1'), 5_000, ['delay', 'backup'], 'one protected thing among others is enough'],
])('%#: %j', (resolution, delayMs, kinds, _because) => {
  expect(requirementsFor(resolution, policy, delayMs).map((each) => each.kind)).toEqual(kinds);
});
