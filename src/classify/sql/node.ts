// The shape of PostgreSQL's parse tree as it comes from the parser: objects with one key that names the node's kind.
// Read with guards, not with the published types: a later parser version must fall to "unknown kind", not crash.

export type Node = { readonly [key: string]: unknown };

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{SelectStmt: {...}}` -> ['SelectStmt', {...}]; ['', node] if it is no wrapped node. */
export function kindOf(node: Node): readonly [kind: string, body: Node] {
  const keys = Object.keys(node);
  const kind = keys[0] ?? '';
  const body = node[kind];
  return keys.length === 1 && isNode(body) ? [kind, body] : ['', node];
}

/** Text of a `{String:{sval}}` or `{sval}` node. */
export function stringOf(value: unknown): string | null {
  if (!isNode(value)) return null;
  const inner = isNode(value.String) ? value.String : value;
  const text = isNode(inner.sval) ? inner.sval.sval : inner.sval;
  return typeof text === 'string' ? text : null;
}

/** Options as name and argument: `EXPLAIN (ANALYZE off)`. */
export function optionsOf(value: unknown): readonly { readonly name: string; readonly arg: unknown }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown) => {
    const option = isNode(each) && isNode(each.DefElem) ? each.DefElem : null;
    const name = option?.defname;
    return option !== null && typeof name === 'string' ? [{ name, arg: option.arg }] : [];
  });
}

/** Boolean option as PostgreSQL's defGetBoolean reads it: absent argument is true, 0/false/off false, all else true. */
export function isOn(arg: unknown): boolean {
  if (!isNode(arg)) return true;
  if (isNode(arg.Integer)) return Number(arg.Integer.ival ?? 0) !== 0;
  if (isNode(arg.Boolean)) return arg.Boolean.boolval === true;
  const text = stringOf(arg)?.toLowerCase();
  return !(text === 'false' || text === 'off' || text === '0');
}
