// Opens a human's sealed approval key with their passphrase and signs a page: SHA-256(digest bytes || nonce bytes).
// The one place where the CLI meets credentials/approval-key.ts; it is loaded only when a human is about to sign.

/** Hex signature over one digest and one nonce (both hex). */
export type Sign = (digest: string, nonce: string) => string;
export type OpenKey = (sealedKey: string, passphrase: string) => Promise<Sign>;

export const openApprovalKey: OpenKey = async (sealedKey, passphrase) => {
  const { unlock } = await import('../credentials/approval-key.ts');
  const signer = await unlock(sealedKey, passphrase);
  return signer.sign;
};
