// The list is closed and only reads: every document is one named query of the fake's schema, without mutations, without
// decrypted values, with exactly the variables that it declares; and nothing but UUIDs and cursors fits into them.

import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { railwaySchema } from '../../lab/fake-railway/schema.ts';
import { type EvidenceQuery, evidenceQueries, misfit } from './evidence.ts';

const queries: readonly [string, EvidenceQuery][] = Object.entries(evidenceQueries);

describe('evidence documents', () => {
  it.each(queries)('%s only reads, and only what it declares', (_name, query) => {
    const document = parse(query.document);
    expect(validate(railwaySchema(), document)).toEqual([]);
    expect(document.definitions).toHaveLength(1);
    const [definition] = document.definitions;
    if (definition?.kind !== 'OperationDefinition') throw new Error('not an operation');
    expect(definition.operation).toBe('query');
    const declared = (definition.variableDefinitions ?? []).map((each) => each.variable.name.value).sort();
    expect(Object.keys(query.variables).sort()).toEqual(declared);
    expect(query.document).not.toMatch(/decryptVariables: true|\bvariables\b|\bconfig\b/);
  });

  const id = '3d2c42fb-1111-4222-8333-444455556666';
  it.each<[Readonly<Record<string, string | null>>, string | null, string]>([
    [{ id, disks: null }, null, 'as declared'],
    [{ id, disks: 'Y3Vyc29yOjE=' }, null, 'a cursor'],
    [{ id: `${id}") { id } #`, disks: null }, 'id', 'query text instead of an id'],
    [{ id: 'vol_prod_abc123', disks: null }, 'id', 'the retelling’s id'],
    [{ id: null, disks: null }, 'id', 'no id'],
    [{ disks: null }, 'id', 'id left out'],
    [{ id, disks: 'a b' }, 'disks', 'not a cursor'],
    [{ id, disks: null, url: 'x' }, 'url', 'more than declared'],
    [{ id: id.toUpperCase(), disks: null }, 'id', 'ids are sent in one spelling'],
  ])('%j -> %s (%s)', (variables, expected) => {
    expect(misfit(evidenceQueries.environment, variables)).toBe(expected);
  });
});
