// The gateway that is killed: an ordinary instance, composed as the lab composes it, with a listener that ends its own
// process with SIGKILL the moment an event of the chosen kind is durable. Nothing of this is in the product.

import { digestOf } from '../../src/action/canonical.ts';
import type { FactorSubmission } from '../../src/console/server/port.ts';
import { unlock } from '../../src/credentials/approval-key.ts';
import { type Instance, startInstance } from '../../src/gateway/compose.ts';
import { realRules } from '../../src/gateway/rules.ts';
import { typedNameOf } from '../../src/hold/typed-name.ts';
import { homeAt } from '../../src/platform/home.ts';

export interface Start {
  readonly root: string;
  readonly policy: string;
  readonly agent: string;
  readonly fake: { readonly hosts: readonly string[]; readonly port: number; readonly caPem: string };
  /** Passes a handshake and never an answer: where a released request is led when `lead` says so. */
  readonly mutePort: number;
  readonly secrets: Readonly<Record<string, string>>;
}

export type Order =
  /** Die when the next event of this kind is durable. */
  | { readonly kind: 'die-at'; readonly event: string }
  /** Die some time after so many more events: as far into a busy life on a slow machine as on a quick one. */
  | { readonly kind: 'die-after'; readonly events: number; readonly ms: number }
  /** From the next `released` on, lead upstream connections to the mute relay. */
  | { readonly kind: 'mute-released' }
  | { readonly kind: 'approve'; readonly holdId: string }
  | { readonly kind: 'deny' | 'cancel'; readonly holdId: string }
  | { readonly kind: 'settle'; readonly holdId: string; readonly happened: 'happened' | 'not-happened' };

export type Report =
  | { readonly kind: 'ready'; readonly proxyUrl: string; readonly bundleFile: string; readonly controlPort: number }
  | { readonly kind: 'done'; readonly ok: boolean }
  | { readonly kind: 'event'; readonly event: string; readonly holdId: string | null };

const human = 'anna';
const passphrase = 'a passphrase of the test only';

function tell(report: Report): void {
  process.send?.(report);
}

async function submissionFor(instance: Instance, digest: string, typedName: string | null): Promise<FactorSubmission> {
  const [sealed] = await instance.control.people();
  if (sealed === undefined) throw new Error('nobody is enrolled');
  const signer = await unlock(sealed.sealedKey, passphrase);
  const { nonce } = instance.control.nonce(digest);
  return { human, digest, nonce, signature: signer.sign(digest, nonce), totp: '000000', typedName };
}

async function obey(
  instance: Instance,
  order: Exclude<Order, { kind: 'die-at' | 'die-after' | 'mute-released' }>,
): Promise<boolean> {
  const { control } = instance;
  switch (order.kind) {
    case 'approve': {
      const hold = await control.hold(order.holdId);
      if (hold === null) return false;
      const done = await control.approve(order.holdId, await submissionFor(instance, hold.digest, typedNameOf(hold)));
      if (!done.ok) console.error(done.reason);
      return done.ok;
    }
    case 'deny':
    case 'cancel':
      return (await control[order.kind](order.holdId, human)).ok;
    case 'settle': {
      const digest = digestOf({ verb: 'settle', id: order.holdId, happened: order.happened });
      return (await control.settle(order.holdId, order.happened, await submissionFor(instance, digest, null))).ok;
    }
  }
}

async function start(input: Start): Promise<void> {
  const { fake, mutePort } = input;
  const hosts = new Set(fake.hosts);
  let dieAt: string | null = null;
  let dieAfter: { events: number; readonly ms: number } | null = null;
  let lead: 'fake' | 'mute-next' | 'mute' = 'fake';
  const instance = await startInstance({
    home: homeAt(input.root),
    name: 'crash',
    proxyPort: 0,
    controlPort: 0,
    lab: {
      upstream: (host) =>
        hosts.has(host) ? { address: '127.0.0.1', port: lead === 'mute' ? mutePort : fake.port, ca: fake.caPem } : null,
      leave: 'nowhere',
      rules: realRules,
      totp: 'not-asked',
    },
    notifier: { held: () => {}, moved: () => {} },
    taskOf: () => null,
    fault: () => {},
  });
  instance.tapped.listeners.add((event) => {
    if (event.kind === dieAt) process.kill(process.pid, 'SIGKILL');
    if (dieAfter !== null) {
      dieAfter.events -= 1;
      if (dieAfter.events === 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), dieAfter.ms);
    }
    if (event.kind === 'released' && lead === 'mute-next') lead = 'mute';
    tell({ kind: 'event', event: event.kind, holdId: event.holdId });
  });
  process.on('message', (order: Order) => {
    if (order.kind === 'die-at') dieAt = order.event;
    else if (order.kind === 'die-after') dieAfter = { events: order.events, ms: order.ms };
    else if (order.kind === 'mute-released') lead = 'mute-next';
    else
      return void obey(instance, order).then(
        (ok) => tell({ kind: 'done', ok }),
        (error: unknown) => {
          console.error(error);
          tell({ kind: 'done', ok: false });
        },
      );
    tell({ kind: 'done', ok: true });
  });
  if ((await instance.control.people()).length === 0) {
    await instance.enrolRoot({ name: human, passphrase, totpSecret: 'A'.repeat(32) });
    await instance.loadFirstPolicy(input.policy, 'test');
    for (const [id, secret] of Object.entries(input.secrets)) await instance.credentials.vault.put(id, secret);
  }
  const token = await instance.credentials.agentTokens.issue(input.agent);
  const proxyUrl = `http://${input.agent}:${token}@127.0.0.1:${instance.proxyPort}`;
  tell({ kind: 'ready', proxyUrl, bundleFile: instance.bundleFile, controlPort: instance.controlPort });
}

process.once('message', (input: Start) => void start(input));
process.on('disconnect', () => process.exit(0));
