// What the control port (CLI now, console pages later) asks of the gateway. Reading is for viewers; narrowing (deny,
// cancel, freeze) for any signed-in human; widening needs a fresh factor: a signature over SHA-256(digest || nonce).
// Nothing here is reachable from an agent-facing listener (invariant 8).

import type { Hold } from '../../hold/hold.ts';
import type { Reason } from '../../platform/reason.ts';
import type { SealedEvent } from '../../record/event.ts';
import type { EventQuery } from '../../storage/storage.ts';

/** What a human's factor says yes to: `digest` is the hold's digest, or digestOf({verb, args}) for other widening verbs. */
export interface FactorSubmission {
  readonly human: string;
  readonly digest: string;
  /** From `nonce()`, hex, valid 10 min, once. */
  readonly nonce: string;
  /** Hex ed25519 signature over SHA-256(digest bytes || nonce bytes) by the human's approval key. */
  readonly signature: string;
  /** Six digits. */
  readonly totp: string;
  /** `<environment>/<resolved name>` as typed, where the hold asks for typed-name. */
  readonly typedName: string | null;
}

export type Done<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly reason: Reason };

/** What the CLI needs to unlock a human's key locally; the gateway never sees the passphrase. */
export interface SealedHuman {
  readonly human: string;
  readonly role: 'owner' | 'approver' | 'viewer';
  readonly publicKey: string;
  /** credentials/approval-key.ts format: the private key under a passphrase. */
  readonly sealedKey: string;
}

export interface Status {
  readonly lab: boolean;
  readonly startedAtMs: number;
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly policyDigest: string;
  readonly policyFileDiffers: boolean;
  readonly journal: { readonly seq: number; readonly writable: boolean; readonly anchoredAtMs: number | null };
  readonly openHolds: number;
  readonly agents: readonly {
    readonly agent: string;
    readonly frozen: boolean;
    readonly revoked: boolean;
    readonly expired: boolean;
    readonly posture: string | null;
    readonly grant: string;
  }[];
}

/** What is known of a secret that was given: how the journal names it, and what its provider's page says it is. */
export interface GivenCredential {
  readonly fingerprint: string;
  readonly kinds: readonly string[];
  /** The page that says how the old secret is made useless at the provider; null: none. */
  readonly docs: string | null;
}

export interface ControlPort {
  status(): Promise<Status>;
  /** Newest first. */
  holds(query: {
    readonly open: boolean;
    readonly limit: number;
    readonly beforeMs?: number;
  }): Promise<readonly Hold[]>;
  /** The same list as the JSON text of an array, as it lies in the store: for pages of thousands. */
  holdsText(query: { readonly open: boolean; readonly limit: number; readonly beforeMs?: number }): Promise<string>;
  /** By id or unambiguous prefix; `newest` is the newest open one. */
  hold(id: string): Promise<Hold | null>;
  /** A page nonce for a digest. */
  nonce(digest: string): { readonly nonce: string; readonly expiresAtMs: number };
  people(): Promise<readonly SealedHuman[]>;
  approve(id: string, submission: FactorSubmission): Promise<Done<Hold>>;
  deny(id: string, by: string): Promise<Done<Hold>>;
  cancel(id: string, by: string): Promise<Done<Hold>>;
  /** Widening: digest = digestOf({verb:'settle', id, happened}). */
  settle(id: string, happened: 'happened' | 'not-happened', submission: FactorSubmission): Promise<Done<Hold>>;
  /** null: all agents. */
  freeze(agent: string | null, by: string): Promise<Done<null>>;
  /** Widening: digest = digestOf({verb:'thaw', agent}). */
  thaw(agent: string | null, submission: FactorSubmission): Promise<Done<null>>;
  /** Token cards: article's keys. Never a secret. */
  credentials(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Widening: digest = credentialPutDigest(id, secret) of secret-digest.ts. Replaces what was stored. */
  credentialPut(id: string, secret: string, submission: FactorSubmission): Promise<Done<GivenCredential>>;
  credentialRemove(id: string, by: string): Promise<Done<null>>;
  /** Adds a host to `ordinary` (widening) or `denied` (narrowing: submission null). */
  host(verb: 'allow' | 'deny', host: string, submission: FactorSubmission | null, by: string): Promise<Done<null>>;
  hosts(): Promise<readonly { readonly host: string; readonly as: string }[]>;
  /** policy apply: digest = digestOf({verb:'policy-apply', text}). A narrowing change needs no submission. */
  applyPolicy(
    text: string,
    submission: FactorSubmission | null,
    by: string,
  ): Promise<Done<{ readonly changes: readonly string[] }>>;
  /** What a new policy text would change, in words, and whether anything widens. */
  diffPolicy(text: string): Promise<Done<{ readonly changes: readonly string[]; readonly widens: boolean }>>;
  agentAdd(input: unknown, submission: FactorSubmission): Promise<Done<{ readonly token: string }>>;
  agentRevoke(agent: string, by: string): Promise<Done<null>>;
  events(query: EventQuery): Promise<readonly SealedEvent[]>;
  /** Called after each append; the returned function unsubscribes. */
  onEvent(listener: (event: SealedEvent) => void): () => void;
  /** Journals an attempt on the control port that was refused: no token, agent's token, wrong factor. */
  refused(attempt: { readonly route: string; readonly why: string; readonly peerUid: number | null }): void;
  /** Journals the result of an isolation probe run by the instance's owner. */
  probed(result: { readonly attempt: string; readonly refusedBy: string; readonly succeeded: boolean }): Promise<void>;
}
