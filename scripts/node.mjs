// Finds the Node that runs this project (24 from node_modules, else a system Node that is new enough) and runs a
// TypeScript source with it. Plain JavaScript for Node 20, because that may be all there is when it starts.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of a Node >= 22.19, or null. */
export function newEnoughNode() {
  const bundled = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(bundled)) return bundled;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19) ? process.execPath : null;
}

/** Runs a source of this project with stdio inherited, passes signals on, and exits as it exits. */
export function becomeNode(source, args) {
  setUp();
  const node = newEnoughNode();
  if (node === null) {
    process.stderr.write(
      `holdpoint: this needs Node 22.19 or newer. No Node comes with the packages for ${process.platform}-${process.arch}, and the one here is ${process.versions.node}. Install a newer Node and run the same command again.\n`,
    );
    process.exit(4);
  }
  const { NODE_OPTIONS: _options, NODE_PATH: _path, ...env } = process.env;
  const flags = ['--disable-warning=ExperimentalWarning'];
  const child = spawn(node, [...flags, join(root, source), ...args], { stdio: 'inherit', env });
  // Sent to this process alone by a supervisor, they must reach the gateway; a terminal sends them to both anyway.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (fault) => {
    process.stderr.write(
      `holdpoint: ${node} could not be started. ${fault.message}. Remove node_modules and run the same command again.\n`,
    );
    process.exit(4);
  });
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 4) : 128 + constants.signals[signal]));
}
