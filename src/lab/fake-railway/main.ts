// The fake Railway as a process of its own. It reads one JSON line of options from stdin (certificates are too long and
// keys too private for arguments), prints its port as one JSON line, then answers one line for each line asked:
// truth, world, seen, {"randomChange":n}. It ends with its parent (stdin closed) or after `maxMs`, whichever is first.

import { createInterface } from 'node:readline';
import { type FakeRailway, fakeHosts, type HostCertificate, startFakeRailway } from './server.ts';
import type { DeleteMode } from './world.ts';

/** The first line on stdin. */
interface MainOptions {
  readonly seed: number;
  readonly deleteMode: DeleteMode;
  readonly certificates: Readonly<Record<string, HostCertificate>>;
  readonly pageMax?: number;
  readonly port?: number;
  readonly maxMs?: number;
}

const defaultMaxMs = 60 * 60_000;

function reply(fake: FakeRailway, line: string): unknown {
  const asked = JSON.parse(line) as string | { readonly randomChange?: number };
  if (asked === 'truth') return fake.truth();
  if (asked === 'seen') return fake.seen();
  if (asked === 'world') {
    const { tokens: _secrets, ...shown } = fake.world();
    return shown;
  }
  if (typeof asked === 'object' && typeof asked.randomChange === 'number') {
    fake.randomChange(asked.randomChange);
    return fake.truth();
  }
  return { error: 'unknown question' };
}

async function main(): Promise<void> {
  let fake: FakeRailway | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (fake !== null) {
      console.log(JSON.stringify(reply(fake, line)));
      continue;
    }
    const options = JSON.parse(line) as MainOptions;
    fake = await startFakeRailway({ ...options, clock: { wallMs: () => Date.now() } });
    setTimeout(() => process.exit(0), options.maxMs ?? defaultMaxMs).unref();
    // No tokens here: the parent has the seed, and firstWorld(seed) gives it the same ones without a line to leak.
    console.log(JSON.stringify({ port: fake.port, hosts: fakeHosts }));
  }
  await fake?.close();
}

await main();
