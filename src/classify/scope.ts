// The scope kind that an operation needs: the resource noun of its path or name, in plural kebab-case (`volumes`,
// `service-instances`); `other` where there is none. Grants name the same words.

import { isVerb, wordsOf } from './lexicon.ts';

const skipped = new Set([
  'api',
  'rest',
  'client',
  'v',
  'admin',
  'actions',
  'action',
  'graphql',
  'rpc',
  'by',
  'id',
  'all',
  'the',
  'of',
  'my',
  'me',
  'user2',
]);

/** `volumeDelete` -> volumes, `deploymentLogs` -> logs? No: nouns are kept together, `deployment-logs`; see the pages for better names. */
export function scopeOfName(name: string): string {
  const nouns = wordsOf(name).filter((word) => !isVerb(word) && !skipped.has(word) && !/^\d+$/.test(word));
  return nouns.length === 0 ? 'other' : plural(nouns.slice(0, 3).join('-'));
}

export function plural(noun: string): string {
  if (/(s|data|info|logs|dns)$/.test(noun) && !/(ss|us|is|as)$/.test(noun)) return noun;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** `volumes` -> volume: the kind of one resource. */
export function singular(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`;
  if (/(xes|ches|shes|sses)$/.test(noun)) return noun.slice(0, -2);
  return noun.endsWith('s') && !noun.endsWith('ss') ? noun.slice(0, -1) : noun;
}

/** True for a path segment that is an id or a version, not a word of the API. */
export function isId(segment: string): boolean {
  if (/^v\d+(alpha|beta)?\d*$|^\d{4}-\d{2}(-\d{2})?$|^\d+(\.\d+)*$/.test(segment)) return true;
  if (
    /[0-9]/.test(segment) &&
    /^[\w.:~-]+$/.test(segment) &&
    segment.length >= 5 &&
    /\d{2}|[a-z]\d|\d[a-z]/i.test(segment)
  ) {
    return !/^(oauth2|d1|k8s|ipv[46]|s3|ec2|route53|web3|http[23]|base64|md5|sha\d+)/i.test(segment);
  }
  return false;
}

const nouns = new Map<string, string | null>();
const nounsMax = 4_000;

/** A segment's words in kebab-case, or null if it is only verbs. Paths repeat their words; splitting them costs most of a GET. */
function nounOf(bare: string): string | null {
  const known = nouns.get(bare);
  if (known !== undefined) return known;
  const words = wordsOf(bare);
  const noun = words.length > 4 || words.every((word) => isVerb(word) || skipped.has(word)) ? null : words.join('-');
  if (nouns.size >= nounsMax) nouns.clear();
  if (bare.length <= 60) nouns.set(bare, noun);
  return noun;
}

/** Scope kind of a REST path: the last segment that is a noun, preferring one that an id follows. */
export function scopeOfPath(segments: readonly string[]): string {
  let found: string | null = null;
  for (const [at, segment] of segments.entries()) {
    const bare = segment.split(/[:.?]/)[0] ?? '';
    if (bare === '' || isId(segment) || !/^[A-Za-z][A-Za-z_-]*$/.test(bare)) continue;
    const words = nounOf(bare);
    if (words === null) continue;
    const follows = segments[at + 1];
    const noun = bare.endsWith('s') || follows === undefined;
    if (noun || found === null) found = words;
  }
  return found === null ? 'other' : plural(found);
}
