// Placeholders: what an agent holds instead of a credential. They are no secret; they say which credential is meant, and
// mean something only to this gateway, in one header, for an agent whose grant lists them.

import type { Random } from '../platform/random.ts';

/** `hp_<provider>_<16 characters or more>`, wherever it may stand in a text. */
const anywhere = /hp_[a-z0-9]{1,32}_[a-z0-9]{16,64}/;
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const randomLength = 24;

/** `hp_railway_` and 24 characters of Crockford base 32 (120 bits). */
export function newPlaceholder(random: Random, provider: string): string {
  let text = '';
  for (const byte of random.bytes(randomLength)) text += alphabet[byte & 31];
  return `hp_${provider.toLowerCase().replace(/[^a-z0-9]/g, '')}_${text}`;
}

/** True if the text holds a placeholder of ours, or anything of that form: a foreign or removed one is refused alike. */
export function holdsPlaceholder(text: string, known: readonly string[]): boolean {
  // Nearly every text of a request ends here; the pattern is twenty times dearer.
  if (!text.includes('hp_')) return false;
  return anywhere.test(text) || known.some((each) => text.includes(each));
}

/** What `hp_` becomes in base64, by where it begins: one of these stands in any encoded placeholder. */
const encodedBeginnings = ['aHBf', 'hwX', 'ocF'];

/** The texts that one text may stand for: itself, percent-decoded, and what it says in base64 if that could matter. */
export function readingsOf(text: string): readonly string[] {
  const readings = [text];
  if (text.includes('%')) readings.push(percentDecoded(text));
  if (!encodedBeginnings.some((each) => text.includes(each))) return readings;
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{24,}={0,2}/g)) {
    if (!encodedBeginnings.some((each) => run.includes(each))) continue;
    // A header may put a scheme or a name before it, which shifts the alignment.
    for (const shift of [0, 1, 2, 3]) readings.push(Buffer.from(run.slice(shift), 'base64').toString('latin1'));
  }
  return readings;
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
