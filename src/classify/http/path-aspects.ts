// What a REST path gives away besides its effect: that it reveals a secret, makes a way in, runs code or spends money.
// It judges no effect; rest.ts does, and puts these beside it.

import type { Aspect } from '../../action/effect.ts';
import type { HttpRequest } from './request.ts';

const secretPath = /\/(reveal|credentials|connection_uri|service-account-keys|private-key)(\/|$)/;

export function secretAspects(request: HttpRequest): readonly Aspect[] {
  const decrypts = request.query.some(
    ([name, value]) =>
      /^(decrypt|reveal|show_secrets?|includesecrets?|withdecryption)$/i.test(name) && /^(true|1)$/.test(value),
  );
  return decrypts || secretPath.test(request.path) ? ['exposes-secrets'] : [];
}

export function pathAspects(request: HttpRequest, method: string): readonly Aspect[] {
  const { path } = request;
  const aspects: Aspect[] = [];
  const last = request.segments.at(-1) ?? '';
  if (
    method === 'POST' &&
    /^(access_?-?keys?|api_?-?keys?|api_?-?tokens?|tokens?|personal_access_tokens|ssh_?-?keys?|deploy_?-?keys|deploy_tokens|service_?accounts?|credentials|keys|passwords?|invitations?|invites?|collaborators|app_?passwords|installations|authorizations)$/i.test(
      last,
    )
  )
    aspects.push('mints-access');
  if (/\/(collaborators|memberships|members|role_?assignments)\/[^/]+$/.test(path) && method === 'PUT')
    aspects.push('mints-access');
  if (/\/(dispatches|exec|builds?|invocations|invoke|runs|jobs|functions)$/.test(path) && method === 'POST')
    aspects.push('runs-code');
  if (/\/(refunds|payouts|charges|payment_intents|transfers|payments|topups|orders)$/.test(path) && method === 'POST')
    aspects.push('spends-money');
  return aspects;
}
