// JSON as exactly one reading: an object that names a member twice is refused, because the reader here and the server
// there may each believe another one. It parses nothing itself: JSON.parse does, this only looks at the member names.

export type StrictJson =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'not-json' }
  | { readonly kind: 'duplicate'; readonly member: string };

/** Deeper nesting than this is not JSON for us: recursive readers behind it stay within their stack. */
const depthMax = 128;

/** Parses JSON text; duplicates are compared after unescaping, so `"a"` and `"\u0061"` are the same member. */
export function parseStrictJson(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'not-json' };
  }
  const found = findDuplicate(text);
  if (found === 'too-deep') return { kind: 'not-json' };
  return found === null ? { kind: 'json', value } : { kind: 'duplicate', member: found.member };
}

function findDuplicate(text: string): { readonly member: string } | 'too-deep' | null {
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = stringEnd(text, at);
      const members = open.at(-1);
      if (expectsName && members) {
        const member = String(JSON.parse(text.slice(at, end + 1)));
        if (members.has(member)) return { member };
        members.add(member);
        expectsName = false;
      }
      at = end;
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > depthMax) return 'too-deep';
      expectsName = char === '{';
    } else if (char === '}' || char === ']') {
      open.pop();
      expectsName = false;
    } else if (char === ',') {
      expectsName = open.at(-1) != null;
    }
  }
  return null;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
