// Object storage in S3's dialect: method, key or bucket, and the bare words of the query string name the operation.
// PUT of an object is a write and is streamed (isBulk); configuration of a bucket is replaced whole.

import type { Operation } from '../../action/action.ts';
import type { Effect } from '../../action/effect.ts';
import { header } from '../../action/request.ts';
import { operationFrom } from '../operation.ts';
import type { HttpRequest } from './request.ts';

const s3Host =
  /(^|\.)(s3|s3-accesspoint|s3-control|s3express-[\w-]+)([.-][\w-]+)*\.amazonaws\.com(\.cn)?$|(^|\.)r2\.cloudflarestorage\.com$|\.digitaloceanspaces\.com$|(^|\.)s3\.[\w-]+\.backblazeb2\.com$/;

export function isS3(host: string): boolean {
  return s3Host.test(host);
}

const subresources = [
  'delete',
  'versioning',
  'lifecycle',
  'policy',
  'replication',
  'encryption',
  'retention',
  'legal-hold',
  'object-lock',
  'restore',
  'tagging',
  'acl',
  'cors',
  'website',
  'notification',
  'logging',
  'publicAccessBlock',
  'ownershipControls',
  'uploads',
  'uploadId',
  'select',
  'inventory',
  'metrics',
  'analytics',
  'accelerate',
  'requestPayment',
  'intelligent-tiering',
];
const guards = new Set([
  'policy',
  'replication',
  'encryption',
  'retention',
  'legal-hold',
  'object-lock',
  'lifecycle',
  'versioning',
  'publicAccessBlock',
  'ownershipControls',
  'logging',
]);

export function readS3(request: HttpRequest): readonly Operation[] | null {
  if (!isS3(request.host)) return null;
  const methods = request.override === null ? [request.method] : [request.method, request.override];
  return methods.map((method) => readOne(request, method));
}

function readOne(request: HttpRequest, method: string): Operation {
  const words = request.query.map(([name]) => name);
  const sub = subresources.find((each) => words.includes(each)) ?? null;
  const xml = request.body.kind === 'xml' || request.body.kind === 'text' ? request.body.text : '';
  const several = subresources.filter((each) => words.includes(each)).length > 1;
  // Two sub-resources at once: which one S3 takes is not known here, so the worst counts.
  const judged: Judged =
    several && !['GET', 'HEAD'].includes(method) && !(words.includes('uploads') || words.includes('uploadId'))
      ? { effect: 'destructive', because: 'It names several sub-resources at once.' }
      : judge(method, several && method === 'DELETE' ? null : sub, xml, request);
  const virtual = /^[^.]+\.s3[.-]/.test(request.host);
  const object = virtual ? request.segments.length > 0 : request.segments.length > 1;
  const versioned = words.includes('versionId') || header(request.raw, 'x-amz-bypass-governance-retention') === 'true';
  return operationFrom(
    {
      name: `${method} ${object ? 'object' : 'bucket'}${sub === null ? '' : ` ?${sub}`} ${request.path}`,
      effect: judged.effect,
      basis: 'proven',
      recovery:
        judged.effect === 'destructive'
          ? versioned
            ? 'none'
            : 'unknown'
          : judged.effect === 'write'
            ? 'recreate'
            : 'undo',
      aspects: judged.effect === 'destructive' && sub !== null && guards.has(sub) ? ['removes-protection'] : [],
      bypass:
        header(request.raw, 'x-amz-bypass-governance-retention') === 'true'
          ? ['x-amz-bypass-governance-retention=true']
          : [],
      scope: object ? 'objects' : 'buckets',
      because: judged.because,
    },
    's3',
  );
}

interface Judged {
  readonly effect: Effect;
  readonly because: string;
}

function judge(method: string, sub: string | null, xml: string, request: HttpRequest): Judged {
  if (method === 'GET' || method === 'HEAD') return { effect: 'read', because: 'S3 reads with GET and HEAD alone.' };
  if (method === 'DELETE') {
    if (sub === 'uploadId') return { effect: 'write', because: 'It gives up an upload that was not complete.' };
    if (sub === 'tagging') return { effect: 'write', because: 'It removes tags.' };
    return { effect: 'destructive', because: 'S3 deletes the object, version, bucket or configuration.' };
  }
  if (method === 'POST') {
    if (sub === 'delete') return { effect: 'destructive', because: 'POST ?delete removes many objects.' };
    if (sub === 'select') return { effect: 'read', because: 'It selects from an object.' };
    if (sub === 'restore') return { effect: 'write', because: 'It thaws an archived object.' };
    return { effect: 'write', because: 'An upload.' };
  }
  if (method !== 'PUT') return { effect: 'destructive', because: 'A method that S3 does not define.' };
  if (sub === null || sub === 'uploadId') {
    const fresh = header(request.raw, 'if-none-match') === '*';
    return {
      effect: 'write',
      because: fresh
        ? 'It writes the object only if there is none.'
        : 'It writes the object; one of that name is replaced.',
    };
  }
  if (sub === 'versioning')
    return /suspended/i.test(xml)
      ? { effect: 'destructive', because: 'It suspends versioning.' }
      : { effect: 'write', because: 'It turns versioning on.' };
  if (sub === 'lifecycle')
    return /expiration|noncurrent/i.test(xml)
      ? { effect: 'destructive', because: 'Its rules expire objects.' }
      : { effect: 'write', because: 'It replaces the lifecycle rules.' };
  if (sub === 'legal-hold')
    return /<status>\s*off/i.test(xml)
      ? { effect: 'destructive', because: 'It takes a legal hold off.' }
      : { effect: 'write', because: 'It puts a legal hold on.' };
  if (sub === 'publicAccessBlock')
    return /false/i.test(xml)
      ? { effect: 'destructive', because: 'It opens the bucket to the public.' }
      : { effect: 'write', because: 'It blocks public access.' };
  if (sub === 'object-lock' || sub === 'encryption') return { effect: 'write', because: 'It turns a protection on.' };
  if (sub === 'retention') {
    const bypasses = header(request.raw, 'x-amz-bypass-governance-retention') === 'true';
    return bypasses
      ? { effect: 'destructive', because: 'It shortens a retention past its governance.' }
      : { effect: 'write', because: 'It sets a retention.' };
  }
  if (guards.has(sub)) return { effect: 'destructive', because: `It replaces the bucket's whole ${sub}.` };
  return { effect: 'write', because: `It replaces ${sub}.` };
}
