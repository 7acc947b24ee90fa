// The instance's certificate authority and the leaves it mints for intercepted hosts: P-256, hand-written DER.
// Not a trust store and not a verifier: whom *we* trust upstream is decided where we connect. The authority never goes
// into a system trust store; agents are given its certificate by file. Profile: RFC 5280 and the 397-day rule of browsers.

import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import {
  bits,
  boolean,
  type Der,
  integer,
  objectId,
  octets,
  readElement,
  readElements,
  sequence,
  set,
  time,
  tlv,
  utf8,
} from './der.ts';
import { HoldpointError } from './fault.ts';

const dayMs = 86_400_000;
/** Browsers and Apple's clients refuse leaves that live longer than 398 days. */
export const leafDaysMax = 397;

const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
const emptyName = sequence();

export interface PemPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateAuthority {
  readonly certPem: string;
  /** A leaf for one host name or IP literal (IPv6 without brackets). Minted anew at each call: callers keep it. */
  leafFor(host: string): PemPair;
}

function commonName(name: string): Der {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(name))));
}

function extension(id: string, criticality: 'critical' | 'plain', value: Der): Der {
  const parts = [objectId(id), ...(criticality === 'critical' ? [boolean('true')] : []), octets(value)];
  return sequence(...parts);
}

/** SHA-1 over the public key's bits: method 1 of RFC 5280 4.2.1.2, an identifier and not a signature. */
function keyIdentifier(spki: Der): Der {
  const inner = readElements(readElement(spki, 0)?.content ?? new Uint8Array());
  const publicBits = inner?.[1]?.content.subarray(1) ?? new Uint8Array();
  return createHash('sha1').update(publicBits).digest();
}

function spkiOf(publicKey: KeyObject): Der {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Random, positive and 16 bytes long whatever the first bits are: clients refuse two leaves with one serial. */
function newSerial(): Der {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return integer(bytes);
}

interface Certificate {
  readonly issuer: Der;
  readonly subject: Der;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly spki: Der;
  readonly extensions: readonly Der[];
}

function pem(label: string, der: Der): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function signed(certificate: Certificate, key: KeyObject): string {
  const body = sequence(
    tlv(0xa0, integer(Buffer.of(2))),
    newSerial(),
    ecdsaWithSha256,
    certificate.issuer,
    sequence(time(certificate.fromMs), time(certificate.untilMs)),
    certificate.subject,
    certificate.spki,
    tlv(0xa3, sequence(...certificate.extensions)),
  );
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(sign('sha256', body, key), 0)));
}

/** A new authority, valid from `notBeforeMs` for `days`. It may sign leaves only (path length 0). */
export function createCertificateAuthority(options: {
  readonly name: string;
  readonly notBeforeMs: number;
  readonly days: number;
}): PemPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = spkiOf(publicKey);
  const name = commonName(options.name);
  const certPem = signed(
    {
      issuer: name,
      subject: name,
      fromMs: options.notBeforeMs,
      untilMs: options.notBeforeMs + options.days * dayMs,
      spki,
      extensions: [
        extension('2.5.29.19', 'critical', sequence(boolean('true'), integer(Buffer.of(0)))),
        // keyCertSign and cRLSign, and nothing that would let the authority's key serve TLS itself.
        extension('2.5.29.15', 'critical', bits(Buffer.of(0x06), 1)),
        extension('2.5.29.14', 'plain', octets(keyIdentifier(spki))),
      ],
    },
    privateKey,
  );
  return { certPem, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function unusable(why: string, cause?: unknown): HoldpointError {
  return new HoldpointError('ca-unusable', {
    what: 'The certificate authority cannot be used.',
    why,
    next: 'Restore keys/ of the instance from its backup, or make a new authority and hand its certificate to the agents again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function checked(pair: PemPair, nowMs: number): { readonly certificate: X509Certificate; readonly key: KeyObject } {
  let certificate: X509Certificate;
  let key: KeyObject;
  try {
    certificate = new X509Certificate(pair.certPem);
    key = createPrivateKey(pair.keyPem);
  } catch (cause) {
    throw unusable('Its certificate or its key cannot be read.', cause);
  }
  if (!certificate.ca) throw unusable('The certificate does not belong to an authority.');
  if (!certificate.checkPrivateKey(key)) throw unusable('The key does not belong to the certificate.');
  if (certificate.validToDate.getTime() <= nowMs) throw unusable('The certificate has expired.');
  return { certificate, key };
}

/** The subject as it stands in the certificate, byte for byte: issuers are compared as bytes by some clients. */
function subjectOf(certificate: X509Certificate): Der {
  const body = readElement(readElement(certificate.raw, 0)?.content ?? new Uint8Array(), 0);
  const fields = readElements(body?.content ?? new Uint8Array());
  // version [0], serial, algorithm, issuer, validity, subject
  const subject = fields?.[0]?.tag === 0xa0 ? fields[5] : undefined;
  if (subject === undefined) throw unusable('Its certificate is not a version 3 certificate.');
  return subject.whole;
}

/** 16 or 4 bytes of an IP literal. Scoped IPv6 literals never come here: they name an interface, not a host. */
function addressBytes(literal: string): Der {
  if (isIP(literal) === 4) return Buffer.from(literal.split('.').map(Number));
  const [head = '', tail] = literal.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').flatMap((group) => [Number.parseInt(group, 16)]);
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = new Array<number>(8 - left.length - right.length).fill(0);
  return Buffer.from([...left, ...middle, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}

function alternativeName(host: string): Der {
  return isIP(host) === 0 ? tlv(0x82, Buffer.from(host, 'latin1')) : tlv(0x87, addressBytes(host));
}

function leafExtensions(host: string, spki: Der, authorityId: Der): readonly Der[] {
  return [
    extension('2.5.29.19', 'critical', sequence()),
    extension('2.5.29.15', 'critical', bits(Buffer.of(0x80), 7)),
    extension('2.5.29.37', 'plain', sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    // Critical, since the subject is empty (RFC 5280 4.2.1.6): names longer than 64 characters fit nowhere else.
    extension('2.5.29.17', 'critical', sequence(alternativeName(host))),
    extension('2.5.29.14', 'plain', octets(keyIdentifier(spki))),
    extension('2.5.29.35', 'plain', sequence(tlv(0x80, authorityId))),
  ];
}

/**
 * The authority, ready to mint. All leaves of one process share a fresh key of their own: minting then costs one
 * signature (about 0.1 ms), and the key dies with the process. Throws `ca-unusable`.
 */
export function loadCertificateAuthority(
  pair: PemPair,
  options: { readonly nowMs: () => number },
): CertificateAuthority {
  const { certificate, key } = checked(pair, options.nowMs());
  const issuer = subjectOf(certificate);
  const authorityId = keyIdentifier(spkiOf(certificate.publicKey));
  const caFromMs = certificate.validFromDate.getTime();
  const caUntilMs = certificate.validToDate.getTime();
  const leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = spkiOf(leafKey.publicKey);
  const keyPem = leafKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    certPem: pair.certPem,
    leafFor(host) {
      // A day of slack for agents in containers whose clock is behind.
      const fromMs = Math.max(options.nowMs() - dayMs, caFromMs);
      const untilMs = Math.min(fromMs + leafDaysMax * dayMs, caUntilMs);
      const extensions = leafExtensions(host, spki, authorityId);
      return { certPem: signed({ issuer, subject: emptyName, fromMs, untilMs, spki, extensions }, key), keyPem };
    },
  };
}
