// Text from agents and providers, made harmless to look at: what a terminal or a page would obey becomes visible.
// It is not masking of secrets (that happens before text reaches a Hold) and not HTML escaping (the console's part).
// Counterpart: hold-page.ts, which lets no foreign text through without it.

/** Bounds one shown value, so that an agent cannot push the warning off the screen. */
const lineCharsMax = 2_000;
const shortCharsMax = 240;

// C: escape sequences, bidi overrides, zero width, lone surrogates, what has no agreed glyph. Zl, Zp: line breaks that only
// some readers see. Default ignorable: letters without ink. Zs: spaces that are not the space, by which `production `
// passes for `production`.
const obeyed = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

function visible(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** One line of inert text: `\u{202e}` where a bidi override stood, `\n` where a line would have ended. */
export function inertLine(text: string): string {
  const shown = text.replace(obeyed, visible);
  if (shown.length <= lineCharsMax) return shown;
  // Cut between characters: half a surrogate pair would be an unreadable byte on a terminal.
  const cut = shown.slice(0, lineCharsMax).replace(/[\ud800-\udbff]$/, '');
  return `${cut}… (${shown.length - cut.length} more characters)`;
}

/** A short inert line for lists and change logs: white space folded, cut at 240 characters with `…`. */
export function inertShort(text: string): string {
  const folded = text.replace(/[\s\u0085]+/gu, ' ').trim();
  const cut = [...folded.slice(0, shortCharsMax * 4)];
  const shown = cut.slice(0, shortCharsMax).join('').replace(obeyed, visible);
  return cut.length > shortCharsMax ? `${shown}…` : shown;
}

/** JSON, indented, with every obeyed character escaped as JSON escapes it: it can be read back. */
export function inertJson(value: unknown): string {
  const escaped = (character: string) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join('');
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => line.replace(obeyed, escaped))
    .join('\n');
}

/** Inert lines of a request body: real line ends stay, nothing is cut, because a cut could hide the part that matters. */
export function inertLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map((line) => line.replace(obeyed, visible));
}
