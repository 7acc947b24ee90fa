// The instance's certificate authority and the bundle that agents' clients are pointed at. The CA key is 0600 and never
// leaves the keys folder; the CA goes into no system trust store. The bundle holds the system's roots as well, because
// most client variables replace the store instead of adding to it.

import { chmodSync, existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  loadCertificateAuthority,
} from '../platform/certificates.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { Home } from '../platform/home.ts';

const days = 3_650;
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

function assertPrivate(file: string): void {
  if ((lstatSync(file).mode & 0o077) === 0) return;
  throw new HoldpointError('keys-exposed', {
    what: `Holdpoint does not start with ${file}.`,
    why: 'Others may read the key of its certificate authority, and could pose as any provider to your agents.',
    next: 'Delete both CA files, start again, and reconnect your agents: a new authority is made.',
  });
}

/** Opens the authority, making it where there is none. Throws `keys-exposed` or `ca-unusable`. */
export function openAuthority(home: Home, name: string): CertificateAuthority {
  const certFile = join(home.keysDir, 'ca.crt');
  const keyFile = join(home.keysDir, 'ca.key');
  if (!existsSync(keyFile) || !existsSync(certFile)) {
    const made = createCertificateAuthority({ name, notBeforeMs: Date.now() - 24 * 60 * 60_000, days });
    writeFileSync(keyFile, made.keyPem, { mode: 0o600 });
    writeFileSync(certFile, made.certPem, { mode: 0o600 });
  }
  assertPrivate(keyFile);
  const pair = { certPem: readFileSync(certFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') };
  return loadCertificateAuthority(pair, { nowMs: Date.now });
}

/** Writes `ca.pem` and `ca-bundle.pem` where agents may read them; resolves with the bundle's path. */
export function writeBundle(home: Home, authority: CertificateAuthority): string {
  const system = systemBundles.find((file) => existsSync(file));
  const roots = system === undefined ? rootCertificates.join('\n') : readFileSync(system, 'utf8');
  const bundle = join(home.publicDir, 'ca-bundle.pem');
  writePublic(join(home.publicDir, 'ca.pem'), authority.certPem);
  writePublic(bundle, `${roots.trimEnd()}\n${authority.certPem}`);
  return bundle;
}

/** By chmod, because the gateway's umask (077) would keep it from the agents that run under another user. */
export function writePublic(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
}
