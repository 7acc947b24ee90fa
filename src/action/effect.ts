// The words for what an action would do: effect, basis, recovery, aspects, blast, evidence.
// Types and orderings only; the readers that arrive at them live in classify/.

export type Effect = 'read' | 'write' | 'destructive';
/** proven: the bytes admit this reading alone. assumed: the reader fell back to the worse reading. */
export type Basis = 'proven' | 'assumed';
/** What brings the thing back after execution, for this very call. none and unknown are shown as IRREVERSIBLE. */
export type Recovery = 'none' | 'window' | 'undo' | 'recreate' | 'unknown';
export type Aspect = 'exposes-secrets' | 'mints-access' | 'removes-protection' | 'runs-code' | 'spends-money';

/** Where a statement about an action comes from: shown to the human, never authored by the agent. */
export interface Evidence {
  /** The reader, provider call or rule that says so, e.g. `graphql`, `railway:environments`. */
  readonly source: string;
  /** One plain sentence. */
  readonly says: string;
}

/** What and how much is hit. null means not known, and is shown as "not known". */
export interface Blast {
  readonly what: string;
  readonly bytes: number | null;
  readonly rows: number | null;
  /** Things that go with it (attached services, children), by name. */
  readonly dependents: readonly string[];
  /** Backups that die with it; null: not known. */
  readonly backupsInside: number | null;
  readonly oldest: string | null;
  readonly newest: string | null;
}

const effectOrder: Readonly<Record<Effect, number>> = { read: 0, write: 1, destructive: 2 };

/** The worse of two effects. The only way effects combine: nothing but a proven rescue lowers one. */
export function worseEffect(a: Effect, b: Effect): Effect {
  return effectOrder[a] >= effectOrder[b] ? a : b;
}

const recoveryOrder: Readonly<Record<Recovery, number>> = { undo: 0, window: 1, recreate: 2, none: 3, unknown: 4 };

export function worseRecovery(a: Recovery, b: Recovery): Recovery {
  return recoveryOrder[a] >= recoveryOrder[b] ? a : b;
}

/** IRREVERSIBLE is written if and only if this holds. */
export function isIrreversible(recovery: Recovery): boolean {
  return recovery === 'none' || recovery === 'unknown';
}
