// Agents' own tokens for the proxy: 256 random bits, shown once, kept as HMACs. They say who is asking and nothing else;
// what that agent may do is its grant. They are no credentials of any provider and open no control route.

import { timingSafeEqual } from 'node:crypto';
import type { Random } from '../platform/random.ts';
import { hmacHex } from './keys.ts';

/** What is kept of a token. */
export interface AgentTokenRecord {
  readonly agent: string;
  /** HMAC-SHA256 of the token, hex. */
  readonly mac: string;
  readonly issuedAtMs: number;
}

export interface IssuedAgentToken {
  /** `hpa_` and 43 characters of base64url: shown once. */
  readonly token: string;
  readonly record: AgentTokenRecord;
}

const tokenBytes = 32;
const tokenForm = /^hpa_[A-Za-z0-9_-]{43}$/;
const headerMax = 1024;

export function issueAgentToken(key: Uint8Array, random: Random, agent: string, nowMs: number): IssuedAgentToken {
  const token = `hpa_${Buffer.from(random.bytes(tokenBytes)).toString('base64url')}`;
  return { token, record: { agent, mac: hmacHex(key, token), issuedAtMs: nowMs } };
}

/**
 * The agent whose token a `Proxy-Authorization` header carries (Basic agent:token, or Bearer token); null if none.
 * Every record is compared, equal ones too, so that time says nothing about which agents exist.
 */
export function findAgent(
  authorization: string | null,
  records: readonly AgentTokenRecord[],
  key: Uint8Array,
): string | null {
  const claim = readProxyAuthorization(authorization);
  const mac = Buffer.from(hmacHex(key, claim?.token ?? ''), 'hex');
  let found: string | null = null;
  for (const record of records) {
    const kept = Buffer.from(record.mac, 'hex');
    const same = kept.length === mac.length && timingSafeEqual(kept, mac);
    if (same && claim !== null && (claim.agent === null || claim.agent === record.agent)) found = record.agent;
  }
  return found;
}

interface Claim {
  /** null with Bearer, which names no agent. */
  readonly agent: string | null;
  readonly token: string;
}

/** RFC 7617 and RFC 6750 forms; the scheme's case does not matter. */
export function readProxyAuthorization(value: string | null): Claim | null {
  if (value === null || value.length > headerMax) return null;
  const [, scheme = '', rest = ''] = /^([A-Za-z]+) +(\S+)$/.exec(value.trim()) ?? [];
  const claim = scheme.toLowerCase() === 'basic' ? readBasic(rest) : { agent: null, token: rest };
  const known = scheme.toLowerCase() === 'basic' || scheme.toLowerCase() === 'bearer';
  return known && claim !== null && tokenForm.test(claim.token) ? claim : null;
}

function readBasic(encoded: string): Claim | null {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { agent: text.slice(0, colon), token: text.slice(colon + 1) };
}
