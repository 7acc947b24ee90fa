// 10,000 open holds through the composed gateway, as a human meets them: the list, one approval, a restart. Each must
// stay under a second, and the restart must not grow with what waits. The holds are real: opened by a real agent's
// request once and copied with ids and keys of their own, because the way in is not what is measured here.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProxyAgent, request } from 'undici';
import { unlock } from '../src/credentials/approval-key.ts';
import { totpNow } from '../src/credentials/totp.ts';
import { holdRow } from '../src/gateway/hold-cases.ts';
import type { Hold } from '../src/hold/hold.ts';
import { typedNameOf } from '../src/hold/typed-name.ts';
import { type LabInstance, startLab } from '../src/lab/lab-instance.ts';
import { labAgent, visitorPolicy } from '../src/lab/visitor-policy.ts';
import { homeAt } from '../src/platform/home.ts';

const holds = 10_000;
const perCommit = 500;
const pageMax = 1_000;
const target = { atMostSeconds: 1 };

async function secondsOf<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const fromMs = performance.now();
  const value = await work();
  return [Number(((performance.now() - fromMs) / 1000).toFixed(3)), value];
}

function start(root: string): Promise<LabInstance> {
  return startLab({
    root,
    proxyPort: 0,
    controlPort: 0,
    seed: 3,
    deleteMode: 'immediate',
    leave: 'nowhere',
    notifier: { held: () => {}, moved: () => {} },
    policy: (world) => visitorPolicy(world, { delay: '1h', wait: '50ms', project: root }),
    task: 'clean up',
    fault: (where, error) => process.stderr.write(`bench holds: ${where}: ${String(error)}\n`),
  });
}

/** One deletion of production's disk, as the agent sends it; it is held. */
async function holdOne(lab: LabInstance): Promise<Hold> {
  const ca = readFileSync(lab.instance.bundleFile, 'utf8');
  const dispatcher = new ProxyAgent({ uri: lab.proxyUrls[labAgent] ?? '', requestTls: { ca } });
  const volumeId = lab.fake.world().began.volumeId;
  const { statusCode, body } = await request('https://backboard.railway.com/graphql/v2', {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.placeholder}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${volumeId}") }` }),
    dispatcher,
  });
  await body.dump();
  await dispatcher.close();
  const hold = await lab.instance.control.hold('newest');
  if (statusCode !== 423 || hold === null) throw new Error(`the deletion was answered ${statusCode}`);
  return hold;
}

async function copy(lab: LabInstance, hold: Hold): Promise<void> {
  const { storage } = lab.instance.tapped;
  for (let at = 0; at < holds - 1; at += perCommit) {
    const rows = Array.from({ length: Math.min(perCommit, holds - 1 - at) }, (_, index) => {
      const name = String(at + index).padStart(16, '0');
      return holdRow({ ...hold, id: `hold_${name}`, retryKey: name, atMs: hold.atMs - 1 - at - index });
    });
    await storage.commit({ events: [], rows });
  }
}

/** A read of the control port over its socket, with the instance's own token. */
function get(root: string, port: number, path: string): Promise<unknown> {
  const token = readFileSync(homeAt(root).controlTokenFile, 'utf8');
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path}: ${response.statusCode} ${text.slice(0, 200)}`));
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** All of them, page by page, as large as the port gives them; the number found. */
async function listAll(root: string, port: number): Promise<number> {
  let found = 0;
  let before = '';
  for (;;) {
    const page = (await get(root, port, `/api/holds?open=1&limit=${pageMax}${before}`)) as readonly Hold[];
    found += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < pageMax) return found;
    before = `&beforeMs=${last.atMs}`;
  }
}

async function approve(lab: LabInstance, hold: Hold): Promise<number> {
  const { control } = lab.instance;
  const [human] = await control.people();
  if (human === undefined) throw new Error('the lab has no human');
  // The passphrase is slow on purpose and is paid in the human's own terminal, not in the gateway.
  const signer = await unlock(human.sealedKey, lab.human.passphrase);
  const [seconds, done] = await secondsOf(() => {
    const { nonce } = control.nonce(hold.digest);
    const signature = signer.sign(hold.digest, nonce);
    const totp = totpNow(lab.human.totpSecret, Date.now());
    const signed = { human: human.human, digest: hold.digest, nonce, signature, totp };
    // By prefix, as people type it.
    return control.approve(hold.id.slice('hold_'.length, -2), { ...signed, typedName: typedNameOf(hold) });
  });
  if (!done.ok) throw new Error(`not approved: ${done.reason.why}`);
  return seconds;
}

async function delayed(lab: LabInstance, holdId: string): Promise<void> {
  while ((await lab.instance.control.hold(holdId))?.state.kind !== 'delayed')
    await new Promise((resolve) => setTimeout(resolve, 10));
}

async function measure(root: string): Promise<Readonly<Record<string, number>>> {
  let lab = await start(root);
  try {
    const hold = await holdOne(lab);
    await copy(lab, hold);
    const port = () => lab.instance.controlPort;
    const [firstPageSeconds] = await secondsOf(() => get(root, port(), '/api/holds?open=1'));
    const [listSeconds, listed] = await secondsOf(() => listAll(root, port()));
    if (listed !== holds) throw new Error(`${listed} holds listed`);
    const [statusSeconds, status] = await secondsOf(() => get(root, port(), '/api/status'));
    const counted = (status as { readonly openHolds: number }).openHolds;
    if (counted !== holds) throw new Error(`${counted} holds counted`);
    const approveSeconds = await approve(lab, hold);
    await delayed(lab, hold.id);
    await lab.close();
    const [restartSeconds] = await secondsOf(async () => {
      lab = await start(root);
      await get(root, port(), '/api/holds?open=1&limit=20');
    });
    const again = await lab.instance.control.hold(hold.id);
    if (again?.state.kind !== 'held') throw new Error('the approved hold did not return to its humans');
    return { firstPageSeconds, listSeconds, statusSeconds, approveSeconds, restartSeconds };
  } finally {
    await lab.close();
  }
}

/** Seconds of each step with 10,000 open holds, and whether all are within the target. */
export async function run(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
  try {
    const seconds = await measure(join(folder, 'home'));
    const pass = Object.values(seconds).every((each) => each <= target.atMostSeconds);
    return { bench: 'holds', holds, ...seconds, target, pass };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
