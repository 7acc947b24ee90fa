// The lab's own certificate authority for the fake provider: good for two days, one leaf for each of the fake's names.
// It is never put into a trust store; the lab's clients and the lab's gateway get its certificate by file. It is not the
// gateway's authority, which stands between the agent and the gateway.

import { createCertificateAuthority, loadCertificateAuthority } from '../platform/certificates.ts';
import type { HostCertificate } from './fake-railway/server.ts';

export interface LabAuthority {
  readonly caPem: string;
  readonly certificates: Readonly<Record<string, HostCertificate>>;
}

const dayMs = 86_400_000;

/** A new authority and a leaf for each host. The key of the authority is forgotten when this returns. */
export function labAuthority(hosts: readonly string[], nowMs: number): LabAuthority {
  const pair = createCertificateAuthority({
    name: 'Holdpoint lab: fake provider',
    notBeforeMs: nowMs - dayMs,
    days: 3,
  });
  const authority = loadCertificateAuthority(pair, { nowMs: () => nowMs });
  return {
    caPem: authority.certPem,
    certificates: Object.fromEntries(hosts.map((host) => [host, authority.leafFor(host)])),
  };
}
