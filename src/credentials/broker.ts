// The broker: an agent holds placeholders, the provider sees real secrets, and the two meet only here, in the provider's
// declared header, as its whole value, on the provider's own hosts over TLS. Everything else that looks like a credential
// is refused: what this gateway did not issue, it does not carry. The incident's agent had such a token in its hands.
// The secret leaves this file in one request only; answers come back through masking.ts.

import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { OutgoingRequest } from '../action/request.ts';
import type { CredentialPolicy } from '../authorize/grant.ts';
import type { AuthSlot, ProviderPage } from '../classify/provider-page.ts';
import { hostMatches, isTenantHost, pageFor } from '../decide/host-class.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type Reason, reason } from '../platform/reason.ts';
import { decoderFor } from './answer-decoding.ts';
import { maskStream, textMask } from './masking.ts';
import { holdsPlaceholder, readingsOf } from './placeholder.ts';
import { placeOfHeader, textsOf } from './request-texts.ts';
import { createTokenFinder, type TokenFinder } from './token-shapes.ts';
import type { Vault } from './vault.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** What a request carries. `literal` is for the stray finder alone and is never stored or shown. */
export type CredentialUse =
  | { readonly kind: 'absent' }
  | { readonly kind: 'placeholder'; readonly credential: string }
  | {
      readonly kind: 'stray';
      readonly fingerprint: string;
      readonly tokenKind: string;
      readonly slot: string;
      readonly literal: string;
    }
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** At a host that is no provider's: some sign-in of the agent's own, of no known shape. */
  | { readonly kind: 'carried'; readonly slot: string };

export interface Broker {
  inspect(request: OutgoingRequest, page: ProviderPage | null, granted: readonly string[]): CredentialUse;
  /** The request with the real secret in the declared slot. Throws `credential-not-injected` and the vault's faults. */
  inject(request: OutgoingRequest, credential: string, page: ProviderPage): Promise<OutgoingRequest>;
  /** Answer headers without the secret, and without lengths and encodings that masking the body changes. */
  maskHeaders(headers: Headers, credential: string): Headers;
  /** The answer's body, decoded, without the secret. `headers` are the answer's as they came. */
  maskBody(body: Readable, headers: Headers, credential: string): Readable;
}

export interface BrokerDeps {
  /** Credentials of the running policy. */
  readonly credentials: () => readonly CredentialPolicy[];
  readonly pages: readonly ProviderPage[];
  readonly vault: Pick<Vault, 'open' | 'opened'>;
  readonly fingerprint: (literal: string) => string;
}

/** Headers that carry a sign-in at most hosts, whatever a page declares. */
const signInHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'apikey',
  'x-auth-token',
  'x-access-token',
  'x-auth-key',
  'private-token',
  'project-access-token',
  'team-access-token',
  'x-vault-token',
  'x-goog-api-key',
  'x-amz-security-token',
]);
/** Cookies that load balancers set on anybody; they sign nobody in. */
const harmlessCookie = /^(?:__cf_bm|__cfruid|_cfuvid|cf_clearance|AWSALB\w*)=/;
/** At a provider's host a header that calls itself a token is taken for one, whatever its name begins with. */
const tokenHeader = /(^|-)(token|api-?key|secret|password)$/;
const noSignIn = /csrf|xsrf|idempotency|continuation|page|client-request/;
const providerParameters = /[?&](token|secret|password)=([^&]+)/i;
const signInParameters = /[?&](access_token|api_key|apikey|auth_token|private_token|x-amz-signature)=([^&]+)/i;

export function createBroker(deps: BrokerDeps): Broker {
  const findToken = createTokenFinder(deps.pages);
  return {
    inspect: (request, page, granted) => inspect(deps, findToken, request, page, granted),
    inject: (request, credential, page) => inject(deps, findToken, request, credential, page),
    maskHeaders(headers, credential) {
      const { secret, placeholder } = openedPair(deps, credential);
      const mask = textMask(secret, placeholder);
      return headers
        .filter(([name]) => !changedByMasking.has(name.toLowerCase()))
        .map(([name, value]) => [name, mask(value)] as const);
    },
    maskBody(body, headers, credential) {
      const { secret, placeholder, decode } = maskingOf(deps, body, headers, credential);
      const out = new PassThrough();
      // pipeline destroys every stage with the fault, so a broken answer ends as one and is never cut to look whole.
      pipeline(body, decode, maskStream(secret, placeholder), out, () => undefined);
      return out;
    },
  };
}

/** What no longer fits a body that was decoded and changed. */
const changedByMasking: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-md5',
  'digest',
  'repr-digest',
  'content-digest',
]);

interface SlotUse {
  readonly name: string;
  /** The credential in it, without its scheme. */
  readonly literal: string;
  /** True if the header's form is exactly what the page declares. */
  readonly declared: boolean;
}

function inspect(
  deps: BrokerDeps,
  findToken: TokenFinder,
  request: OutgoingRequest,
  page: ProviderPage | null,
  granted: readonly string[],
): CredentialUse {
  const policies = deps.credentials();
  const known = policies.map((each) => each.placeholder);
  const uses = slotUses(request, page);
  const ours = uses.map((use) => policies.find((each) => each.placeholder === use.literal) ?? null);
  const stray = (slot: string, tokenKind: string, literal: string): CredentialUse => ({
    kind: 'stray',
    fingerprint: deps.fingerprint(literal),
    tokenKind,
    slot,
    literal,
  });

  for (const [index, use] of uses.entries()) {
    const policy = ours[index] ?? null;
    const readings = readingsOf(use.literal);
    if (policy === null && readings.some((text) => holdsPlaceholder(text, known)))
      return misplaced(placeOfHeader(use.name));
    if (policy !== null && !use.declared) return misplaced(placeOfHeader(use.name));
    if (policy !== null) continue;
    const shape = findToken(use.literal);
    if (page !== null || shape !== null)
      return stray(use.name, shape?.kind ?? kindsInSlot(page, use.literal), shape?.literal ?? use.literal);
  }
  const elsewhere = searchElsewhere(request, uses, known, findToken, page);
  if (elsewhere?.kind === 'placeholder') return misplaced(elsewhere.place);
  if (elsewhere?.kind === 'token') return stray(elsewhere.place, elsewhere.tokenKind, elsewhere.literal);
  const [first] = uses;
  if (first === undefined) return { kind: 'absent' };
  const policy = ours[0] ?? null;
  if (policy === null || page === null) return { kind: 'carried', slot: first.name };
  return judgePlaceholder(deps, request, page, policy, uses, granted);
}

function judgePlaceholder(
  deps: BrokerDeps,
  request: OutgoingRequest,
  page: ProviderPage,
  policy: CredentialPolicy,
  uses: readonly SlotUse[],
  granted: readonly string[],
): CredentialUse {
  if (uses.length > 1)
    return refused(
      'credential-ambiguous',
      'The request carries more than one credential.',
      'Two upstream servers could each believe another one.',
    );
  if (policy.provider !== page.name) return misplaced('the header of another provider');
  if (!mayReceive(deps, request, page)) return misplaced('a host that may not receive credentials');
  if (!granted.includes(policy.id)) {
    return refused(
      'credential-not-granted',
      'The placeholder is not in this grant.',
      `This agent's grant lists ${granted.length === 0 ? 'no credential' : granted.join(', ')}.`,
    );
  }
  return { kind: 'placeholder', credential: policy.id };
}

/** The provider's own host, over TLS on 443, and nothing that a tenant serves. */
function mayReceive(deps: BrokerDeps, request: OutgoingRequest, page: ProviderPage): boolean {
  return (
    request.scheme === 'https' &&
    request.port === 443 &&
    page.hosts.some((host) => hostMatches(host, request.host)) &&
    pageFor(request.host, deps.pages)?.name === page.name &&
    !isTenantHost(request.host, [page, ...deps.pages])
  );
}

/** Every header that signs somebody in: the page's slots and the usual ones. */
function slotUses(request: OutgoingRequest, page: ProviderPage | null): readonly SlotUse[] {
  const slots = page?.authSlots ?? [];
  const named = new Set(slots.map((slot) => slot.header));
  const signsIn = (name: string) =>
    named.has(name) || signInHeaders.has(name) || (page !== null && tokenHeader.test(name) && !noSignIn.test(name));
  return request.headers
    .filter(([name, value]) => signsIn(name) && !isHarmless(name, value))
    .map(([name, value]) => slotUse(name, value, slots));
}

function isHarmless(name: string, value: string): boolean {
  return value.trim() === '' || (name === 'cookie' && value.split(/;\s*/).every((each) => harmlessCookie.test(each)));
}

function slotUse(name: string, value: string, slots: readonly AuthSlot[]): SlotUse {
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9-]*) (\S.*)$/.exec(value) ?? [];
  for (const slot of slots.filter((each) => each.header === name)) {
    if (slot.scheme === null) return { name, literal: value, declared: true };
    if (slot.scheme.toLowerCase() === scheme.toLowerCase()) return { name, literal: rest, declared: true };
  }
  return { name, literal: rest === '' ? value.trim() : secretPart(scheme, rest), declared: false };
}

/** The password of Basic, which is what lies in a file; else the whole value. */
function secretPart(scheme: string, rest: string): string {
  if (scheme.toLowerCase() !== 'basic') return rest;
  const [user = '', ...password] = Buffer.from(rest, 'base64').toString('latin1').split(':');
  const joined = password.join(':');
  return joined === '' ? user : joined;
}

/** A provider's own slot is context enough for a shapeless token: every kind that fits, since it may be any of them. */
function kindsInSlot(page: ProviderPage | null, literal: string): string {
  const fitting = page?.tokens.filter((shape) => new RegExp(`^(?:${shape.pattern})$`).test(literal)) ?? [];
  return fitting.map((shape) => shape.kind).join(' or ') || 'unrecognised';
}

type Elsewhere =
  | { readonly kind: 'placeholder'; readonly place: string }
  | { readonly kind: 'token'; readonly place: string; readonly tokenKind: string; readonly literal: string };

function searchElsewhere(
  request: OutgoingRequest,
  uses: readonly SlotUse[],
  known: readonly string[],
  findToken: TokenFinder,
  page: ProviderPage | null,
): Elsewhere | null {
  const texts = textsOf(request, new Set(uses.map((use) => use.name)));
  for (const { place, text } of texts) {
    if (readingsOf(text).some((each) => holdsPlaceholder(each, known))) return { kind: 'placeholder', place };
  }
  for (const { place, text } of texts) {
    // A header's name is the context by which a shapeless token is known.
    const found = findToken(place.startsWith('header ') ? `${place.slice(7)}: ${text}` : text);
    if (found !== null) return { kind: 'token', place, tokenKind: found.kind, literal: found.literal };
  }
  const own = page === null ? null : providerParameters.exec(request.path);
  const parameter = (own ?? signInParameters.exec(request.path))?.[2];
  if (parameter === undefined) return null;
  return { kind: 'token', place: 'path', tokenKind: 'unrecognised', literal: parameter };
}

const refused = (code: string, what: string, why: string): CredentialUse => ({
  kind: 'refused',
  reason: reason(
    code,
    what,
    why,
    'Do not look for another route. Use the placeholder that your grant names, once, as the provider asks for its token.',
  ),
});

function misplaced(where: string): CredentialUse {
  return refused(
    'credential-misplaced',
    `A placeholder stands where none may stand: ${where}.`,
    "A placeholder is replaced only in the provider's own header, as its whole value, and only on the provider's own hosts.",
  );
}

async function inject(
  deps: BrokerDeps,
  findToken: TokenFinder,
  request: OutgoingRequest,
  credential: string,
  page: ProviderPage,
): Promise<OutgoingRequest> {
  const policy = deps.credentials().find((each) => each.id === credential);
  // Looked at again from the bytes that are about to leave: nothing that was judged earlier is believed here.
  const use = inspect(deps, findToken, request, page, [credential]);
  if (policy === undefined || use.kind !== 'placeholder' || use.credential !== credential)
    throw notInjected(credential);
  const secret = await deps.vault.open(credential);
  const slots = new Set(page.authSlots.map((slot) => slot.header));
  const headers = request.headers.map(([name, value]) =>
    slots.has(name) && value.endsWith(policy.placeholder)
      ? ([name, value.slice(0, value.length - policy.placeholder.length) + secret] as const)
      : ([name, value] as const),
  );
  const changed = headers.filter(([, value], index) => value !== request.headers[index]?.[1]);
  if (changed.length !== 1) throw notInjected(credential);
  return { ...request, headers };
}

function notInjected(credential: string): HoldpointError {
  return new HoldpointError('credential-not-injected', {
    what: `The credential ${credential} was not put into the request, which was not sent.`,
    why: "Its placeholder does not stand alone in the provider's header, or the host may not receive it.",
    next: 'Send the placeholder as the whole value of the header that the provider asks for.',
    retry: 'no',
  });
}

/** What masking a body needs. A body that will not be read is destroyed, so that its connection is not kept waiting. */
function maskingOf(deps: BrokerDeps, body: Readable, headers: Headers, credential: string) {
  try {
    return { ...openedPair(deps, credential), decode: decoderFor(headers) };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

function openedPair(deps: BrokerDeps, credential: string): { readonly secret: string; readonly placeholder: string } {
  const secret = deps.vault.opened(credential);
  const placeholder = deps.credentials().find((each) => each.id === credential)?.placeholder ?? 'hp_removed';
  if (secret !== null) return { secret, placeholder };
  throw new HoldpointError('credential-closed', {
    what: 'The answer was not passed on.',
    why: `The secret of credential ${credential} is no longer open, so the answer cannot be searched for it.`,
    next: 'Look at what the request did, then send it again.',
  });
}
