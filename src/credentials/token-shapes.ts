// Recognises credentials of known providers in the texts of a request: by shape where the shape is telling, by a name
// beside it where it is not (Railway's bare UUIDs). It finds what is a credential for sure; it is no scanner of files
// (scan/), and says nothing of tokens that look like ordinary text.

import type { ProviderPage, TokenShape } from '../classify/provider-page.ts';

export interface FoundToken {
  readonly provider: string;
  readonly kind: string;
  readonly literal: string;
}

interface Matcher {
  readonly provider: string;
  readonly kind: string;
  /** A text without this cannot match; empty: no such hint. Cheaper than the pattern by two orders of magnitude. */
  readonly hint: string;
  /** The same for a name beside the token, in lower case. */
  readonly name: string;
  readonly pattern: RegExp;
}

export type TokenFinder = (text: string) => FoundToken | null;

/** A finder over all pages' shapes, compiled once. */
export function createTokenFinder(pages: readonly Pick<ProviderPage, 'name' | 'tokens'>[]): TokenFinder {
  const matchers = pages.flatMap((page) => page.tokens.flatMap((shape) => matchersOf(page.name, shape)));
  return (text) => {
    let lower: string | null = null;
    for (const { provider, kind, hint, name, pattern } of matchers) {
      if (hint !== '' && !text.includes(hint)) continue;
      if (name !== '') {
        lower ??= text.toLowerCase();
        if (!lower.includes(name)) continue;
      }
      const literal = pattern.exec(text)?.[1];
      if (literal !== undefined) return { provider, kind, literal };
    }
    return null;
  };
}

/** The kinds of a page whose shape is the whole literal; several where the provider's tokens look alike. */
export function kindsOf(page: Pick<ProviderPage, 'tokens'>, literal: string): readonly string[] {
  return page.tokens.filter((shape) => new RegExp(`^(?:${shape.pattern})$`).test(literal)).map((shape) => shape.kind);
}

function matchersOf(provider: string, shape: TokenShape): readonly Matcher[] {
  const base = { provider, kind: shape.kind };
  const bounded = `(?<![A-Za-z0-9_])(${shape.pattern})(?![A-Za-z0-9_])`;
  if (!shape.needsContext) return [{ ...base, hint: hintOf(shape.pattern), name: '', pattern: new RegExp(bounded) }];
  // NAME=value, "NAME":"value", NAME: value; with up to three characters of quoting and spacing on either side.
  return shape.names.map((name) => ({
    ...base,
    hint: '',
    name: name.toLowerCase(),
    pattern: new RegExp(`${escapeForPattern(name)}["'\\\\]{0,2}\\s{0,3}[:=]\\s{0,3}["'\\\\]{0,2}${bounded}`, 'i'),
  }));
}

/** Literal characters that a pattern begins with; empty if fewer than three. */
function hintOf(pattern: string): string {
  const literal = /^[A-Za-z0-9_-]+/.exec(pattern)?.[0] ?? '';
  const rest = pattern[literal.length];
  // A quantifier would make the last character optional; an alternative anywhere makes the whole beginning so.
  const sure = rest !== undefined && '?*{'.includes(rest) ? literal.slice(0, -1) : literal;
  return sure.length >= 3 && !pattern.includes('|') ? sure : '';
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
