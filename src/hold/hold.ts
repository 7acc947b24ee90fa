// A Hold: one exact request that stands still until humans have said yes to it. Projection and vocabulary; the order in
// which it moves is lifecycle/, whether it may go is hold/may-release.ts. All text in it is masked.

import type { ChannelName, Outcome, Posture, Reading, Resolution } from '../action/action.ts';
import type { Factor } from '../authorize/grant.ts';
import type { Reason } from '../platform/reason.ts';
import type { Proof, Requirement } from './proof.ts';

/** What an approval is bound to besides the bytes: DESIGN section 6 "Material". */
export interface MaterialFacts {
  readonly operation: string;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
  readonly recovery: string;
  readonly bypass: readonly string[];
  /** Upper bounds; null: not known. */
  readonly bytesMax: number | null;
  readonly rowsMax: number | null;
  readonly backupsMax: number | null;
}

/** One human's signed yes to this digest. */
export interface Approval {
  readonly human: string;
  readonly factors: readonly Factor[];
  /** Hex ed25519 public key under which the signature verifies. */
  readonly publicKey: string;
  /** The page's nonce, hex; the signature is over SHA-256(digest bytes || nonce bytes). */
  readonly nonce: string;
  readonly digest: string;
  /** Hex ed25519 signature. */
  readonly signature: string;
  readonly atMs: number;
}

export type HoldState =
  | { readonly kind: 'held' }
  | { readonly kind: 'approved' }
  | { readonly kind: 'delayed'; readonly untilMs: number }
  | { readonly kind: 'released'; readonly atMs: number }
  | {
      readonly kind: 'executed';
      readonly outcome: Outcome;
      readonly atMs: number;
      readonly collected: boolean;
      readonly status: number | null;
      readonly after: string | null;
    }
  | {
      readonly kind: 'settled';
      readonly happened: 'happened' | 'not-happened';
      readonly by: string;
      readonly atMs: number;
    }
  | { readonly kind: 'denied'; readonly by: string; readonly atMs: number }
  | { readonly kind: 'cancelled'; readonly by: string; readonly atMs: number }
  | { readonly kind: 'lapsed'; readonly atMs: number };

/** The request as a human reads it: masked, control characters and bidi escaped, bounded. */
export interface ShownRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface Hold {
  readonly id: string;
  readonly actionId: string;
  readonly agent: string;
  readonly session: string;
  readonly channel: ChannelName;
  readonly posture: Posture;
  readonly atMs: number;
  /** Last time an agent asked for it: a hold older than 7 days needs a newer one before release. */
  readonly askedAgainMs: number;
  readonly state: HoldState;
  readonly reading: Reading;
  readonly resolution: Resolution;
  readonly reasons: readonly Reason[];
  readonly material: MaterialFacts;
  readonly digest: string;
  readonly grantDigest: string;
  readonly policyDigest: string;
  /** Which newer request finds this hold: an equal one, or any to the same unjudged host. */
  readonly retryKey: string;
  /** Equal for equal requests; differs from retryKey only for holds about a host. */
  readonly requestKey?: string;
  readonly credential: string | null;
  readonly needs: {
    readonly factors: readonly Factor[];
    readonly people: number;
    readonly delayMs: number;
    readonly safeguards: readonly Requirement[];
  };
  readonly approvals: readonly Approval[];
  /** Nonces of every approval that this hold ever took, void ones too: a signed yes is used once. Absent: none yet. */
  readonly spentNonces?: readonly string[];
  readonly proofs: readonly Proof[];
  readonly shown: ShownRequest;
  readonly asked: string | null;
  readonly claimed: string | null;
  /** "this same request ran at T, outcome O": ids of earlier holds with this retry key. */
  readonly before: { readonly hold: string; readonly atMs: number; readonly outcome: string } | null;
  readonly lab: boolean;
}
