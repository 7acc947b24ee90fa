// An instance's files and what must be true of them before it starts: its folder is its own, its code cannot be changed
// by others, the control token is new. Whatever is not so stops the start with a reason.

import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HoldpointError } from '../platform/fault.ts';
import type { Home } from '../platform/home.ts';

const othersMayWrite = 0o022;

function refuse(path: string, why: string, next: string): never {
  throw new HoldpointError('home-not-safe', { what: `Holdpoint does not start with ${path}.`, why, next });
}

/** Creates the folders of an instance, 0700 except the public one, and refuses what is not this user's own. */
export function prepareHome(home: Home): void {
  const uid = process.getuid?.() ?? 0;
  for (const dir of [home.root, dirname(home.storeFile), home.keysDir, dirname(home.controlTokenFile)]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const stat = lstatSync(dir);
    if (!stat.isDirectory()) refuse(dir, 'It is not a folder.', 'Move it away, or set HOLDPOINT_HOME.');
    if (stat.uid !== uid) refuse(dir, 'It belongs to another user.', 'Start as its owner, or set HOLDPOINT_HOME.');
    if ((stat.mode & othersMayWrite) !== 0) refuse(dir, 'Others may write to it.', `chmod 700 ${dir}`);
  }
  // Others may look for the public folder inside, and see nothing else: the rest is 0700 or 0600.
  chmodSync(home.root, 0o711);
  mkdirSync(home.publicDir, { recursive: true, mode: 0o755 });
  chmodSync(home.publicDir, 0o755);
}

/** Refuses to run code that others could change under us. */
export function assertOwnCode(root: string): void {
  const uid = process.getuid?.() ?? 0;
  for (const path of [
    root,
    join(root, 'src'),
    join(root, 'bin'),
    join(root, 'dist'),
    join(root, 'node_modules'),
    join(root, 'package.json'),
  ]) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if ((stat.mode & 0o002) !== 0) refuse(path, 'Everybody may change this code.', `chmod o-w ${path}`);
    if (stat.uid !== uid && stat.uid !== 0)
      refuse(path, 'This code belongs to another user, who could change it.', 'Use a checkout of your own.');
  }
}

export interface InstanceFacts {
  readonly pid: number;
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly startedAt: string;
  readonly lab: boolean;
}

/** A new control token for this start, readable by the instance's own user only. */
export function writeControlToken(home: Home): string {
  const token = `hpc_${randomBytes(32).toString('base64url')}`;
  rmSync(home.controlTokenFile, { force: true });
  writeFileSync(home.controlTokenFile, token, { mode: 0o600, flag: 'wx' });
  return token;
}

export function writeInstanceFile(home: Home, facts: InstanceFacts): void {
  writeFileSync(home.instanceFile, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
}

export function removeInstanceFiles(home: Home): void {
  rmSync(home.instanceFile, { force: true });
  rmSync(home.controlTokenFile, { force: true });
}
