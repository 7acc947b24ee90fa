// A human's approval key: ed25519, sealed under a passphrase that only the human's terminal ever sees. It signs
// SHA-256(digest || nonce): yes to exactly this, on exactly this page. Whether a signature counts is hold/people.ts;
// the second factor at a terminal is totp.ts.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  scrypt,
  sign as signBytes,
} from 'node:crypto';
import { HoldpointError } from '../platform/fault.ts';
import type { Random } from '../platform/random.ts';

export interface NewApprovalKey {
  /** Hex of the raw public key (32 bytes). */
  readonly publicKey: string;
  /** The private key under the passphrase; harmless to store, useless without it. */
  readonly sealedKey: string;
  readonly signer: Signer;
}

export interface Signer {
  readonly publicKey: string;
  /** Hex signature over SHA-256(digest bytes || nonce bytes); both hex. An enrolment is signed with the nonce ''. */
  sign(digest: string, nonce: string): string;
}

/** 2^17 x 8 x 1: 128 MiB and some tenths of a second for each guess. Written into each key, so it can be raised. */
const usualCost = 17;
const costMin = 15;
const costMax = 20;
const passphraseMin = 12;
const saltBytes = 16;
const nonceBytes = 12;
const form = /^hpk1\$(\d{2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{16})\$([A-Za-z0-9_-]{60,200})$/;

/** Makes a key and seals it. Throws `passphrase-weak` below 12 characters. */
export async function createHuman(passphrase: string, random: Random, cost = usualCost): Promise<NewApprovalKey> {
  if (passphrase.length < passphraseMin || new Set(passphrase).size < 5) throw weak();
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
  const salt = Buffer.from(random.bytes(saltBytes));
  const nonce = Buffer.from(random.bytes(nonceBytes));
  const head = `hpk1$${String(cost).padStart(2, '0')}$${salt.toString('base64url')}$${nonce.toString('base64url')}`;
  const cipher = createCipheriv('aes-256-gcm', await keyFrom(passphrase, salt, cost), nonce, { authTagLength: 16 });
  // The head is authenticated: a cheaper cost or another salt cannot be slipped under a stored key.
  cipher.setAAD(Buffer.from(head));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  secret.fill(0);
  return {
    publicKey: publicHex(privateKey),
    sealedKey: `${head}$${sealed.toString('base64url')}`,
    signer: signerOf(privateKey),
  };
}

/** Opens a sealed key. Throws `passphrase-wrong` for a wrong passphrase and for a key that was changed, alike. */
export async function unlock(sealedKey: string, passphrase: string): Promise<Signer> {
  const [, cost = '', salt = '', nonce = '', sealed = ''] = form.exec(sealedKey) ?? [];
  const costNumber = Number(cost);
  if (sealed === '' || costNumber < costMin || costNumber > costMax) throw wrong();
  const key = await keyFrom(passphrase, Buffer.from(salt, 'base64url'), costNumber);
  try {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(sealedKey.slice(0, sealedKey.lastIndexOf('$'))));
    decipher.setAuthTag(bytes.subarray(bytes.length - 16));
    const secret = Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - 16)), decipher.final()]);
    const signer = signerOf(createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' }));
    secret.fill(0);
    return signer;
  } catch (cause) {
    throw wrong(cause);
  }
}

function signerOf(privateKey: KeyObject): Signer {
  return {
    publicKey: publicHex(privateKey),
    sign(digest, nonce) {
      if (!/^[0-9a-f]{64}$/.test(digest) || !/^(?:[0-9a-f]{2})*$/.test(nonce))
        throw new TypeError('digest and nonce are hex');
      const message = createHash('sha256')
        .update(Buffer.from(digest, 'hex'))
        .update(Buffer.from(nonce, 'hex'))
        .digest();
      return signBytes(null, message, privateKey).toString('hex');
    },
  };
}

function publicHex(privateKey: KeyObject): string {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('hex');
}

function keyFrom(passphrase: string, salt: Buffer, cost: number): Promise<Buffer> {
  const N = 2 ** cost;
  // NFKC, so that the same words typed on another keyboard layout or system give the same bytes.
  const text = passphrase.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, 32, { N, r: 8, p: 1, maxmem: 256 * N * 8 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function weak(): HoldpointError {
  return new HoldpointError('passphrase-weak', {
    what: 'This passphrase was not taken.',
    why: `It has fewer than ${passphraseMin} characters or fewer than five different ones, and it guards the right to say yes.`,
    next: 'Use four or more random words.',
  });
}

function wrong(cause?: unknown): HoldpointError {
  return new HoldpointError('passphrase-wrong', {
    what: 'The approval key was not opened.',
    why: 'The passphrase is wrong, or the stored key was changed.',
    next: 'Try again; after three failures look at `holdpoint people list`, another owner can enrol you anew.',
    cause,
  });
}
