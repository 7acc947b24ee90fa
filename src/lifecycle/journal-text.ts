// Foreign words on their way into the journal: inert, bounded, and without what looks like a credential. A human needs
// the path and the operation to know what was asked; a token in a path (`/bot<token>/send`) must not stay there for ever.
// It is the last net, not the first: slots and bodies never come here, and stray credentials are found in credentials/.

import { inertLine } from '../hold/inert-text.ts';

export const maskedText = '[masked]';

/** Shapes that say what they are: vendors' prefixes, signed tokens, keys in PEM, a password inside a URL. */
const knownShapes: readonly RegExp[] = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|sk-|sk_|rk_|pk_live_|whsec_|npm_|pypi-|hf_|dop_v1_|doo_v1_|dor_v1_|napi_|npg_|sbp_|rnd_|fo1_|dapi|shpat_|SG\.|key-|hvs\.|hvb\.|AGE-SECRET-KEY-|tskey-|pscale_[a-z]+_|re_|r8_|gsk_|vcp_|hp_agent_)[A-Za-z0-9_.-]{12,}/g,
  /\b(?:AKIA|ASIA|AIza)[A-Za-z0-9_-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g,
  /\b\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  /-----BEGIN[\s\S]*/g,
];
const userinfo = /([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^\s/@"']+@/g;
const scheme = /\b(bearer|basic|token)[ +]+[A-Za-z0-9._~+/=-]{8,}/gi;
const assignment =
  /([A-Za-z0-9_-]*(?:password|passwd|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|authorization|cookie|credential)[A-Za-z0-9_-]*["']?\s*[:=]\s*["']?)[^\s"',;&)}]+/gi;

const sqlSecret = /\b(password|identified\s+by)\s+'[^']*'?/gi;

/** Long runs without a word in them: letters and digits mixed as a generator mixes them. UUIDs and hex digests are ids. */
const longRun = /[A-Za-z0-9_+=-]{24,}/g;
const id = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24,64}|[0-9]+)$/i;

function maskRun(run: string): string {
  if (id.test(run)) return run;
  // A name is words; a token has digits, small and capital letters in one unbroken piece.
  const pieces = run.split(/[-_+=]/);
  const isRandom = (piece: string) =>
    piece.length >= 16 && /[0-9]/.test(piece) && /[a-z]/.test(piece) && /[A-Z]/.test(piece);
  return pieces.some(isRandom) ? maskedText : run;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function mask(text: string): string {
  const shaped = knownShapes.reduce((rest, shape) => rest.replace(shape, maskedText), text);
  return shaped
    .replace(userinfo, `$1${maskedText}@`)
    .replace(scheme, `$1 ${maskedText}`)
    .replace(assignment, `$1${maskedText}`)
    .replace(sqlSecret, `$1 ${maskedText}`)
    .replace(longRun, maskRun);
}

/** One inert line of at most `charsMax` characters. Masked before it is cut: half a token is still half a secret. */
export function journalText(text: string, charsMax: number): string {
  const bounded = text.slice(0, charsMax * 4).toWellFormed();
  const masked = mask(bounded);
  // Percent-escapes hide a shape from the patterns; where they do, the decoded form is what is kept.
  const plain = decoded(bounded);
  const shown = inertLine(plain !== bounded && mask(plain) !== plain ? mask(plain) : masked);
  return shown.length <= charsMax ? shown : `${shown.slice(0, charsMax - 1).toWellFormed()}…`;
}

export function journalTextOrNull(text: string | null, charsMax: number): string | null {
  return text === null ? null : journalText(text, charsMax);
}
