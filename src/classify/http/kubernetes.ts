// Kubernetes by its paths: /api/v1/… and /apis/<group>/<version>/…, whatever the host. The path shape is exact, and so
// are its dry run (`dryRun=All`) and its questions (access reviews). exec and attach work over GET.

import type { Operation } from '../../action/action.ts';
import type { Aspect, Effect } from '../../action/effect.ts';
import { operationFrom, raise } from '../operation.ts';
import { plural } from '../scope.ts';
import { alarmsOf } from './body-rules.ts';
import { type HttpRequest, jsonObject } from './request.ts';

const source = 'kubernetes';
const questions =
  /^(selfsubjectaccessreviews|subjectaccessreviews|localsubjectaccessreviews|selfsubjectrulesreviews|selfsubjectreviews|tokenreviews)$/;

interface Place {
  readonly resource: string;
  readonly name: string | null;
  readonly subresource: string | null;
  readonly namespace: string | null;
}

const clusterWide = /^(nodes|namespaces|persistentvolumes|componentstatuses)$/;
const listable =
  /^(pods|services|configmaps|secrets|events|persistentvolumeclaims|serviceaccounts|endpoints|replicationcontrollers|resourcequotas|limitranges)$/;

/** Null if the path is not Kubernetes's. */
export function placeOf(segments: readonly string[]): Place | null {
  const core = segments[0] === 'api' && segments[1] === 'v1';
  const group = segments[0] === 'apis' && /^v\d/.test(segments[2] ?? '');
  if (!core && !group) return null;
  let rest = segments.slice(core ? 2 : 3);
  let namespace: string | null = null;
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? null;
    if (rest.length > 2 && rest[2] !== 'finalize' && rest[2] !== 'status') rest = rest.slice(2);
  }
  const [resource, name = null, subresource = null] = rest;
  // `/api/v1/projects/…` is any REST API; Kubernetes's own words are lower case without separators.
  if (resource === undefined || !/^[a-z]+s$|^finalize$/.test(resource)) return null;
  if (core && namespace === null && !clusterWide.test(resource) && (name !== null || !listable.test(resource)))
    return null;
  return { resource, name, subresource, namespace };
}

export function readKubernetes(request: HttpRequest): readonly Operation[] | null {
  const place = placeOf(request.segments);
  // A host with a page of its own is no cluster, whatever its paths look like.
  if (place === null || request.page !== null) return null;
  const methods = request.override === null ? [request.method] : [request.method, request.override];
  return methods.map((method) => readOne(request, place, method));
}

function readOne(request: HttpRequest, place: Place, method: string): Operation {
  const judged = judge(request, place, method);
  const name = `${method} ${place.resource}${place.name === null ? '' : ` ${place.name}`}${place.subresource === null ? '' : `/${place.subresource}`}${place.namespace === null ? '' : ` in ${place.namespace}`}`;
  const operation = operationFrom(
    {
      name,
      effect: judged.effect,
      basis: judged.assumed ? 'assumed' : 'proven',
      aspects: judged.aspects ?? [],
      scope: plural(place.resource),
      targets: place.namespace === null ? [] : [{ provider: 'kubernetes', kind: 'namespace', id: place.namespace }],
      because: judged.because,
    },
    source,
  );
  if (judged.effect !== 'write') return operation;
  const situation = { creates: method === 'POST' && place.name === null, replaces: method === 'PUT', guards: false };
  return alarmsOf(changesOf(request.body), situation)
    .filter(
      (alarm) =>
        !(
          method === 'PUT' &&
          alarm.because.includes('with nothing') &&
          place.subresource === null &&
          place.resource !== 'namespaces'
        ),
    )
    .reduce((sum, alarm) => raise(sum, { effect: 'destructive', basis: 'assumed', ...alarm }, source), operation);
}

interface Judged {
  readonly effect: Effect;
  readonly because: string;
  readonly assumed?: boolean;
  readonly aspects?: readonly Aspect[];
}

const revealing = /^secrets$/;

function judge(request: HttpRequest, place: Place, method: string): Judged {
  const dry = request.query.some(([name, value]) => name === 'dryRun' && value === 'All');
  if (dry && request.query.every(([name, value]) => name !== 'dryRun' || value === 'All'))
    return { effect: 'read', because: 'The API server only checks a request with dryRun=All.' };
  const sub = place.subresource;
  if (sub === 'exec' || sub === 'attach' || sub === 'portforward' || sub === 'proxy')
    return judgeExec(request, sub, method);
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') {
    return {
      effect: 'read',
      because: 'Kubernetes reads with GET.',
      aspects: revealing.test(place.resource) ? ['exposes-secrets'] : [],
    };
  }
  if (questions.test(place.resource))
    return { effect: 'read', because: 'It asks what is allowed and changes nothing.' };
  if (method === 'DELETE') return { effect: 'destructive', because: 'It deletes the object, and what it owns.' };
  if (sub === 'eviction' || sub === 'finalize' || place.resource === 'finalize')
    return { effect: 'destructive', because: `The subresource ${sub ?? place.resource} removes it.` };
  if (sub === 'token')
    return { effect: 'write', because: 'It makes a token of a service account.', aspects: ['mints-access'] };
  if (/^(clusterrolebindings|rolebindings|clusterroles|roles|certificatesigningrequests)$/.test(place.resource))
    return { effect: 'write', because: 'It changes who may do what.', aspects: ['mints-access'] };
  const removal = method === 'PATCH' ? removedByPatch(request.body) : null;
  if (removal !== null) return { effect: 'destructive', because: `The patch removes ${removal}.` };
  const spec = jsonObject(request.body).spec;
  const suspends = typeof spec === 'object' && spec !== null && (spec as Record<string, unknown>).suspend === true;
  if (suspends && /backup|snapshot|dump|velero|wal|pitr/i.test(place.name ?? ''))
    return {
      effect: 'destructive',
      because: 'It suspends the job that makes backups.',
      aspects: ['removes-protection'],
    };
  if (request.body.kind === 'bytes')
    return { effect: 'write', because: 'A binary body of a known path.', assumed: true };
  return {
    effect: 'write',
    because: 'It creates or changes an object.',
    aspects: /^(pods|jobs|cronjobs|deployments)$/.test(place.resource) && method === 'POST' ? ['runs-code'] : [],
  };
}

const content = /^\/(data|stringData|binaryData|spec|metadata\/finalizers)(\/|$)/;
const switches = /^\/spec\/(unschedulable|suspend|paused|template\/metadata\/(labels|annotations)(\/.*)?)$/;

/** A JSON patch names what it removes, a merge patch sets it to null; labels and annotations are no content. */
function removedByPatch(body: HttpRequest['body']): string | null {
  if (body.kind !== 'json') return null;
  if (Array.isArray(body.value)) {
    for (const step of body.value as readonly unknown[]) {
      const { op, path, value } = jsonObject({ kind: 'json', value: step, text: '' });
      if (typeof path !== 'string') continue;
      if (op === 'remove' && content.test(path) && !switches.test(path)) return path.slice(0, 80);
      if ((op === 'replace' || op === 'add') && value === 0 && /\/replicas$/.test(path)) return 'all replicas';
    }
    return null;
  }
  const { data, stringData, binaryData, metadata } = jsonObject(body);
  for (const each of [data, stringData, binaryData]) {
    if (each === null) return 'all keys';
    const gone = Object.entries(Object(each)).find(([, value]) => value === null);
    if (gone !== undefined) return `the key ${gone[0].slice(0, 80)}`;
  }
  const { finalizers } = Object(metadata) as Record<string, unknown>;
  return finalizers === null || (Array.isArray(finalizers) && finalizers.length === 0) ? 'the finalizers' : null;
}

/** What a patch sets, as an object: a JSON patch is a list of steps, each with the path of one value. */
function changesOf(body: HttpRequest['body']): unknown {
  if (body.kind !== 'json' || !Array.isArray(body.value)) return jsonObject(body);
  return (body.value as readonly unknown[]).map((step) => {
    const { op, path, value } = jsonObject({ kind: 'json', value: step, text: '' });
    if ((op !== 'add' && op !== 'replace') || typeof path !== 'string') return {};
    return path
      .split('/')
      .filter((part) => part !== '')
      .reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
  });
}

const harmlessCommands =
  /^(ls|cat|head|tail|env|printenv|ps|df|du|whoami|id|date|hostname|uname|pwd|echo|stat|wc|grep|top|uptime|free|nslookup|dig|ping)$/;

function judgeExec(request: HttpRequest, sub: string, method: string): Judged {
  const command = request.query.filter(([name]) => name === 'command').map(([, value]) => value);
  const first = command[0] ?? '';
  if (
    sub === 'exec' &&
    harmlessCommands.test(first.split('/').at(-1) ?? '') &&
    !command.some((word) => /[;&|<>`$]/.test(word))
  ) {
    return { effect: 'write', because: `It runs ${first} in a container.`, aspects: ['runs-code'] };
  }
  if (sub === 'proxy' && (method === 'GET' || method === 'HEAD'))
    return { effect: 'write', because: 'It passes a request on to a workload.', assumed: true };
  return {
    effect: 'destructive',
    because: `${sub} runs or opens whatever the agent sends inside a container.`,
    assumed: true,
    aspects: ['runs-code'],
  };
}
