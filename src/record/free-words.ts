// Words that an agent or a person wrote freely, on their way into a change log: inert (hold/inert-text.ts), without what
// looks like a credential, and for Markdown inside a code span. It is not the masking of secrets (that happens before an
// event is made) but a last net: a line in a change log is copied further than any other.

import { inertShort } from '../hold/inert-text.ts';

/** User and password in a URL. */
const urlUserinfo = /:\/\/[^\s/@]{1,256}@/g;
/** A long unbroken run is a token more often than a word; provider ids (UUIDs) stay readable. */
const longRun = /[A-Za-z0-9_+=~-]{28,}/g;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** inertShort() for words that an agent or a person wrote freely: what looks like a credential is left out. */
export function inertClaim(text: string): string {
  const masked = text
    .replace(urlUserinfo, '://…@')
    .replace(longRun, (run) => (uuid.test(run) ? run : '[left out: looks like a credential]'));
  return inertShort(masked);
}

/** A Markdown code span: the one place where Markdown and HTML read nothing. The text must be inert already. */
export function codeSpan(text: string): string {
  const inner = text.replaceAll('`', '´');
  return inner === '' ? '` `' : `\`${inner}\``;
}
