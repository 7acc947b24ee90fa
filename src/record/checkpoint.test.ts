import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  openCheckpoint,
  originOf,
  parseVerifierKey,
  publicKeyFrom,
  rawPublicKey,
  signCheckpoint,
  verifierKeyOf,
} from './checkpoint.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const checkpoint = {
  origin: originOf('lab'),
  size: 12,
  root: 'ab'.repeat(32),
  chain: 'cd'.repeat(32),
  atMs: 1_700_000_000_000,
};
const note = signCheckpoint(checkpoint, privateKey);

describe('checkpoint', () => {
  it('comes back from its note under the key that signed it', () => {
    expect(openCheckpoint(note, publicKey)).toEqual({ kind: 'signed', checkpoint });
    expect(openCheckpoint(note, publicKeyFrom(rawPublicKey(privateKey)))).toEqual({ kind: 'signed', checkpoint });
    expect(signCheckpoint(checkpoint, privateKey)).toBe(note);
  });

  it('reads past the signature of a witness', () => {
    expect(openCheckpoint(`${note}— witness.example AAAA\n`, publicKey).kind).toBe('signed');
  });

  it.each<[string, string, string]>([
    [note.replace('\n12\n', '\n13\n'), 'its signature does not match its text', 'another size'],
    [note.replace('chain cd', 'chain dd'), 'its signature does not match its text', 'another chain'],
    [note.replace('time 17', 'time 18'), 'its signature does not match its text', 'another time'],
    [signCheckpoint(checkpoint, other.privateKey), 'this journal key did not sign it', 'another key'],
    [note.split('\n\n')[0] ?? '', 'it has no signature block', 'no signature'],
    [note.replace('\n12\n', '\n012\n'), 'its text is not a checkpoint', 'a size written in two ways'],
    [note.replace('\n\n', '\nmore\n\n'), 'its text is not a checkpoint', 'one line more'],
    ['', 'it has no signature block', 'nothing'],
  ])('refuses %# : %s', (changed, why) => {
    expect(openCheckpoint(changed, publicKey)).toEqual({ kind: 'refused', why });
  });

  it('names its key as one line that others can check', () => {
    const line = verifierKeyOf(checkpoint.origin, rawPublicKey(publicKey));
    expect(parseVerifierKey(line)).toEqual({ name: checkpoint.origin, publicKey: rawPublicKey(publicKey) });
    expect(parseVerifierKey(line.replace('holdpoint/', 'holdpoint-'))).toBeNull();
    expect(parseVerifierKey('lab+00+AA')).toBeNull();
  });
});
