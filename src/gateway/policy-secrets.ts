// Finds secrets that were written into the policy. The file is read by people, kept in git and shown in diffs, so a
// credential in it is already lost. Prefix shapes and places only; scan/ knows every provider. The secret is never quoted.

import type { Path, PolicyDocument, Problem } from './policy-problem.ts';

/** Prefixes that nothing but a credential has; linear-time, anchored at a word's start. */
const prefixed =
  /(?:^|[^A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|sk[-_][A-Za-z0-9_-]{16,}|rk_(?:live|test)_\w{10,}|AKIA[A-Z0-9]{16}|ASIA[A-Z0-9]{16}|xox[a-z]-[A-Za-z0-9-]{10,}|dop_v1_\w{20,}|sbp_\w{20,}|sb_secret_\w{10,}|napi_\w{16,}|fm2_\w{10,}|FlyV1 \S{10,}|HRKU-[\w-]{10,}|pscale_(?:tkn|pw)_\w{10,}|glpat-[\w-]{16,}|rnd_\w{16,}|pul-\w{20,}|hvs\.\w{16,}|dp\.(?:pt|st|ct)\.\w{16,}|cf[ua]t_\w{20,}|AGE-SECRET-KEY-1|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.)/;
const userInfo = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/@:]{0,256}:[^\s/@]{1,512}@/i;
const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Every string in the file that looks like a credential. */
export function secretProblems(value: unknown, document: PolicyDocument): readonly Problem[] {
  return [...strings(value, [])]
    .filter(({ text, path }) => looksSecret(text, path))
    .map(({ path }) => ({
      line: document.lineOf(path),
      says: 'A credential stands here in the clear. Take it out, rotate it, and give it to `holdpoint credential add`; the policy holds its placeholder only.',
    }));
}

function looksSecret(text: string, path: Path): boolean {
  if (prefixed.test(text) || userInfo.test(text) || privateKey.test(text)) return true;
  // A bare UUID is Railway's token form; ids stand behind provider:kind: and are no bare UUIDs.
  return uuid.test(text) && path[0] === 'credentials';
}

function* strings(value: unknown, path: Path): Generator<{ readonly text: string; readonly path: Path }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (Array.isArray(value)) for (const [index, each] of value.entries()) yield* strings(each, [...path, index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      yield { text: key, path: [...path, key] };
      yield* strings(each, [...path, key]);
    }
  }
}
