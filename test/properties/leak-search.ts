// A secret in every spelling that an answer or a log could give it, and a search that finds each of them. Written apart
// from credentials/masking.ts on purpose: what masks and what looks for the masked must not share a mistake.

/** Spellings of a secret, each with its text; `around` are bytes before and after it where the spelling packs them too. */
export const spellings = {
  plain: (text: string) => text,
  'base64 in company': (text: string, around = 'u:') => Buffer.from(`${around}${text}${around}`).toString('base64'),
  base64: (text: string) => Buffer.from(text).toString('base64'),
  base64url: (text: string, around = 'u') => Buffer.from(`${around}${text}`).toString('base64url'),
  hex: (text: string) => Buffer.from(text).toString('hex'),
  HEX: (text: string) => Buffer.from(text).toString('hex').toUpperCase(),
  'URL component': (text: string) => encodeURIComponent(text),
  'URL, every byte': (text: string) => text.replace(/[\s\S]/g, (char) => `%${hexOf(char, 2)}`),
  'form field': (text: string) => new URLSearchParams({ t: text }).toString().slice(2),
  'JSON string': (text: string) => JSON.stringify(text).slice(1, -1),
  'JSON string, slashes too': (text: string) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'JSON units': (text: string) => text.replace(/[\s\S]/g, (char) => `\\u${hexOf(char, 4)}`),
  'JSON UNITS': (text: string) => text.replace(/[\s\S]/g, (char) => `\\u${hexOf(char, 4).toUpperCase()}`),
} as const;

export type Spelling = keyof typeof spellings;
export const everySpelling = Object.keys(spellings) as [Spelling, ...Spelling[]];

function hexOf(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, '0');
}

/** The spelling in which the secret was found, or null. */
export function leakSearch(secret: string): (bytes: string | Buffer) => string | null {
  const half = Math.floor(secret.length / 2);
  const exact = [
    secret.slice(0, half),
    secret.slice(half),
    encodeURIComponent(secret),
    new URLSearchParams({ t: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    // Whole groups of four that depend on the secret alone, for each place at which it may begin in a group of three.
    ...[0, 1, 2].flatMap((before) => {
      const packed = Buffer.from(`${'x'.repeat(before)}${secret}`).toString('base64');
      const core = packed.slice(4, 4 * Math.floor((before + secret.length) / 3));
      return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
  const anyCase = [spellings.hex(secret), spellings['URL, every byte'](secret), spellings['JSON units'](secret)];
  return (bytes) => {
    const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
    const lower = text.toLowerCase();
    return exact.find((each) => text.includes(each)) ?? anyCase.find((each) => lower.includes(each)) ?? null;
  };
}
