// docs/reference/policy.md by example: every YAML block on the page is a policy that parses, every key and preset of the
// schema is shown there, and the schema for editors takes the same files.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scopeName } from '../authorize/authorize.ts';
import { presets } from '../authorize/presets.ts';
import { parsePolicy } from './policy-file.ts';
import { keysAt } from './policy-schema.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/policy.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

describe('docs/reference/policy.md', () => {
  it.each(blocks.map((block, index) => [index + 1, block] as const))('example %i parses', (_index, block) => {
    expect(Object.keys(parsePolicy(block)).length).toBeGreaterThan(5);
  });

  it('has an example of every section and key', () => {
    expect(blocks.length).toBeGreaterThan(7);
    const sections = keysAt([]);
    expect(sections.length).toBeGreaterThan(8);
    for (const section of sections) {
      expect(
        blocks.some((block) => block.includes(`${section}:`)),
        section,
      ).toBe(true);
      for (const key of keysAt([section])) expect(page, `${section}.${key}`).toMatch(new RegExp(`\\b${key}\\b`));
    }
  });

  it('shows the presets as they are', () => {
    for (const { name, scopes, environments } of presets) {
      const reach = environments === 'all' ? 'all' : environments.join(', ');
      expect(page).toContain(`| \`${name}\` | ${scopes.map(scopeName).join(', ')} | ${reach} |`);
    }
  });
});
