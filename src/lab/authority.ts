// The lab's own certificate authority, asked of the openssl command: a CA of a few hours and one leaf for the fake's
// names. It is never put into a trust store; clients of the lab get its file by name. A gateway that brings its own CA
// passes its certificates to the fake instead (LabGateway.certificates) and this file is not used.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldpointError } from '../platform/fault.ts';
import type { HostCertificate } from './fake-railway/server.ts';

export interface LabAuthority {
  readonly caPem: string;
  readonly certificates: Readonly<Record<string, HostCertificate>>;
}

function openssl(folder: string, args: readonly string[]): void {
  const run = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (run.status === 0) return;
  throw new HoldpointError('lab-openssl-failed', {
    what: 'The lab could not make its certificates.',
    why: run.error === undefined ? `openssl ended with ${run.status}: ${run.stderr.slice(-300)}` : run.error.message,
    next: 'Install the openssl command and start the lab again.',
  });
}

/** One CA and one leaf that covers all of `hosts`; keys live in a private folder for as long as this call takes. */
export function opensslAuthority(hosts: readonly string[]): LabAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-lab-ca-'));
  try {
    const names = hosts.map((host) => `DNS:${host}`).join(',');
    writeFileSync(join(folder, 'leaf.cnf'), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(folder, [
      'req',
      '-x509',
      ...curve,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=lab',
    ]);
    openssl(folder, ['req', ...curve, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=fake-railway']);
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'leaf.cnf'];
    openssl(folder, ['x509', '-req', '-in', 'leaf.csr', '-out', 'leaf.pem', ...sign]);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const leaf = { certPem: read('leaf.pem'), keyPem: read('leaf.key') };
    return { caPem: read('ca.pem'), certificates: Object.fromEntries(hosts.map((host) => [host, leaf])) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
