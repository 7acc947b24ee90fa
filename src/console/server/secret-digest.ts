// What a human signs when they give a credential its secret: the id and a digest of the secret, never the secret. Both ends
// of the control port compute it from what they hold, so that another secret under the same signature is refused.
// It is not the fingerprint of the journal (credentials/fingerprint.ts): that one takes the instance's key.

import { digestOf } from '../../action/canonical.ts';

export function credentialPutDigest(id: string, secret: string): string {
  return digestOf({ verb: 'credential-put', id, secret: digestOf({ id, secret }) });
}
