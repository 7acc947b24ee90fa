// GraphQL by its syntax tree: what runs is decided by operation, fragments and directives, never by text. Aliases,
// operation names and variables hide nothing. An unknown mutation is destructive, assumed; a hash without a document is
// opaque. It knows no schema: which field does what is the provider's page, else the lexicon.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Operation } from '../../action/action.ts';
import { sha256Hex } from '../../action/canonical.ts';
import { judgeName } from '../lexicon.ts';
import { opaque, operationFrom, raise } from '../operation.ts';
import { bypassOf, firstMatching, type PageIndex, targetsOf } from '../pages.ts';
import type { ProviderPage } from '../provider-page.ts';
import { rescues } from '../rescue.ts';
import { scopeOfName } from '../scope.ts';
import { alarmsOf, guardsSafety } from './body-rules.ts';

export interface GraphqlCall {
  readonly query: string | null;
  readonly variables: unknown;
  readonly operationName: string | null;
  /** sha256Hash of a persisted query, or any other reference that stands for a document. */
  readonly hash: string | null;
}

const source = 'graphql';
const fieldsMax = 2_000;
const stepsMax = 10_000;
const tokensMax = 20_000;

/** Reads one call. Several operations without a name, or a name that fits none: all count. */
export function readGraphql(call: GraphqlCall, page: ProviderPage | null, index: PageIndex): readonly Operation[] {
  if (call.query === null)
    return [
      opaque('GraphQL without a document', source, 'A reference to a stored document says nothing about what it does.'),
    ];
  // Automatic persisted queries send both; a hash of other text may make the server run other text.
  if (call.hash !== null && call.hash.toLowerCase() !== sha256Hex(call.query)) {
    return [
      opaque(
        'GraphQL with a foreign hash',
        source,
        'The hash stands for another document than the one in the request.',
      ),
    ];
  }
  const document = parseDocument(call.query);
  if (document === null) return [opaque('GraphQL that does not parse', source)];
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const named = call.operationName === null ? [] : operations.filter((each) => each.name?.value === call.operationName);
  const chosen = named.length === 1 ? named : operations;
  const fragments = new Map(
    document.definitions
      .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((each) => [each.name.value, each] as const),
  );
  const found = chosen.flatMap((each) =>
    readOperation(each, fragments, variablesOf(each, call.variables), page, index),
  );
  return found.length === 0 ? [opaque('GraphQL without an operation', source)] : found;
}

function parseDocument(query: string): DocumentNode | null {
  try {
    return parse(query, { noLocation: true, maxTokens: tokensMax });
  } catch {
    return null;
  }
}

type Variables = Readonly<Record<string, unknown>>;

function variablesOf(operation: OperationDefinitionNode, given: unknown): Variables {
  const values: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    if (definition.defaultValue) values[definition.variable.name.value] = valueFromASTUntyped(definition.defaultValue);
  }
  const named = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  return { ...values, ...named };
}

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
  readonly fields: { readonly node: FieldNode; readonly depth: number }[];
  readonly spreading: Set<string>;
  /** Selections looked at; fragments that spread each other twice double it without a single field. */
  steps: number;
  overflow: boolean;
}

function readOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
  page: ProviderPage | null,
  index: PageIndex,
): readonly Operation[] {
  const walk: Walk = { fragments, variables, fields: [], spreading: new Set(), steps: 0, overflow: false };
  collectFields(operation.selectionSet, 0, walk);
  if (walk.overflow) return [opaque('GraphQL with too many fields', source)];
  const on = operation.operation;
  const top = walk.fields.filter((field) => field.depth === 0 && field.node.name.value !== '__typename');
  const read = top.map((field) => readField(field.node, on, variables, page, index));
  // Secrets hang below harmless fields: `environment { config(decryptVariables: true) }`.
  const below = walk.fields
    .filter((field) => field.depth > 0)
    .flatMap((field) => readNested(field.node, variables, page, index));
  if (read.length + below.length > 0) return [...read, ...below];
  const name = top.length === 0 ? '__typename' : 'GraphQL';
  return [
    operationFrom(
      { name, effect: 'read', basis: 'proven', account: true, because: 'Every field is left out or is the type name.' },
      source,
    ),
  ];
}

function collectFields(set: SelectionSetNode, depth: number, walk: Walk): void {
  for (const selection of set.selections) {
    walk.steps += 1;
    if (walk.overflow || walk.steps > stepsMax || walk.fields.length > fieldsMax || depth > 40) {
      walk.overflow = true;
      return;
    }
    if (isLeftOut(selection.directives ?? [])) continue;
    if (selection.kind === Kind.FIELD) {
      walk.fields.push({ node: selection, depth });
      if (selection.selectionSet) collectFields(selection.selectionSet, depth + 1, walk);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collectFields(selection.selectionSet, depth, walk);
    } else {
      const name = selection.name.value;
      const fragment = walk.fragments.get(name);
      if (fragment === undefined || walk.spreading.has(name)) continue;
      walk.spreading.add(name);
      collectFields(fragment.selectionSet, depth, walk);
      walk.spreading.delete(name);
    }
  }
}

/** Only a constant leaves a field out; a variable may be anything by the time the server reads it. */
function isLeftOut(directives: FieldNode['directives']): boolean {
  return (directives ?? []).some((directive) => {
    const name = directive.name.value;
    // Two conditions are invalid, and a server that runs them all the same may believe the other one.
    const [only, ...others] = directive.arguments ?? [];
    const condition = only?.name.value === 'if' && others.length === 0 ? only.value : null;
    if (condition?.kind !== Kind.BOOLEAN) return false;
    return (name === 'skip' && condition.value) || (name === 'include' && !condition.value);
  });
}

function argumentsOf(node: FieldNode, variables: Variables): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (node.arguments ?? []).map((argument) => [
      argument.name.value,
      valueFromASTUntyped(argument.value, variables as never),
    ]),
  );
}

function readField(
  node: FieldNode,
  on: 'query' | 'mutation' | 'subscription',
  variables: Variables,
  page: ProviderPage | null,
  index: PageIndex,
): Operation {
  const name = node.name.value;
  const args = argumentsOf(node, variables);
  const rule = firstMatching(index.graphqlRules(page, on, name), args);
  if (rule !== null && page !== null) {
    const ruled = operationFrom(
      {
        name,
        effect: rule.effect,
        basis: 'proven',
        ...(rule.recovery === undefined ? {} : { recovery: rule.recovery }),
        aspects: rule.aspects ?? [],
        scope: rule.scope,
        account: rule.account ?? false,
        targets: targetsOf(rule, args, page.name),
        bypass: bypassOf(rule, args),
        masks: masksFor(rule.masks ?? [], node),
        because: rule.undo === undefined ? rule.because : `${rule.because} The provider's word on undo: ${rule.undo}.`,
      },
      page.name,
    );
    return rule.effect === 'write' && rule.when === undefined ? alarmed(ruled, name, args) : ruled;
  }
  if (on !== 'mutation') return readQuery(node, page);
  const inner = innerDocuments(args).flatMap((query) =>
    readGraphql({ query, variables: null, operationName: null, hash: null }, page, index),
  );
  return inner.reduce(
    (sum, each) =>
      raise(
        sum,
        {
          effect: each.effect,
          basis: each.basis,
          aspects: each.aspects,
          because: `It is given the document of ${each.name}.`,
        },
        source,
      ),
    readMutation(name, args, page),
  );
}

/** Where the values stand in the answer: under the alias, if the query gives one. */
function masksFor(masks: readonly string[], node: FieldNode): readonly string[] {
  const key = node.alias?.value ?? node.name.value;
  return masks.map((path) => path.replace(`data.${node.name.value}`, `data.${key}`));
}

/** Documents as arguments (`bulkOperationRunMutation(mutation: "…")`): what they say is run as well. */
function innerDocuments(args: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.values(args).flatMap((value) =>
    typeof value === 'string' && /^\s*mutation\b[^{]*\{/.test(value) ? [value] : [],
  );
}

const secretField =
  /^(password|secret|secretkey|privatekey|apikey|apitoken|accesstoken|accesskey|connectionstring|connectionuri|secretvalue|plaintext|decryptedvalue)s?$/i;

function readQuery(node: FieldNode, page: ProviderPage | null): Operation {
  const name = node.name.value;
  const introspects = name.startsWith('__');
  return operationFrom(
    {
      name,
      effect: 'read',
      basis: 'proven',
      aspects: secretField.test(name) ? ['exposes-secrets'] : [],
      scope: scopeOfName(name),
      account: introspects || ['me', 'viewer', 'currentUser', 'whoami'].includes(name),
      because: 'A GraphQL query reads; it is not in the list of queries that reveal secrets.',
    },
    page?.name ?? source,
  );
}

function readNested(
  node: FieldNode,
  variables: Variables,
  page: ProviderPage | null,
  index: PageIndex,
): readonly Operation[] {
  const name = node.name.value;
  const args = argumentsOf(node, variables);
  const rule = firstMatching(index.graphqlRules(page, 'query', name), args);
  const aspects = rule?.aspects ?? (secretField.test(name) ? (['exposes-secrets'] as const) : []);
  if (aspects.length === 0) return [];
  return [
    operationFrom(
      {
        name,
        effect: 'read',
        basis: 'proven',
        aspects,
        scope: rule?.scope ?? scopeOfName(name),
        because: rule?.because ?? 'The field reveals a secret.',
      },
      page?.name ?? source,
    ),
  ];
}

function readMutation(name: string, args: Readonly<Record<string, unknown>>, page: ProviderPage | null): Operation {
  const strict = page?.operations.some((rule) => rule.graphql?.on === 'mutation') === true && page.name === 'railway';
  const judged = rescues(name) ? ({ effect: 'write', word: 'rescue', aspects: [] } as const) : judgeName(name);
  const unknown = judged === null || (strict && judged.effect !== 'destructive');
  const operation = operationFrom(
    {
      name,
      // A mutation never counts as a read by its name: `getOrCreate…` writes.
      effect: unknown ? 'destructive' : judged.effect === 'read' ? 'write' : judged.effect,
      basis: !unknown && judged.effect === 'destructive' ? 'proven' : 'assumed',
      aspects: judged?.aspects ?? [],
      scope: scopeOfName(name),
      because: unknown ? 'A mutation that no rule knows.' : `The mutation's name says ${judged.word}.`,
    },
    source,
  );
  return alarmed(operation, name, args);
}

/** Raises an operation by what its arguments say. */
function alarmed(operation: Operation, name: string, args: Readonly<Record<string, unknown>>): Operation {
  return alarmsOf(args, {
    creates: /^(create|add)/i.test(name),
    guards: guardsSafety(name),
    replaces: /set$|^set|replace|sync/i.test(name),
  }).reduce((sum, alarm) => raise(sum, { effect: 'destructive', basis: 'assumed', ...alarm }, source), operation);
}
