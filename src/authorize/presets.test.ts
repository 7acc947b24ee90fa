// Each preset allows exactly its scopes: every scope kind that a provider's page names, times effect, times environment.
// The expectation is written from the three tokens' own words, not from the preset's data.

import { describe, expect, it } from 'vitest';
import type { Environment } from '../action/action.ts';
import type { Effect } from '../action/effect.ts';
import { decide } from '../decide/decide.ts';
import {
  account,
  decideInput,
  grant,
  operation,
  preview,
  production,
  reading,
  resolution,
  staging,
  unknown,
} from '../testing/judged-cases.ts';
import { presetNamed, presets } from './presets.ts';

const kinds = [
  'domains',
  'deployments',
  'logs',
  'volumes',
  'databases',
  'services',
  'projects',
  'environments',
  'variables',
  'tokens',
  'backups',
  'other',
  '*',
];
const effects: readonly Effect[] = ['read', 'write', 'destructive'];
const places: Readonly<Record<string, Environment>> = { staging, production, preview, unknown, account };

type Power = (kind: string, effect: Effect, place: string) => 'allow' | 'hold' | 'deny';

/** Reads of a granted kind are never worth a prompt; a place outside the grant makes a write wait for a human. */
const wanted: Readonly<Record<string, Power>> = {
  domain_management_token: (kind, effect, place) => {
    if (kind !== 'domains' || effect === 'destructive') return 'deny';
    return effect === 'read' || (place !== 'unknown' && place !== 'account') ? 'allow' : 'hold';
  },
  staging_deploy_token: (kind, effect, place) => {
    if (kind !== 'deployments' || effect === 'destructive') return 'deny';
    return effect === 'read' || place === 'staging' ? 'allow' : 'hold';
  },
  agent_token: (kind, effect) => ((kind === 'deployments' || kind === 'logs') && effect === 'read' ? 'allow' : 'deny'),
};

const cases = Object.keys(wanted).flatMap((name) =>
  kinds.flatMap((kind) =>
    effects.flatMap((effect) => Object.keys(places).map((place) => [name, kind, effect, place] as const)),
  ),
);

describe('presets', () => {
  it('are the three, by name', () => {
    expect(presets.map((preset) => preset.name)).toEqual(Object.keys(wanted));
    expect(presetNamed('root_token')).toBeNull();
  });

  it.each(cases)('%s: %s %s in %s', (name, kind, effect, place) => {
    const preset = presetNamed(name);
    const where = places[place];
    const power = wanted[name];
    if (preset === null || where === undefined || power === undefined) throw new Error('unknown case');
    const { scopes, environments, destructive } = preset;
    const verdict = decide(
      decideInput({
        reading: reading([operation({ scope: kind, effect, account: place === 'account' })]),
        resolution: resolution([where]),
        grant: grant({ scopes, environments, destructive }),
      }),
    );
    expect(verdict.kind).toBe(power(kind, effect, place));
  });

  it('never reach destruction: no preset says confirm', () => {
    for (const preset of presets) expect(preset.destructive).toBe('never');
  });
});
