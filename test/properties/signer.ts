// A human of a test instance who signs for real, without a terminal and without six digits. Not the control port.

import { digestOf } from '../../src/action/canonical.ts';
import type { FactorSubmission } from '../../src/console/server/port.ts';
import { unlock } from '../../src/credentials/approval-key.ts';
import { newTotpSecret } from '../../src/credentials/totp.ts';
import type { Instance } from '../../src/gateway/compose.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { typedNameOf } from '../../src/hold/typed-name.ts';
import { systemRandom } from '../../src/platform/random.ts';

export interface Yes {
  submission(hold: Hold): FactorSubmission;
  approve(hold: Hold): Promise<void>;
  /** Says of an unknown outcome that it happened. */
  settle(hold: Hold): Promise<void>;
}

export async function enrolSigner(instance: Instance): Promise<Yes> {
  const human = 'anna';
  const passphrase = ['only', 'for', 'this', 'property'].join('-');
  await instance.enrolRoot({ name: human, passphrase, totpSecret: newTotpSecret(systemRandom()) });
  const [sealed] = await instance.control.people();
  const signer = await unlock(sealed?.sealedKey ?? '', passphrase);
  const sign = (digest: string, typedName: string | null): FactorSubmission => {
    const { nonce } = instance.control.nonce(digest);
    return { human, digest, nonce, signature: signer.sign(digest, nonce), totp: '000000', typedName };
  };
  const submission = (hold: Hold) => sign(hold.digest, typedNameOf(hold));
  return {
    submission,
    async approve(hold) {
      const done = await instance.control.approve(hold.id, submission(hold));
      if (!done.ok) throw new Error(done.reason.why);
    },
    async settle({ id }) {
      const digest = digestOf({ verb: 'settle', id, happened: 'happened' });
      const done = await instance.control.settle(id, 'happened', sign(digest, null));
      if (!done.ok) throw new Error(done.reason.why);
    },
  };
}
