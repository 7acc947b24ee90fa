// Which addresses agents may not reach through the gateway: this machine, its links, metadata services. Everything else,
// private networks too, may be somebody's infrastructure and is the policy's business, not this file's.
// Names are resolved once and pinned: whoever connects uses the address that was checked, never the name again.
// A name that says 10.0.0.5 today and 127.0.0.1 a second later (DNS rebinding) is why.

import { ADDRCONFIG, promises as dns } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { HoldpointError } from './fault.ts';
import { type Reason, reason } from './reason.ts';

interface Range {
  readonly network: string;
  readonly prefix: number;
  readonly is: string;
}

const loopback = 'this machine itself (loopback)';
const unspecified = 'no address at all (unspecified), which the system takes for this machine';
const linkLocal = 'a link-local address; cloud metadata services hand out credentials there';
const multicast = 'a multicast or broadcast address';
const reserved = 'a reserved address';
const metadata = "a cloud provider's metadata service, which hands out credentials";

const forbiddenV4: readonly Range[] = [
  { network: '0.0.0.0', prefix: 8, is: unspecified },
  { network: '127.0.0.0', prefix: 8, is: loopback },
  { network: '169.254.0.0', prefix: 16, is: linkLocal },
  { network: '224.0.0.0', prefix: 4, is: multicast },
  { network: '240.0.0.0', prefix: 4, is: reserved },
  // Oracle's metadata service lies in the IETF block (192.0.0.192), Azure's and Alibaba's in public and shared space.
  { network: '192.0.0.0', prefix: 24, is: reserved },
  { network: '168.63.129.16', prefix: 32, is: metadata },
  { network: '100.100.100.200', prefix: 32, is: metadata },
];

const forbiddenV6: readonly Range[] = [
  { network: '::', prefix: 128, is: unspecified },
  { network: '::1', prefix: 128, is: loopback },
  { network: 'fe80::', prefix: 10, is: linkLocal },
  { network: 'ff00::', prefix: 8, is: multicast },
  { network: 'fd00:ec2::', prefix: 32, is: metadata },
  { network: 'fd20:ce::254', prefix: 128, is: metadata },
  { network: 'fd00:42::42', prefix: 128, is: metadata },
  // Tunnels and translators that carry an IPv4 address where it cannot be read with certainty.
  { network: '2001::', prefix: 32, is: 'a Teredo address, which hides an IPv4 address' },
  { network: '64:ff9b:1::', prefix: 48, is: 'a local NAT64 address, which hides an IPv4 address' },
  { network: '100::', prefix: 64, is: reserved },
];

function blockListOf(ranges: readonly Range[], family: 'ipv4' | 'ipv6'): readonly (readonly [BlockList, string])[] {
  return ranges.map((range) => {
    const list = new BlockList();
    list.addSubnet(range.network, range.prefix, family);
    return [list, range.is];
  });
}

const listsV4 = blockListOf(forbiddenV4, 'ipv4');
const listsV6 = blockListOf(forbiddenV6, 'ipv6');

/** The eight 16-bit groups of a valid IPv6 literal without zone. */
function groupsOf(address: string): readonly number[] {
  // A URL parser turns the dotted tail (::ffff:1.2.3.4) into groups.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = read(head);
  const right = tail === undefined ? [] : read(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** The IPv4 address that an IPv6 address leads to: mapped, compatible, translated, NAT64, 6to4, ISATAP. */
function embeddedV4(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const zero = (...some: readonly number[]) => some.every((group) => group === 0);
  if (zero(a, b, c, d, e) && (f === 0xffff || f === 0)) return dotted(g, h);
  if (zero(a, b, c, d, f) && e === 0xffff) return dotted(g, h);
  if (a === 0x64 && b === 0xff9b && zero(c, d, e, f)) return dotted(g, h);
  if (a === 0x2002) return dotted(b, c);
  if ((e & 0xfdff) === 0 && f === 0x5efe) return dotted(g, h);
  return null;
}

function forbidden(is: string): Reason {
  return reason(
    'address-forbidden',
    'The host leads to an address that agents may not reach.',
    `The address is ${is}.`,
    'Name the service by the address under which other machines reach it. Local development servers need no proxy (NO_PROXY).',
  );
}

/** Every address of this machine's interfaces, without zones. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((entry) => entry.address.split('%')[0] ?? ''),
  );
}

function sameAddress(one: string, other: string): boolean {
  if (isIP(one) !== isIP(other)) return false;
  if (isIP(one) === 4) return one === other;
  return groupsOf(one).join() === groupsOf(other).join();
}

/**
 * Why agents may not reach this IP address, or null if they may. Anything that is not a plain IPv4 or IPv6 literal is
 * forbidden: only canonical forms have one reading.
 */
export function isForbidden(address: string, own: readonly string[] = ownAddresses()): Reason | null {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return forbidden('not a plain IP address');
  const lists = family === 4 ? listsV4 : listsV6;
  for (const [list, is] of lists) if (list.check(address, family === 4 ? 'ipv4' : 'ipv6')) return forbidden(is);
  if (own.some((mine) => sameAddress(mine, address))) return forbidden('one of this machine itself');
  if (family === 4) return null;
  const inner = embeddedV4(groupsOf(address));
  return inner === null ? null : isForbidden(inner, own);
}

/** Addresses of a name, in the order in which they should be tried. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const systemLookup: Lookup = async (host) => {
  const found = await dns.lookup(host, { all: true, hints: ADDRCONFIG, order: 'verbatim' });
  return found.map((entry) => entry.address);
};

export type Pinned =
  | { readonly kind: 'pinned'; readonly address: string }
  | { readonly kind: 'refused'; readonly reason: Reason };

/** `localhost` and its like by name: some resolvers answer for them, some do not (RFC 6761 section 6.3). */
const localName = /^(localhost|.*\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|broadcasthost)$/;

/** The last label is a number: `2130706433`, `0177.1`, `0x7f.0.0.1` are addresses to some readers and names to others. */
const numeric = /(^|\.)([0-9]+|0x[0-9a-f]*)$/;

/**
 * The one address to connect to for `host` (name or literal, brackets and trailing dot allowed). All addresses of a
 * name must be allowed, not only the one that is taken. Throws `host-not-resolved`.
 */
export async function resolvePinned(
  host: string,
  options: { readonly lookup?: Lookup; readonly own?: readonly string[] } = {},
): Promise<Pinned> {
  const lower = host.toLowerCase();
  const name = lower.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (localName.test(name)) return { kind: 'refused', reason: forbidden(loopback) };
  const literal = isIP(name) !== 0 || numeric.test(name) || name.includes(':');
  const addresses = literal ? [name] : await lookedUp(name, options.lookup ?? systemLookup);
  const own = options.own ?? ownAddresses();
  for (const address of addresses) {
    const refused = isForbidden(address, own);
    if (refused !== null) return { kind: 'refused', reason: refused };
  }
  const [address] = addresses;
  if (address === undefined) throw notResolved('It has no address.');
  return { kind: 'pinned', address };
}

async function lookedUp(name: string, lookup: Lookup): Promise<readonly string[]> {
  try {
    return await lookup(name);
  } catch (cause) {
    throw notResolved('The resolver knows no address for it.', cause);
  }
}

function notResolved(why: string, cause?: unknown): HoldpointError {
  return new HoldpointError('host-not-resolved', {
    what: 'The host name did not resolve.',
    why,
    next: 'Check the name, and that this machine can resolve it.',
    retry: 'later',
    ...(cause === undefined ? {} : { cause }),
  });
}
