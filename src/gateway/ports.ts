// What the driver needs from the outside, as small interfaces. compose.ts alone knows who implements them.
// Reader, Resolver, Storage, HttpExecutor and Clock have their own files; these are the rest.

import type { Readable } from 'node:stream';
import type { OutgoingRequest } from '../action/request.ts';
import type { CredentialPolicy, Policy } from '../authorize/grant.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import type { FactorSubmission, GivenCredential, SealedHuman } from '../console/server/port.ts';
import type { CredentialState } from '../decide/decide.ts';
import type { Headers } from '../execute/executor.ts';
import type { Reason } from '../platform/reason.ts';

/** What stands in a request's auth slots and where else it carries something that looks like a credential. */
export type CredentialUse =
  /** A credential that Holdpoint did not issue. `literal` is for the finder only: never stored, logged or journalled. */
  | {
      readonly kind: 'stray';
      readonly fingerprint: string;
      readonly tokenKind: string;
      readonly slot: string;
      readonly literal: string;
    }
  | Exclude<CredentialState, { readonly kind: 'stray' }>;

/** Placeholders to real secrets and back. The only port through which a real secret passes. */
export interface Broker {
  inspect(request: OutgoingRequest, page: ProviderPage | null, granted: readonly string[]): CredentialUse;
  /** The request with the real secret in the declared slot; throws a fault if it may not or cannot. */
  inject(request: OutgoingRequest, credential: string, page: ProviderPage): Promise<OutgoingRequest>;
  /** The credential's secret replaced by its placeholder, in header values and in the streamed body. */
  maskHeaders(headers: Headers, credential: string): Headers;
  maskBody(body: Readable, headers: Headers, credential: string): Readable;
}

/** Seals bytes at rest under the instance's key; `id` is authenticated with them. */
export interface Sealer {
  seal(id: string, bytes: Uint8Array): Uint8Array;
  /** Throws a fault when the bytes were changed or belong to another id. */
  open(id: string, sealed: Uint8Array): Uint8Array;
}

/** Takes secrets in and away, and journals it by fingerprint. Throws `secret-unfit` for what no header can carry. */
export interface SecretKeeper {
  put(credential: CredentialPolicy, secret: string, by: string): Promise<GivenCredential>;
  /** False: none was there. */
  remove(credential: string, by: string): Promise<boolean>;
}

/** Finds where a stray literal lies in the agent's project: `domains/railway.env:2`, or null. */
export interface StrayFinder {
  find(literal: string, fingerprint: string): Promise<string | null>;
}

/** Agents' proxy tokens: who is calling. Constant-time; null for none or wrong. */
export interface AgentTokens {
  identify(proxyAuthorization: string | null): string | null;
}

/** Rings, prints, notifies: called when something is held or moved. Never blocks, never throws. */
export interface Notifier {
  held(holdId: string): void;
  moved(holdId: string, what: string): void;
}

/** What a human proves with each widening: a signature by the enrolled key and a TOTP, over a page's nonce. */
export interface Factors {
  nonce(digest: string): { readonly nonce: string; readonly expiresAtMs: number };
  /** Uses the nonce up, whatever the answer. Null: the factor holds; else why not. */
  check(submission: FactorSubmission): Promise<Reason | null>;
  sealedPeople(): Promise<readonly SealedHuman[]>;
}

/** Reads a policy text; throws a fault that says what is wrong with it. */
export interface PolicyReader {
  parse(text: string): Policy;
  /** What changes, in words, and whether any power grows. */
  describe(before: Policy | null, after: Policy): { readonly changes: readonly string[]; readonly widens: boolean };
}
