// The fold's state for one action. A union: what is known grows with each stage, and a stage cannot be skipped because
// its facts would be missing from the type.

import type { Action, Reading, Resolution } from '../action/action.ts';
import type { Hold } from '../hold/hold.ts';

export type CaseState =
  | { readonly at: 'new' }
  | { readonly at: 'requested'; readonly action: Action }
  | {
      readonly at: 'classified';
      readonly action: Action;
      readonly reading: Reading;
      /** Whether the place must be looked up before anything but a denial can follow. */
      readonly needs: 'resolution' | 'decision';
    }
  | { readonly at: 'resolved'; readonly action: Action; readonly reading: Reading; readonly resolution: Resolution }
  /** Verdict allow: it may execute once. */
  | {
      readonly at: 'allowed';
      readonly action: Action;
      readonly reading: Reading;
      readonly resolution: Resolution | null;
    }
  /** A hold of its own; everything after is in hold.state. */
  | { readonly at: 'held'; readonly hold: Hold }
  | { readonly at: 'ended'; readonly how: 'executed' | 'denied' | 'followed' };

export const newCase: CaseState = { at: 'new' };

/** The hold of a case, or null. */
export function holdOf(state: CaseState): Hold | null {
  return state.at === 'held' ? state.hold : null;
}
