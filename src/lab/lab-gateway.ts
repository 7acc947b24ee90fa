// LabGateway on the real gateway: the same composition as any instance, in a private folder, on free ports, with the
// provider's names led to the fake and, for a single layer, rules that leave the others out.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlock } from '../credentials/approval-key.ts';
import { newTotpSecret } from '../credentials/totp.ts';
import { type Instance, startInstance } from '../gateway/compose.ts';
import { holdHead } from '../hold/hold-page.ts';
import { homeAt } from '../platform/home.ts';
import { systemRandom } from '../platform/random.ts';
import type { SealedEvent } from '../record/event.ts';
import type { LabGateway, LabGatewayOptions, LabStop, Layer } from './gateway-port.ts';
import { layeredRules } from './layered-rules.ts';

/** Which layer a reason's code belongs to. A code that is not here is nobody's: the pipeline's own refusals. */
const layerOfCode: Readonly<Record<string, Layer>> = {
  'credential-stray': 'stray',
  'scope-missing': 'grants',
  'destructive-never': 'grants',
  'credential-not-granted': 'grants',
  'environment-not-granted': 'environment',
  'write-elsewhere': 'environment',
  'read-known-elsewhere': 'environment',
  'destructive-needs-human': 'hold',
};

const quietPollMs = 100;

/** Data of an event as records, without believing their shape. */
function reasonCodes(event: SealedEvent): readonly string[] {
  const { reasons } = event.data;
  if (!Array.isArray(reasons)) return [];
  return reasons.flatMap((each) =>
    typeof each === 'object' && each !== null && 'code' in each ? [String(each.code)] : [],
  );
}

function stopOf(event: SealedEvent): readonly LabStop[] {
  if (event.kind === 'cancelled') return [{ layer: 'delay', code: 'cancelled' }];
  if (event.kind !== 'decided' || event.data.verdict === 'allow') return [];
  return reasonCodes(event).flatMap((code) => {
    const layer = layerOfCode[code];
    return layer === undefined ? [] : [{ layer, code }];
  });
}

/** `journal tail`'s form, short: seq, kind and what it says. */
function lineOf(event: SealedEvent): string {
  const { seq, kind, agent, data } = event;
  const { policy: _policy, ...shown } = data;
  return `${seq} ${kind} ${agent ?? '-'} ${JSON.stringify(shown)}`;
}

async function allEvents(instance: Instance): Promise<readonly SealedEvent[]> {
  return instance.control.events({ from: 'oldest', limit: 100_000 });
}

export async function startLabGateway(options: LabGatewayOptions): Promise<LabGateway> {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-lab-home-'));
  const { hosts, port, caPem } = options.upstream;
  const names = new Set(hosts);
  const route = { address: '127.0.0.1', port, ca: caPem };
  let instance: Instance | null = null;
  let human = nobody;
  try {
    instance = await startInstance({
      home: homeAt(join(root, 'home')),
      name: 'lab',
      proxyPort: 0,
      controlPort: 0,
      lab: {
        upstream: (host, wanted) => (wanted === 443 && names.has(host) ? route : null),
        leave: 'nowhere',
        rules: layeredRules(options.enforced),
        totp: 'not-asked',
      },
      notifier: { held: (id) => human.onHeld(id), moved: () => undefined },
      taskOf: () => options.asked,
      // A refusal to connect is part of some scenarios; what matters is read from the journal.
      fault: () => undefined,
    });
    await instance.loadFirstPolicy(options.policy, 'lab');
    for (const [id, secret] of Object.entries(options.credentials)) await instance.credentials.vault.put(id, secret);
    if (!options.enforced.includes('hold')) human = await hurriedHuman(instance);
    return await labGateway(instance, root, human);
  } catch (error) {
    await instance?.close();
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

interface HurriedHuman {
  onHeld(holdId: string): void;
  /** True while a yes is on its way: such a hold reads `held` and is not waiting for anybody. */
  isBusy(): boolean;
}

const nobody: HurriedHuman = { onHeld: () => undefined, isBusy: () => false };

/**
 * A human who says yes to everything the moment it is held, without looking: what the layer `hold` is when it is off.
 * The yes itself is real (key, signature, nonce), because the pipeline takes no other.
 */
async function hurriedHuman(instance: Instance): Promise<HurriedHuman> {
  const name = 'hurried-human';
  const passphrase = randomBytes(16).toString('hex');
  await instance.enrolRoot({ name, passphrase, totpSecret: newTotpSecret(systemRandom()) });
  const [sealed] = await instance.control.people();
  if (sealed === undefined) throw new Error('the lab has no human');
  const signer = await unlock(sealed.sealedKey, passphrase);
  const approve = async (holdId: string) => {
    const hold = await instance.control.hold(holdId);
    if (hold === null) return;
    const { nonce } = instance.control.nonce(hold.digest);
    const signature = signer.sign(hold.digest, nonce);
    await instance.control.approve(holdId, {
      human: name,
      digest: hold.digest,
      nonce,
      signature,
      totp: '000000',
      typedName: null,
    });
  };
  let inHand = 0;
  const onHeld = (holdId: string) => {
    inHand += 1;
    const done = () => {
      inHand -= 1;
    };
    approve(holdId).then(done, done);
  };
  return { onHeld, isBusy: () => inHand > 0 };
}

async function labGateway(instance: Instance, root: string, human: HurriedHuman): Promise<LabGateway> {
  const { policy } = instance.system.state;
  const agent = policy?.grants[0]?.agent ?? 'lab-agent';
  const agentToken = await instance.credentials.agentTokens.issue(agent);
  const open = () => instance.control.holds({ open: true, limit: 1_000 });
  return {
    proxyUrl: `http://${agent}:${agentToken}@127.0.0.1:${instance.proxyPort}`,
    agentToken,
    caBundlePath: instance.bundleFile,
    placeholders: Object.fromEntries((policy?.credentials ?? []).map((each) => [each.id, each.placeholder])),
    // All of a lab's processes are one user's, and the fake is one connection away.
    posture: 'advised',
    async openHolds() {
      const holds = await open();
      return holds.map((hold) => ({ id: hold.id, lines: holdHead(hold) }));
    },
    async deny(holdId) {
      await instance.control.deny(holdId, 'lab script');
    },
    async quiet(maxMs) {
      const endMs = performance.now() + maxMs;
      while (performance.now() < endMs) {
        const before = human.isBusy();
        const waiting = (await open()).every((hold) => hold.state.kind === 'held');
        if (waiting && !before && !human.isBusy()) return;
        await new Promise((resolve) => setTimeout(resolve, quietPollMs));
      }
    },
    stops: async () => (await allEvents(instance)).flatMap(stopOf),
    journalLines: async () => (await allEvents(instance)).map(lineOf),
    async stop() {
      await instance.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
