// Set-up for a bare clone: installs the locked dependencies when the lock changed, without any install script, and with
// --for-tests the system tools that the tests use. Plain JavaScript for Node 20, because nothing else is there yet.
// Notices go to stderr only: stdout belongs to the command that asked for the set-up.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const mark = join(root, 'node_modules', '.holdpoint-setup');

/** Tools that tests start, and the Debian package that has each. */
const testTools = [
  { command: 'curl', from: 'curl' },
  { command: 'openssl', from: 'openssl' },
  { command: 'git', from: 'git' },
  { command: 'setpriv', from: 'util-linux' },
  { command: 'runuser', from: 'util-linux' },
  { command: 'setsid', from: 'util-linux' },
  { command: 'script', from: 'bsdutils' },
];

function stop(what, why, next) {
  process.stderr.write(`holdpoint: ${what} ${why} ${next}\n`);
  process.exit(4);
}

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
  if (done.status === 0) return;
  stop(
    'Dependencies could not be installed.',
    'npm ci failed (see above).',
    'Check the network to the npm registry and run the same command again; nothing else was changed.',
  );
}

export function setUp() {
  const want = wanted();
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== want) {
    install();
    mkdirSync(join(root, 'node_modules', '.cache', 'holdpoint'), { recursive: true, mode: 0o700 });
    writeFileSync(mark, want);
  }
  // bin/holdpoint compares times only, to stay one exec: the mark is newer than what it was made from.
  const now = new Date();
  utimesSync(mark, now, now);
}

function isThere(command) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return places.some((place) => place !== '' && existsSync(join(place, command)));
}

/** Installs what tests need and this machine lacks, where apt-get can; says plainly what is missing where it cannot. */
function setUpForTests() {
  const missing = () => testTools.filter((tool) => !isThere(tool.command));
  const before = missing();
  if (before.length === 0) return;
  const packages = [...new Set(before.map((tool) => tool.from))];
  process.stderr.write(`holdpoint: tests need ${packages.join(', ')}; installing with apt-get …\n`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, rest, { stdio: ['ignore', process.stderr, process.stderr], env });
  };
  apt('-qq', 'update');
  apt('-qq', 'install', '-y', '--no-install-recommends', ...packages);
  const after = missing().map((tool) => `${tool.command} (package ${tool.from})`);
  if (after.length > 0) {
    stop(
      `Tests need ${after.join(', ')}.`,
      'They are not on this machine and apt-get could not install them.',
      'Install them and run `npm test` again; no test is skipped for lack of a tool.',
    );
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  setUp();
  if (process.argv.includes('--for-tests')) setUpForTests();
}
