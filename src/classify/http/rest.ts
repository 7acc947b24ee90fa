// Any other request, in this order: the provider's own rule, then the words of the path, then the method. Body rules and
// SQL inside only raise what is found here. A GET is a read whatever its path says, unless the path ends in a command.

import type { Operation } from '../../action/action.ts';
import type { Aspect, Effect } from '../../action/effect.ts';
import { judgeName, reads, saysDanger, wordsOf } from '../lexicon.ts';
import { type Found, operationFrom, raise } from '../operation.ts';
import { bypassOf, firstMatching, matchesTemplate, type PageIndex, targetsOf } from '../pages.ts';
import { rescues } from '../rescue.ts';
import { isId, scopeOfPath, singular } from '../scope.ts';
import { isAws } from './aws.ts';
import type { Body } from './body.ts';
import { type Alarm, alarmsOf, alarmsOfSettings, guardsSafety, plainName, type Situation } from './body-rules.ts';
import { pathAspects, secretAspects } from './path-aspects.ts';
import { type HttpRequest, jsonObject } from './request.ts';

const source = 'http';

/** One operation per method that a server may take it for; the worst wins when they are joined. */
export function readRest(request: HttpRequest, index: PageIndex): readonly Operation[] {
  const methods = request.override === null ? [request.method] : [request.method, request.override];
  return methods.map((method) => readOne(request, method, index));
}

function readOne(request: HttpRequest, method: string, index: PageIndex): Operation {
  const ruled = byRule(request, method, index);
  const base = ruled ?? operationFrom(byWords(request, method), source);
  // What searches may name anything: only a rule or the method can make it more than a read.
  if (base.effect === 'read') return base;
  const situation = situationOf(request, method);
  return alarmsIn(request, situation).reduce(
    (sum, alarm) => raise(sum, { effect: 'destructive', basis: 'assumed', ...alarm }, source),
    base,
  );
}

function byRule(request: HttpRequest, method: string, index: PageIndex): Operation | null {
  const { page } = request;
  if (page === null) return null;
  const args = argumentsOf(request);
  for (const rule of index.restRules(page, method, request.segments)) {
    const named = matchesTemplate(rule.rest?.path ?? '', request.segments) ?? {};
    const given = { ...args, ...named };
    if (firstMatching([rule], given) === null) continue;
    return operationFrom(
      {
        name: `${method} ${request.path}`,
        effect: rule.effect,
        basis: 'proven',
        ...(rule.recovery === undefined ? {} : { recovery: rule.recovery }),
        aspects: rule.aspects ?? [],
        scope: rule.scope,
        account: rule.account ?? false,
        targets: targetsOf(rule, given, page.name),
        bypass: bypassOf(rule, given),
        masks: rule.masks ?? [],
        because: rule.undo === undefined ? rule.because : `${rule.because} The provider's word on undo: ${rule.undo}.`,
      },
      page.name,
    );
  }
  return null;
}

/** Query, form and JSON members together; a rule's condition reads them by name. */
function argumentsOf(request: HttpRequest): Readonly<Record<string, unknown>> {
  const form = request.body.kind === 'form' ? request.body.fields : [];
  const list = request.body.kind === 'json' && Array.isArray(request.body.value) ? { list: request.body.value } : {};
  return { ...Object.fromEntries([...request.query, ...form]), ...jsonObject(request.body), ...list };
}

const readMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY', 'TRACE', 'LIST']);
const readEndings =
  /^(_?search|_?find|_?count|_?query|lookup|validate|validation|preview|dry-?run|estimate|calculate|compare|diff|explain|introspect|list|filter|batch-?get|testIamPermissions|getIamPolicy|markdown|render|read-only|aggregate|check|verify|lint|parse|batchGet|batchGetDocuments|runQuery|runAggregationQuery|listCollectionIds|partitionQuery|queryGrantableRoles|queryTestablePermissions|getAncestry|searchAll|raw-?search|autocomplete|suggest|whoami|export-?preview|analyze|graphql-?introspection|quote|simulate|plan|capabilities(-self|-accessor)?|query_range|series|labels|timeseries|discover|peek)$/i;
const commandEndings =
  /^(delete|destroy|drop|purge|flushall|flushdb|truncate|wipe|terminate|erase|doDelete|remove|shutdown)$/i;

function byWords(request: HttpRequest, method: string): Found {
  const { path } = request;
  const segments = isAws(request.host) ? request.segments.map(apart) : request.segments;
  const scope = scopeOfPath(segments);
  const common = { name: `${method} ${path}`, scope, targets: targetsIn(request, scope) };
  const ending = (segments.at(-1) ?? '').split(':').at(-1) ?? '';
  const danger = saysDanger(path) || request.query.some(([name, value]) => saysDanger(`${name}=${value}`));
  if (readMethods.has(method)) return byReadMethod(request, common, ending, danger);
  const named = isKey(segments, method);
  const verb = named ? null : verbOf(segments);
  // Only a page's exact rule makes a DELETE less than destructive.
  if (method === 'DELETE')
    return { ...common, effect: 'destructive', basis: 'proven', because: 'DELETE removes what the path names.' };
  if (!['POST', 'PUT', 'PATCH', 'MKCOL', 'LOCK', 'UNLOCK', 'PROPPATCH', 'COPY', 'MOVE'].includes(method)) {
    return { ...common, effect: 'destructive', basis: 'assumed', because: 'A method that is not known.' };
  }
  if (method === 'COPY' || method === 'MOVE') {
    return {
      ...common,
      effect: 'destructive',
      basis: 'assumed',
      because: `${method} overwrites what stands at its destination.`,
    };
  }
  if (/\/sys\/storage\/raft\/snapshot(-force)?$/.test(path))
    return {
      ...common,
      effect: 'destructive',
      basis: 'proven',
      because: 'Vault takes its storage back to a snapshot.',
    };
  if (/^(scriptText|script)$/.test(ending) && request.page === null && request.body.kind === 'form')
    return { ...common, effect: 'destructive', basis: 'assumed', aspects: ['runs-code'], because: 'It runs a script.' };
  if (rescues(verb?.text ?? '') || restoresDeleted(segments))
    return { ...common, effect: 'write', basis: 'proven', because: 'It brings something back, or makes a copy of it.' };
  const calls = rpcVerb(request);
  if (calls !== null && judgeName(calls)?.effect === 'read')
    return { ...common, effect: 'read', basis: 'proven', because: `The method ${calls} reads.` };
  if (method === 'POST' && readEndings.test(ending))
    return { ...common, effect: 'read', basis: 'proven', because: `A POST to ${ending} asks and changes nothing.` };
  const judged = verb === null ? null : judgeVerb(verb.text, verb.around);
  const aspects = judged?.aspects ?? [];
  if (judged?.effect === 'destructive')
    return { ...common, effect: 'destructive', basis: 'proven', aspects, because: `The path says ${judged.word}.` };
  return {
    ...common,
    effect: 'write',
    basis: 'assumed',
    aspects: [...aspects, ...pathAspects(request, method)],
    because: `${method} writes; nothing in path or body says that it destroys.`,
  };
}

/** AWS Batch writes its actions in one word: `/v1/deletejobqueue`. */
function apart(segment: string): string {
  return segment.replace(/^(delete|terminate|deregister|describe|list|cancel)(?=[a-z]{4,}$)/, '$1-');
}

/** `/directory/deletedItems/1/restore`, `/trash/5/restore`: the path itself says that it was deleted before. */
function restoresDeleted(segments: readonly string[]): boolean {
  return (
    segments.at(-1) === 'restore' &&
    segments.some((segment) => /^(deleted_?-?\w*|trash|archived?_?-?\w*|recycle-?bin)$/i.test(segment))
  );
}

type Common = Pick<Found, 'name' | 'scope' | 'targets'>;

function byReadMethod(request: HttpRequest, common: Common, ending: string, danger: boolean): Found {
  const asks = isFilter(request, ending)
    ? undefined
    : request.query.find(
        ([name, value]) =>
          /^(action|op|operation|cmd|command|method|do)$/i.test(name) && judgeName(value)?.effect === 'destructive',
      );
  const calls = rpcVerb(request);
  if (calls !== null && judgeName(calls)?.effect === 'destructive') {
    return {
      ...common,
      effect: 'destructive',
      basis: 'proven',
      because: `The method ${calls} is called by its path, whatever the HTTP method.`,
    };
  }
  const commands = commandEndings.test(ending) && request.segments.length > 1 && !isS3Like(request);
  if (asks !== undefined || commands) {
    return {
      ...common,
      effect: 'destructive',
      basis: 'assumed',
      because: 'A GET whose path or query commands a destruction.',
    };
  }
  const aspects = secretAspects(request);
  return { ...common, effect: 'read', basis: danger ? 'assumed' : 'proven', aspects, because: 'Its method reads.' };
}

/** A provider with a page takes no commands by GET; elsewhere a list of what happened is asked for one kind of it. */
function isFilter(request: HttpRequest, ending: string): boolean {
  return request.page !== null || /(events|logs?|audit|activit(y|ies)|history|records)$/i.test(ending);
}

/** `/api/files.delete`: one dotted method name behind `api`, as Slack has it; null if the path is not such a call. */
function rpcVerb(request: HttpRequest): string | null {
  const [api, method = '', ...more] = request.segments;
  if (api !== 'api' || more.length > 0 || !/^[a-z]+(\.[A-Za-z]+)+$/.test(method)) return null;
  return method.split('.').at(-1) ?? null;
}

/** Keys and files may have any name. */
function isS3Like(request: HttpRequest): boolean {
  return /storage|blob|s3|contents|raw/.test(request.host + request.path);
}

interface Verb {
  readonly text: string;
  readonly around: readonly string[];
}

/** The segment that says what is done: the last one, what follows a colon, or a verb that stands before an id. */
function verbOf(segments: readonly string[]): Verb | null {
  const words = segments.flatMap((segment) => wordsOf(segment));
  const last = segments.at(-1) ?? '';
  const colon = last.includes(':') ? (last.split(':').at(-1) ?? '') : '';
  const around = segments
    .slice(0, -1)
    .filter((segment) => !isId(segment))
    .flatMap(wordsOf);
  if (colon !== '') return { text: colon, around: [...around, ...wordsOf(last.split(':')[0] ?? '')] };
  const bare = last.replace(/\.(json|xml|php|do|action)$/, '');
  const dotted = bare.includes('.') ? (bare.split('.').at(-1) ?? '') : bare;
  const nounsBefore = around.slice(-3);
  if (dotted !== '' && !isId(dotted)) {
    const judged = judgeName(dotted, nounsBefore);
    if (judged !== null && judged.effect !== 'write') return { text: dotted, around: nounsBefore };
  }
  const early = segments
    .slice(0, -1)
    .findLast(
      (segment, at, all) =>
        earlyVerb.test(segment) && !(segment.includes('-') && isNamed(all[at - 1], segments[at + 1])),
    );
  if (early !== undefined) return { text: early, around: [] };
  return dotted === '' || words.length === 0 ? null : { text: dotted, around: nounsBefore };
}

/** `PUT /…/values/delete-me`, `POST /v1/secret/data/delete` (Vault): the end of the path is a key of the caller's choice. */
function isKey(segments: readonly string[], method: string): boolean {
  if (segments[0] === 'v1' && segments[2] === 'data' && segments.length > 3) return true;
  const last = segments.at(-1) ?? '';
  const before = segments.at(-2) ?? '';
  if (method !== 'PUT') return false;
  return (last.includes('-') && isNamed(before, undefined)) || /^(values|contents|objects|blobs|files)$/.test(before);
}

const earlyVerb =
  /^(destroy|delete|remove|purge|revoke|wipe|terminate|revoke-\w+|delete-\w+|batch-?delete|bulk-?delete|undelete|destroy-\w+|restore|restore-\w+)$/i;

/** `/functions/delete-users/configuration`, `/job/delete-old/build`: there stands somebody's name, not a verb. */
function isNamed(before: string | undefined, after: string | undefined): boolean {
  return (
    /^(functions|jobs?|view|workflows|scripts|schedules|pipelines|crons|tasks|apps|services|projects|queues|topics|streams|namespaces)$/i.test(
      before ?? '',
    ) && !isId(after ?? '')
  );
}

function judgeVerb(
  text: string,
  around: readonly string[],
): { readonly effect: Effect; readonly word: string | null; readonly aspects: readonly Aspect[] } | null {
  const parts = wordsOf(text);
  const judged = judgeName(text, around);
  // `/v1/refunds`, `/repos/x/removals`: a noun at the end of a path makes a new one of its kind.
  if (judged !== null && judged.effect === 'read' && !parts.every(reads)) return { ...judged, effect: 'write' };
  return judged;
}

function targetsIn(request: HttpRequest, scope: string): Operation['targets'] {
  if (request.page === null || scope === 'other') return [];
  const at = request.segments.findLastIndex(
    (segment, place) => place > 0 && isId(segment) && !isId(request.segments[place - 1] ?? ''),
  );
  const noun = request.segments[at - 1];
  const id = request.segments[at];
  if (noun === undefined || id === undefined || /^v\d/.test(id)) return [];
  return [{ provider: request.page.name, kind: singular(wordsOf(noun).join('-')), id: id.slice(0, 200) }];
}

function situationOf(request: HttpRequest, method: string): Situation {
  const last = (request.segments.at(-1) ?? '').replace(/\.json$/i, '');
  const collection =
    !last.includes(':') &&
    !isId(last) &&
    /s$/.test(last) &&
    judgeName(last) === null &&
    !/^(actions|settings|aliases)$/.test(last);
  const replaces = method === 'PUT' || /^(set|replace|sync)/i.test(last.split(':').at(-1) ?? '');
  return {
    creates: method === 'POST' && collection,
    replaces,
    guards: guardsSafety(last),
    lifecycle: /lifecycle|retention/i.test(last),
  };
}

function alarmsIn(request: HttpRequest, situation: Situation): readonly Alarm[] {
  const { body } = request;
  const whole = situation.replaces && body.kind === 'json' && Array.isArray(body.value) && body.value.length > 0;
  const list = { because: 'The body replaces a whole list; what it leaves out is gone.', aspects: [], bypass: [] };
  return [...alarmsOfFields(request.query, situation), ...alarmsOfBody(body, situation), ...(whole ? [list] : [])];
}

function alarmsOfBody(body: Body, situation: Situation): readonly Alarm[] {
  if (body.kind === 'json') return alarmsOf(body.value, situation);
  if (body.kind === 'lines') return body.values.flatMap((value) => alarmsOf(value, situation));
  if (body.kind === 'form') return alarmsOfFields(body.fields, situation);
  if (body.kind === 'xml') return alarmsOfFields(tagsOf(body.text), situation);
  if (body.kind === 'parts') return body.parts.flatMap((part) => alarmsOfBody(part.body, situation));
  return [];
}

function alarmsOfFields(fields: readonly (readonly [string, string])[], situation: Situation): readonly Alarm[] {
  const settings = fields.map(([name, value]) => ({
    path: name
      .split(/[.[\]]+/)
      .filter(Boolean)
      .map(plainName),
    name: plainName(name),
    value,
  }));
  return alarmsOfSettings(settings, situation);
}

/** Leaf elements of XML as name and text: enough for rules, not a parser of documents. */
function tagsOf(xml: string): readonly (readonly [string, string])[] {
  return [...xml.matchAll(/<([A-Za-z][\w.:-]{0,80})(?:\s[^<>]*)?>([^<]{0,200})<\//g)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
}
