// A human's factor, checked: nonce, signature, TOTP, in this order, the nonce used up whatever the answer. The gateway
// keeps the human's key only under their passphrase; the TOTP secret is sealed like a body. Nothing here is believed
// from a request: the public key comes from the chain of enrolments.

import { type Enrolment, enrolmentDigest, verifySignature } from '../hold/people.ts';
import type { Clock } from '../platform/clock.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { Random } from '../platform/random.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { RowWrite, Storage } from '../storage/storage.ts';
import { createHuman } from './approval-key.ts';
import { createNonces } from './nonces.ts';
import type { Sealer } from './sealer.ts';
import { judgeTotp } from './totp.ts';

/** As the control port takes it (console/server/port.ts). All hex but `human` and `totp`. */
export interface FactorSubmission {
  readonly human: string;
  readonly digest: string;
  readonly nonce: string;
  readonly signature: string;
  readonly totp: string;
}

export interface SealedHuman {
  readonly human: string;
  readonly role: Enrolment['role'];
  readonly publicKey: string;
  readonly sealedKey: string;
}

export interface Factors {
  nonce(digest: string): { readonly nonce: string; readonly expiresAtMs: number };
  /** Null: the factor holds. */
  check(submission: FactorSubmission): Promise<Reason | null>;
  sealedPeople(): Promise<readonly SealedHuman[]>;
  /** Makes a human's key and keeps it and the TOTP secret. Resolves with the self-signed enrolment, not yet journalled. */
  makeRoot(human: {
    readonly name: string;
    readonly passphrase: string;
    readonly totpSecret: string;
  }): Promise<Enrolment>;
}

export interface FactorsDeps {
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  /** Humans whose enrolments hold now. */
  readonly people: () => ReadonlyMap<string, Enrolment>;
  /** not-asked: only a lab run's private gateway (gateway/compose.ts). */
  readonly totp: 'asked' | 'not-asked';
}

const again = 'Look at the page again and repeat the command.';
const fault = (code: string, why: string, next = again) => reason(code, 'Nothing was changed.', why, next);
const humanRow = (human: string) => `human:${human}`;
const totpRow = (human: string) => `totp:${human}`;
const counterRow = (human: string) => `totp-counter:${human}`;

export function createFactors(deps: FactorsDeps): Factors {
  const { storage, sealer, clock } = deps;
  const nonces = createNonces(deps.random, clock);
  /** One code at a time: two requests with the same code must not both find it unused. */
  let tail: Promise<unknown> = Promise.resolve();

  async function checkTotp(human: string, code: string): Promise<Reason | null> {
    const sealed = await storage.row('system', totpRow(human));
    if (sealed === null) return fault('factor-missing', 'No TOTP secret is kept for this human.', 'Enrol again.');
    const secret = Buffer.from(sealer.open(totpRow(human), Buffer.from(sealed, 'base64'))).toString();
    const last = Number((await storage.row('system', counterRow(human))) ?? '-1');
    const answer = judgeTotp(secret, code, last, clock.wallMs());
    if (answer.kind === 'bad') return fault('totp-wrong', 'The six digits are not right for this minute.');
    if (answer.kind === 'replayed')
      return fault(
        'totp-replayed',
        'These six digits were used already.',
        'Wait for the next ones, then repeat the command.',
      );
    await storage.commit({
      events: [],
      rows: [{ table: 'system', key: counterRow(human), value: String(answer.counter) }],
    });
    return null;
  }

  async function check(submission: FactorSubmission): Promise<Reason | null> {
    const { human, digest, nonce, signature } = submission;
    if (!nonces.spend(nonce, digest))
      return fault('nonce-spent', 'The page is older than 10 minutes, was used already, or belongs to something else.');
    const enrolment = deps.people().get(human);
    if (enrolment === undefined)
      return fault('factor-not-enrolled', 'This human is not enrolled here.', 'List them: holdpoint people list.');
    if (!verifySignature(enrolment.publicKey, digest, nonce, signature))
      return fault('signature-wrong', 'The signature is not by the enrolled key over this page.');
    return deps.totp === 'asked' ? checkTotp(human, submission.totp) : null;
  }

  return {
    nonce: (digest) => nonces.issue(digest),
    check(submission) {
      const mine = tail.then(() => check(submission));
      tail = mine.catch(() => undefined);
      return mine;
    },
    async sealedPeople() {
      const rows = await storage.rows('system');
      const current = deps.people();
      return rows
        .filter((row) => row.key.startsWith('human:'))
        .map((row) => JSON.parse(row.value) as SealedHuman)
        .filter((each) => current.has(each.human));
    },
    async makeRoot({ name, passphrase, totpSecret }) {
      if (deps.people().size > 0) {
        throw new HoldpointError('root-exists', {
          what: 'No second first human is enrolled.',
          why: 'This instance has its people already.',
          next: 'An owner invites further humans.',
          retry: 'no',
        });
      }
      const key = await createHuman(passphrase, deps.random);
      const unsigned = { human: name, role: 'owner', publicKey: key.publicKey, by: name } as const;
      const signature = key.signer.sign(enrolmentDigest(unsigned), '');
      const person: SealedHuman = { human: name, role: 'owner', publicKey: key.publicKey, sealedKey: key.sealedKey };
      const totp = Buffer.from(sealer.seal(totpRow(name), Buffer.from(totpSecret))).toString('base64');
      const rows: readonly RowWrite[] = [
        { table: 'system', key: humanRow(name), value: JSON.stringify(person) },
        { table: 'system', key: totpRow(name), value: totp },
      ];
      await storage.commit({ events: [], rows });
      return { ...unsigned, signature, atMs: clock.wallMs() };
    },
  };
}
