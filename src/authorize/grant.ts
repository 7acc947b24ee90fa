// Grant and Policy: what each agent may do, in the words of DESIGN section 5. Pure values;
// gateway/policy-file.ts reads them from YAML, the running policy is an event.

import type { ResourceRef } from '../action/action.ts';
import type { EnvironmentPolicy } from '../resolve/environment-policy.ts';

/** `volumes:write`; kind `*` grants all kinds, kind `other` what no rule names. Write includes read. */
export interface Scope {
  readonly kind: string;
  readonly access: 'read' | 'write';
}

export interface Grant {
  readonly agent: string;
  readonly preset: string | null;
  readonly scopes: readonly Scope[];
  /** Environment names, or all. */
  readonly environments: readonly string[] | 'all';
  /** Ids of credentials whose placeholders it may use. */
  readonly credentials: readonly string[];
  readonly destructive: 'never' | 'confirm';
  /** ISO date; the grant ends at its end in UTC. null: no end. */
  readonly expires: string | null;
}

export type Factor = 'typed-name' | 'passkey' | 'approval-key' | 'click';

export interface ApprovalPolicy {
  readonly factors: readonly Factor[];
  readonly people: number;
}

export interface CredentialPolicy {
  readonly id: string;
  readonly provider: string;
  readonly placeholder: string;
  readonly purpose: string;
}

export interface ProtectPolicy {
  readonly resource: ResourceRef;
  readonly backup: string;
}

/** A database listener: `upstream` names the credential that holds its URL. */
export interface DatabasePolicy {
  readonly name: string;
  readonly credential: string;
  readonly environment: string;
  readonly listenPort: number;
}

export interface BackupPolicy {
  readonly name: string;
  /** Database name. */
  readonly source: string;
  readonly to: readonly string[];
  readonly maxAgeMs: number;
  /** Rows or bytes that may be lost since the snapshot; 0: none. */
  readonly maxLoss: number;
  readonly verify: 'restore';
}

/** A hold that needs no people, only the fresh copy: `{ on: deploy, in: production, backup: bookings }`. */
export interface ProtectOnPolicy {
  readonly on: 'deploy' | 'migrate';
  readonly environment: string;
  readonly backup: string;
}

export interface Policy {
  readonly grants: readonly Grant[];
  readonly environments: readonly EnvironmentPolicy[];
  readonly credentials: readonly CredentialPolicy[];
  readonly protects: readonly ProtectPolicy[];
  /** By environment name; `*` for the default, which unknown environments use as well. */
  readonly approvals: Readonly<Record<string, ApprovalPolicy>>;
  /** Delay before release of irreversible actions. */
  readonly delayIrreversibleMs: number;
  /** How long a held request waits before 423; null: as long as the socket lives. */
  readonly waitMs: number | null;
  readonly hosts: {
    readonly governed: readonly string[];
    readonly tunnel: readonly string[];
    readonly ordinary: readonly string[];
    readonly denied: readonly string[];
    readonly strict: boolean;
  };
  readonly projects: readonly { readonly name: string; readonly path: string; readonly changelog: string | null }[];
  /** Always set by gateway/policy-file.ts; absent only in policies made by hand without databases and backups. */
  readonly databases?: readonly DatabasePolicy[];
  readonly backups?: readonly BackupPolicy[];
  readonly protectsOn?: readonly ProtectOnPolicy[];
}
