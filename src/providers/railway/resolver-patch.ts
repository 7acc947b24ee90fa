// What a Railway configuration patch deletes. The patch is an untyped scalar, so it is read by shape: every
// `isDeleted: true`, at any depth. Volumes, services and buckets are then located like any other target; a deletion that
// stands anywhere else is counted, so that the human sees it was there.

export interface PatchDeletions {
  readonly volumes: readonly string[];
  readonly services: readonly string[];
  readonly buckets: readonly string[];
  /** Deletions of other things (domains, variables …) inside the environment. */
  readonly others: number;
}

const kinds = ['volumes', 'services', 'buckets'] as const;
const depthMax = 40;

/** null: not a patch that can be read (not an object, or nested beyond reason). */
export function readPatch(patch: unknown): PatchDeletions | null {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return null;
  const found: Record<(typeof kinds)[number], string[]> = { volumes: [], services: [], buckets: [] };
  let others = 0;
  let tooDeep = false;

  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    if (path.length > depthMax) {
      tooDeep = true;
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      // Anything but false and null counts: a scalar that another reader takes for true must not slip past this one.
      if (key === 'isDeleted' && inner !== false && inner !== null) {
        const kind = kinds.find((each) => each === path[0]);
        if (kind !== undefined && path[1] !== undefined && path.length === 2) found[kind].push(path[1]);
        else others += 1;
      }
      visit(inner, [...path, key]);
    }
  };
  visit(patch, []);
  // A thing set to null disappears as well, in the readings of patches that merge.
  for (const kind of kinds) {
    const entries = (patch as Record<string, unknown>)[kind];
    if (typeof entries !== 'object' || entries === null) continue;
    for (const [id, entry] of Object.entries(entries)) if (entry === null) found[kind].push(id);
  }
  return tooDeep ? null : { ...found, others };
}
