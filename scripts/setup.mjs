// Set-up for a bare clone: installs the locked dependencies when the lock changed, without any install script.
// Plain JavaScript for Node 20, because nothing else is there yet. Notices go to stderr only.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const mark = join(root, 'node_modules', '.holdpoint-setup');

/** Digest of what decides the installed tree. */
function wanted() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'package.json', '.npmrc']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function install() {
  process.stderr.write('holdpoint: installing locked dependencies (npm ci, no install scripts) …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const done = spawnSync(npm, ['ci', '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (done.status !== 0) {
    process.stderr.write(
      'holdpoint: dependencies could not be installed. npm ci failed (see above). Check the network to the npm registry and run the same command again; nothing else was changed.\n',
    );
    process.exit(done.status ?? 1);
  }
}

export function setUp() {
  const want = wanted();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === want) return;
  install();
  writeFileSync(mark, want);
}

setUp();
