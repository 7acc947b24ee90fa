import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { createHuman, type Signer, unlock } from './approval-key.ts';

const passphrase = 'four quiet random words';
const digest = createHash('sha256').update('a hold').digest('hex');
const nonce = 'ab'.repeat(32);
/** The cheapest cost that is accepted, so that the tests stay quick. */
const human = await createHuman(passphrase, systemRandom(), 15);

function verifies(signer: Pick<Signer, 'publicKey'>, signature: string, of = digest, page = nonce): boolean {
  const message = createHash('sha256').update(Buffer.from(of, 'hex')).update(Buffer.from(page, 'hex')).digest();
  const x = Buffer.from(signer.publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, message, key, Buffer.from(signature, 'hex'));
}

describe('approval key', () => {
  it('signs exactly this digest on exactly this page', async () => {
    const signer = await unlock(human.sealedKey, passphrase);
    expect(signer.publicKey).toBe(human.publicKey);
    const signature = signer.sign(digest, nonce);
    expect(signature).toMatch(/^[0-9a-f]{128}$/);
    expect(verifies(human, signature)).toBe(true);
    expect(verifies(human, signature, digest, 'ac'.repeat(32))).toBe(false);
    expect(verifies(human, signature, nonce, nonce)).toBe(false);
    expect(verifies(human, human.signer.sign(digest, ''), digest, '')).toBe(true);
  });

  it('opens with the same words however they are composed', async () => {
    const composed = await createHuman('pässwörter für alle', systemRandom(), 15);
    const signer = await unlock(composed.sealedKey, 'pässwörter für alle'.normalize('NFD'));
    expect(signer.publicKey).toBe(composed.publicKey);
  });

  it('does not sign what is not a digest', () => {
    expect(() => human.signer.sign('abc', nonce)).toThrow(TypeError);
    expect(() => human.signer.sign(digest, 'xyz')).toThrow(TypeError);
  });

  const parts = human.sealedKey.split('$');
  it.each<[string, string, string]>([
    ['a wrong passphrase', human.sealedKey, `${passphrase}.`],
    ['a cheaper cost', human.sealedKey.replace('$15$', '$14$'), passphrase],
    ['another cost', human.sealedKey.replace('$15$', '$16$'), passphrase],
    ['a cost that would take all memory', human.sealedKey.replace('$15$', '$30$'), passphrase],
    ['another salt', [parts[0], parts[1], 'A'.repeat(22), parts[3], parts[4]].join('$'), passphrase],
    ['cut short', human.sealedKey.slice(0, -4), passphrase],
    ['nothing', '', passphrase],
  ])('does not open with %s', async (_name, sealed, words) => {
    await expect(unlock(sealed, words)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  });

  it.each(['short', 'aaaaaaaaaaaaaaaaaaaa'])('refuses the passphrase %s', async (words) => {
    await expect(createHuman(words, systemRandom(), 15)).rejects.toMatchObject({ code: 'passphrase-weak' });
  });
});
