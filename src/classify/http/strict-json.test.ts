// Duplicate member names, in the forms in which a lenient parser would pick another one than a strict one.

import { expect, it } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

it.each<[string, string, string]>([
  ['{"a":1,"b":{"a":2}}', 'json', 'the same name in another object'],
  ['[{"a":1},{"a":2}]', 'json', 'the same name in siblings'],
  ['{"a":"a","b":"a"}', 'json', 'a value is no name'],
  ['{"a":"{\\"a\\":1,\\"a\\":2}"}', 'json', 'JSON inside a string'],
  ['{"a\\"":1,"a":2}', 'json', 'an escaped quote'],
  ['{"a":1,"a":1}', 'duplicate', 'even with one value'],
  ['{"\\u0061":1,"a":2}', 'duplicate', 'after unescaping'],
  ['{"a":{},"b":[],"a":0}', 'duplicate', 'around nested values'],
  ['{"__proto__":1,"__proto__":2}', 'duplicate', 'names that mean something in JavaScript'],
  ['{a:1}', 'not-json', 'JSON5'],
  ['{"a":1,}', 'not-json', 'trailing comma'],
  ['['.repeat(200) + ']'.repeat(200), 'not-json', 'too deep to walk'],
])('%s is %s (%s)', (text, kind, _because) => {
  expect(parseStrictJson(text).kind).toBe(kind);
});
