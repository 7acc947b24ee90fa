// The article's retelling: `DELETE https://api.railway.app/v2/volumes/vol_prod_abc123` on Friday 25 April. No such REST
// API exists; the real call was one GraphQL POST, on Friday 24 April 2026 (the 25th was a Saturday). It is kept because
// people know the story in this form, and because a verb in the method line is the *easier* case to stop.

import { reachesProject, reachesVolume } from './access.ts';
import type { Call } from './call.ts';
import type { Answer } from './graphql-endpoint.ts';
import { deleteVolume } from './transition.ts';
import type { Volume } from './world.ts';

export function retell(call: Call, method: string, path: string): Answer {
  if (call.caller.kind === 'nobody') return { status: 401, body: { error: 'Unauthorized' } };
  const [, version, collection, id, part] = path.split('/');
  if (version !== 'v2') return { status: 404, body: { error: 'Not found' } };
  if (collection === 'domains' && id === undefined && method === 'GET') {
    return { status: 200, body: call.world().domains.map((item) => ({ id: item.id, domain: item.domain })) };
  }
  if (collection !== 'volumes') return { status: 404, body: { error: 'Not found' } };
  const mine = call.world().volumes.filter((item) => reachesProject(call.world(), call.caller, item.projectId));
  if (id === undefined) {
    return method === 'GET'
      ? { status: 200, body: mine.map(shortOf) }
      : { status: 405, body: { error: 'Not allowed' } };
  }
  const volume = mine.find((item) => item.restId !== null && item.restId === id);
  if (volume === undefined) return { status: 404, body: { error: 'Volume not found' } };
  return onVolume(call, method, volume, part);
}

function onVolume(call: Call, method: string, volume: Volume, part: string | undefined): Answer {
  if (!reachesVolume(call.world(), call.caller, volume.id)) return { status: 403, body: { error: 'Not Authorized' } };
  const instances = call.world().volumeInstances.filter((item) => item.volumeId === volume.id);
  if (part === 'backups' && method === 'GET') {
    return { status: 200, body: instances.flatMap((item) => item.backups.map((backup) => backup.name)) };
  }
  if (part !== undefined) return { status: 404, body: { error: 'Not found' } };
  if (method === 'GET') return { status: 200, body: shortOf(volume) };
  if (method !== 'DELETE') return { status: 405, body: { error: 'Not allowed' } };
  call.change(deleteVolume(call.world(), volume.id, call.atMs));
  return { status: 200, body: { id: volume.restId, deleted: true } };
}

/** As in the retelling the answer names no environment. */
function shortOf(volume: Volume): Readonly<Record<string, unknown>> {
  return { id: volume.restId, name: volume.name };
}
