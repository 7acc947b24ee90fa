// The token card: what a credential was made for beside what it can really do. In the incident these two were a domain
// tool and everything, and no page anywhere said so. Keys are the article's; no secret ever stands on a card.

import { scopeName } from '../authorize/authorize.ts';
import type { CredentialPolicy, Grant } from '../authorize/grant.ts';
import { presets } from '../authorize/presets.ts';
import type { ProviderPage, TokenShape } from '../classify/provider-page.ts';

/** What `credential show --json` prints. A type, so that it is an ordinary JSON record. */
export type TokenCard = {
  readonly name: string;
  readonly kind: 'credential' | 'grant' | 'preset';
  readonly created_for: string;
  /** What it can do: by kind of thing where that is known, else in words. */
  readonly actual_scope: Readonly<Record<string, readonly string[]>> | string;
  readonly environment_restriction: string;
  readonly confirmation_required: boolean;
  readonly delayed_delete: boolean;
  /** Of the stored secret; null: none is stored, or this is no credential. */
  readonly fingerprint: string | null;
  /** How this is known. */
  readonly known_from: string;
  /** Agents that may use it. */
  readonly used_by: readonly string[];
};

const powerInWords: Readonly<Record<TokenShape['power'], string>> = {
  unknown: 'not known; assume everything',
  read: 'read',
  write: 'read and write',
  destroy: 'read, write and DELETE within its reach',
  'account-wide': 'read, write and DELETE everything in the account',
};

/** What is said of a token's reach where its page gives no words of its own. */
const reachInWords: Readonly<Record<TokenShape['power'], string>> = {
  unknown: 'none known',
  read: 'none known',
  write: 'none known',
  destroy: 'what the token itself is bound to; nothing narrower',
  'account-wide': 'none: everything in the account, all environments',
};

const powerOrder: readonly TokenShape['power'][] = ['read', 'write', 'destroy', 'account-wide', 'unknown'];

/** The card of a brokered credential. `kept` is what its secret was recognised as when it was given; null: none is stored. */
export function credentialCard(
  credential: CredentialPolicy,
  kept: { readonly fingerprint: string; readonly kinds: readonly string[] } | null,
  page: Pick<ProviderPage, 'name' | 'tokens'> | null,
  grants: readonly Grant[],
): TokenCard {
  // Tokens of one provider can look alike: then the most powerful of those that fit counts, and the card says so.
  const fitting = page?.tokens.filter((each) => kept?.kinds.includes(each.kind)) ?? [];
  const power = worstPower(fitting.length > 0 ? fitting : (page?.tokens ?? []));
  const shape = fitting.find((each) => each.power === power) ?? null;
  const users = grants.filter((grant) => grant.credentials.includes(credential.id));
  return {
    name: credential.id,
    kind: 'credential',
    created_for: credential.purpose,
    actual_scope: powerInWords[power],
    environment_restriction: shape?.reach ?? reachInWords[power],
    // The token itself asks nobody and waits for nothing; what holds and delays is the gateway before it.
    confirmation_required: false,
    delayed_delete: false,
    fingerprint: kept?.fingerprint ?? null,
    known_from: knownFrom(fitting),
    used_by: users.map((grant) => grant.agent),
  };
}

function knownFrom(fitting: readonly TokenShape[]): string {
  const kinds = fitting.map((each) => each.kind);
  if (kinds.length === 0) return 'not recognised: the worst of its provider counts';
  if (kinds.length === 1) return `the provider's page on ${kinds[0]}`;
  return `its shape fits ${kinds.join(' and ')}: the most powerful counts`;
}

function worstPower(shapes: readonly TokenShape[]): TokenShape['power'] {
  const powers = shapes.map((each) => each.power);
  return powerOrder.findLast((power) => powers.includes(power)) ?? 'unknown';
}

/** The card of an agent's grant: what it can do through the gateway, whatever the credential behind could. */
export function grantCard(grant: Grant, createdFor: string, delayIrreversibleMs: number): TokenCard {
  return {
    ...restrictions(grant, delayIrreversibleMs),
    name: grant.agent,
    kind: 'grant',
    created_for: createdFor,
    fingerprint: null,
    known_from: 'the running policy',
    used_by: [grant.agent],
  };
}

/** Cards of the shipped presets. */
export function presetCards(delayIrreversibleMs: number): readonly TokenCard[] {
  return presets.map((preset) => ({
    ...restrictions(preset, delayIrreversibleMs),
    name: preset.name,
    kind: 'preset',
    created_for: preset.createdFor,
    fingerprint: null,
    known_from: 'the preset',
    used_by: [],
  }));
}

type Powers = Pick<Grant, 'scopes' | 'environments' | 'destructive'>;

function restrictions(
  powers: Powers,
  delayIrreversibleMs: number,
): Pick<TokenCard, 'actual_scope' | 'environment_restriction' | 'confirmation_required' | 'delayed_delete'> {
  const { environments } = powers;
  return {
    actual_scope: scopesByKind(powers),
    environment_restriction:
      environments === 'all' ? 'all verified environments' : environments.join(', ') || 'no environment',
    confirmation_required: true,
    delayed_delete: powers.destructive === 'confirm' && delayIrreversibleMs > 0,
  };
}

function scopesByKind({ scopes, destructive }: Powers): Readonly<Record<string, readonly string[]>> {
  const kinds = [...new Set(scopes.map((scope) => scope.kind))];
  return Object.fromEntries(
    kinds.map((kind) => {
      const held = scopes.filter((scope) => scope.kind === kind);
      const writes = held.some((scope) => scopeName(scope) === `${kind}:write`);
      const words = [
        'read',
        ...(writes ? ['write'] : []),
        ...(writes && destructive === 'confirm' ? ['DELETE after a human has confirmed'] : []),
      ];
      return [kind, words];
    }),
  );
}
