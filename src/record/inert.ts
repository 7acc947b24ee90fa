// Makes text from outside harmless to whoever reads it: no control or invisible character acts, nothing is longer than
// a line can hold. It is not the masking of secrets (that happens before an event is made); a last net for them is here,
// because a line in a change log is copied further than any other.

const textMax = 240;

/** Everything that has no ink of its own or turns the line around: controls, format and bidi characters, separators. */
const actingCharacters = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** User and password in a URL. */
const urlUserinfo = /:\/\/[^\s/@]{1,256}@/g;
/** A long unbroken run is a token more often than a word; provider ids (UUIDs) stay readable. */
const longRun = /[A-Za-z0-9_+=~-]{28,}/g;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One line of text that does nothing: escapes shown as `\u{202e}`, white space folded, cut at 240 characters with `…`. */
export function inert(text: string): string {
  const folded = text.replace(/[\s\u0085]+/gu, ' ').trim();
  const cut = [...folded.slice(0, textMax * 4)];
  const shown = cut.slice(0, textMax).join('').replace(actingCharacters, escapeCharacter);
  return cut.length > textMax ? `${shown}…` : shown;
}

/** inert() for words that an agent or a person wrote freely: what looks like a credential is left out. */
export function inertClaim(text: string): string {
  const masked = text
    .replace(urlUserinfo, '://…@')
    .replace(longRun, (run) => (uuid.test(run) ? run : '[left out: looks like a credential]'));
  return inert(masked);
}

/** A Markdown code span: the one place where Markdown and HTML read nothing. The text must be inert already. */
export function codeSpan(text: string): string {
  const inner = text.replaceAll('`', '´');
  return inner === '' ? '` `' : `\`${inner}\``;
}

/** JSON for a terminal, indented, with every acting character escaped as JSON escapes it. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[^\n\P{C}]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) =>
      Array.from(
        { length: character.length },
        (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
      ).join(''),
  );
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
