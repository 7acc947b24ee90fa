// Scalars of the policy from the environment: HOLDPOINT_WAIT, HOLDPOINT_DELAY_IRREVERSIBLE, HOLDPOINT_HOSTS_STRICT, and
// each with _FILE for a file that holds the value. Named maps (agents, environments …) come from the file alone.
// The environment wins over the file, as operators expect; both given as value and as file is a contradiction.

import { invalidPolicy } from './policy-problem.ts';

export interface ScalarSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a small text file. Throws if it cannot be read. */
  readText(path: string): string;
}

const scalars: readonly {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'duration' | 'boolean';
}[] = [
  { name: 'HOLDPOINT_WAIT', path: ['wait'], kind: 'duration' },
  { name: 'HOLDPOINT_DELAY_IRREVERSIBLE', path: ['delay', 'irreversible'], kind: 'duration' },
  { name: 'HOLDPOINT_HOSTS_STRICT', path: ['hosts', 'strict'], kind: 'boolean' },
];

/** The value with scalars from the environment put in. The schema still judges them. */
export function overrideScalars(value: unknown, source: ScalarSource | null): unknown {
  if (source === null) return value;
  return scalars.reduce((current, { name, path, kind }) => {
    const text = scalarText(name, source);
    return text === null ? current : put(current, path, readScalar(text, kind));
  }, value);
}

function scalarText(name: string, source: ScalarSource): string | null {
  const direct = source.env[name];
  const file = source.env[`${name}_FILE`];
  if (direct !== undefined && file !== undefined) {
    throw invalidPolicy([{ line: null, says: `${name} and ${name}_FILE are both set; keep one.` }]);
  }
  if (file === undefined) return direct ?? null;
  try {
    return source.readText(file).trim();
  } catch {
    throw invalidPolicy([{ line: null, says: `The file that ${name}_FILE names cannot be read.` }]);
  }
}

/** Words that are no boolean stay words, and the schema refuses them. */
function readScalar(text: string, kind: 'duration' | 'boolean'): unknown {
  if (kind === 'duration') return text === 'null' ? null : text;
  return text === 'true' ? true : text === 'false' ? false : text;
}

function put(value: unknown, path: readonly string[], leaf: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  const base = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  return { ...base, [step]: put((base as Record<string, unknown>)[step], rest, leaf) };
}
