// One call to the fake: the world as it is, who asks, when, and how a mutation replaces the world.
// The only mutable thing of the fake is the one cell behind `world()` and `change()`, and the server owns it.

import type { Caller } from './access.ts';
import type { World } from './world.ts';

export interface Call {
  world(): World;
  change(next: World): void;
  readonly caller: Caller;
  readonly atMs: number;
  /** Longest page any list gives. */
  readonly pageMax: number;
  newId(): string;
}
