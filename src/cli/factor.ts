// A human's factor at a terminal: who they are, the typed name, the passphrase of their key, six digits.
// The key is opened in this process and the passphrase goes nowhere else; the gateway sees a signature.
// All of it is asked on /dev/tty (Io.ask): none can come from stdin, a variable or an argument.

import type { FactorSubmission, SealedHuman } from '../console/server/port.ts';
import type { Signer } from '../credentials/approval-key.ts';
import { inertLine } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { ControlClient } from './control-client.ts';
import type { Io } from './verb.ts';

/** credentials/approval-key.ts is loaded when a human is about to sign, and not a moment earlier. */
async function openApprovalKey(sealedKey: string, passphrase: string): Promise<Signer> {
  const { unlock } = await import('../credentials/approval-key.ts');
  return unlock(sealedKey, passphrase);
}

export interface Wanted {
  /** What the signature says yes to. */
  readonly digest: string;
  /** The name to be typed; null where none is asked for. */
  readonly typedName: string | null;
  /** `--as`; null: the only human, or a question. */
  readonly as: string | null;
}

function fault(code: string, what: string, why: string, next: string): HoldpointError {
  return new HoldpointError(code, { what, why, next, retry: 'no' });
}

async function humanFor(io: Io, people: readonly SealedHuman[], as: string | null): Promise<SealedHuman> {
  const able = people.filter((each) => each.role !== 'viewer');
  if (able.length === 0) {
    const next = 'A person is enrolled by `holdpoint init`, at a terminal.';
    throw fault('nobody-enrolled', 'Nobody can say yes here.', 'No human with an approval key is enrolled.', next);
  }
  const [only] = able;
  const name =
    as ?? (able.length === 1 && only !== undefined ? only.human : await io.ask('Your name:', { secret: false }));
  const human = able.find((each) => each.human === name);
  if (human !== undefined) return human;
  const names = able.map((each) => inertLine(each.human)).join(', ');
  throw fault('no-such-human', 'No such human can approve.', `Enrolled are: ${names}.`, 'Name one of them with --as.');
}

/** Asks for everything, in the order of rising effort, and signs. Rejects without a terminal. */
export async function askFactor(io: Io, client: ControlClient, wanted: Wanted): Promise<FactorSubmission> {
  const human = await humanFor(io, await client.get<readonly SealedHuman[]>('/api/people'), wanted.as);
  const { nonce } = await client.post<{ readonly nonce: string }>('/api/nonce', { digest: wanted.digest });
  let typedName: string | null = null;
  if (wanted.typedName !== null) {
    typedName = await io.ask(`Type ${wanted.typedName} to go on:`, { secret: false });
    if (typedName !== wanted.typedName) {
      const next = 'Read the page again; if it is what you want, type the name as it stands there.';
      throw fault('typed-name-differs', 'Nothing was approved.', 'The typed name is not the one on the page.', next);
    }
  }
  const passphrase = await io.ask(`Passphrase of ${inertLine(human.human)}:`, { secret: true });
  const signer = await openApprovalKey(human.sealedKey, passphrase);
  const totp = (await io.ask('Six digits from your authenticator:', { secret: true })).replaceAll(' ', '');
  return {
    human: human.human,
    digest: wanted.digest,
    nonce,
    signature: signer.sign(wanted.digest, nonce),
    totp,
    typedName,
  };
}
