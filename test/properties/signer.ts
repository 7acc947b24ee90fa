// A human of a test instance who signs for real, without a terminal and without six digits. Not the control port.

import { unlock } from '../../src/credentials/approval-key.ts';
import { newTotpSecret } from '../../src/credentials/totp.ts';
import type { Instance } from '../../src/gateway/compose.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { typedNameOf } from '../../src/hold/typed-name.ts';
import { systemRandom } from '../../src/platform/random.ts';

export interface Yes {
  approve(hold: Hold): Promise<void>;
}

export async function enrolSigner(instance: Instance): Promise<Yes> {
  const human = 'anna';
  const passphrase = ['only', 'for', 'this', 'property'].join('-');
  await instance.enrolRoot({ name: human, passphrase, totpSecret: newTotpSecret(systemRandom()) });
  const [sealed] = await instance.control.people();
  const signer = await unlock(sealed?.sealedKey ?? '', passphrase);
  return {
    async approve({ id, digest, ...hold }) {
      const { nonce } = instance.control.nonce(digest);
      const signature = signer.sign(digest, nonce);
      const typedName = typedNameOf(hold);
      const done = await instance.control.approve(id, { human, digest, nonce, signature, totp: '000000', typedName });
      if (!done.ok) throw new Error(done.reason.why);
    },
  };
}
