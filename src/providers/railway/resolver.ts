// Railway's Resolver: where do the targets of these operations lie, and what dies with them? Asks only the closed list
// of evidence.ts, with the gateway's own reader, and answers "incomplete" whenever the walk was not: no access, a page
// missing, an error inside a 200, no match. Which of the policy's environments that means is resolve/resolution.ts.
//
// The incident in one line: a volume id names no environment. On 24 April 2026 it was believed to be staging's.

import type { Operation, ResourceRef } from '../../action/action.ts';
import { HoldpointError } from '../../platform/fault.ts';
import type { Located, Resolver } from '../../resolve/resolver.ts';
import { type EvidenceCall, isUuid } from './evidence.ts';
import { answerCache, incomplete } from './resolver-asking.ts';
import { countOf, shortId } from './resolver-lines.ts';
import { type PatchDeletions, readPatch } from './resolver-patch.ts';
import { locateBackup, locateDeployment, locateDomain } from './resolver-small-target.ts';
import {
  type Aim,
  locateDisk,
  locateEnvironment,
  locateProject,
  locateService,
  locateVolume,
} from './resolver-target.ts';
import { type Walk, walkWith } from './resolver-walk.ts';

export interface RailwayResolverOptions {
  readonly call: EvidenceCall;
  readonly clock: { wallMs(): number };
  readonly cacheMs: number;
}

/** Operations whose environment argument narrows what their other arguments reach. Others are taken to reach all. */
const narrowedByEnvironment: ReadonlySet<string> = new Set([
  'volumeInstanceUpdate',
  'serviceDelete',
  'serviceInstanceUpdate',
  'serviceInstanceDeploy',
  'serviceInstanceDeployV2',
  'serviceInstanceRedeploy',
  'serviceInstanceLimitsUpdate',
  'serviceDomainCreate',
  'serviceDomainUpdate',
  'tcpProxyCreate',
  'egressGatewayAssociationCreate',
  'deploymentTriggerCreate',
  'environmentTriggersDeploy',
  'volumeCreate',
  'customDomainCreate',
  'variableUpsert',
  'variableDelete',
  'variableCollectionUpsert',
  'variables',
  'variablesForServiceDeployment',
  'serviceInstance',
  'deployments',
  'domains',
  'metrics',
  'events',
  'deploymentTriggers',
  'tcpProxies',
  'egressGateways',
  'privateNetworkEndpoint',
  'serviceInstanceLimits',
  'serviceInstanceLimitOverride',
  'serviceInstanceIsUpdatable',
]);

/** An agent decides how many ids a request names; each costs calls to the provider. What is over this is not known. */
const targetsMax = 40;

/** Operations whose content is a patch. `staged`: fetched here; `inline`: its ids must be among the targets. */
const patchOperations: Readonly<Record<string, 'staged' | 'inline'>> = {
  environmentPatchCommitStaged: 'staged',
  environmentPatchCommit: 'inline',
  environmentApplyChangeSet: 'inline',
};

/** The provider's word on undo, for this very call; everything else has none that is known. */
const undoWords: Readonly<Record<string, string>> = {
  volumeDelete: '48 h, e-mailed link',
  projectScheduleDelete: '48 h, projectScheduleDeleteCancel',
};

const blindOperations: ReadonlySet<string> = new Set(['volumeDelete', 'volumeInstanceUpdate', 'volumeUpdate']);

/** `volumeInstance`, `volume-instance` and `volume_instance` are one kind. */
function kindOf(ref: ResourceRef): string {
  return ref.kind.toLowerCase().replace(/[-_]/g, '');
}

function unlocated(ref: ResourceRef, because: string, undo: string | null): Located {
  const line = 'where this lies is not known';
  return { ref, label: null, places: [], incomplete: because, blast: null, undo, line, evidence: [] };
}

function isOurs(ref: ResourceRef): boolean {
  return ref.provider === 'railway';
}

function aimAt(ref: ResourceRef, operation: Operation, nowMs: number): Aim {
  const environments = operation.targets.filter((each) => isOurs(each) && kindOf(each) === 'environment');
  const only = new Set(environments.map((each) => each.id.toLowerCase()));
  const narrowed = narrowedByEnvironment.has(operation.name) && only.size === 1;
  const [onlyIn] = narrowed ? only : [];
  return {
    ref,
    id: ref.id.toLowerCase(),
    onlyIn: onlyIn ?? null,
    depth: operation.effect === 'destructive' ? 'losses' : 'places',
    takesNoEnvironment:
      blindOperations.has(operation.name) && environments.length === 0 ? 'takes-no-environment' : 'names-it',
    undo: undoWords[operation.name] ?? null,
    nowMs,
  };
}

function locateKind(walk: Walk, aim: Aim, operation: Operation): Promise<Located> {
  switch (kindOf(aim.ref)) {
    case 'volume':
      return locateVolume(walk, aim);
    case 'volumeinstance':
      return locateDisk(walk, aim);
    case 'environment':
      return locateEnvironment(walk, aim);
    case 'project':
      return locateProject(walk, aim);
    case 'service':
      return locateService(walk, aim);
    case 'deployment':
      return locateDeployment(walk, aim);
    case 'domain':
    case 'customdomain':
    case 'servicedomain':
      return locateDomain(walk, aim);
    case 'backup':
    case 'volumeinstancebackup': {
      const disks = operation.targets.filter((each) => isOurs(each) && kindOf(each) === 'volumeinstance');
      return locateBackup(walk, aim, disks.map((each) => each.id.toLowerCase()).filter(isUuid));
    }
    default:
      throw incomplete('Where a thing of this kind lies cannot be asked of Railway.');
  }
}

async function locateAim(walk: Walk, aim: Aim, operation: Operation): Promise<Located> {
  try {
    // A backup's id is compared and never sent, so it alone need not be a UUID.
    if (!isUuid(aim.id) && !kindOf(aim.ref).endsWith('backup'))
      throw incomplete('This is not an id that Railway gives.');
    return await locateKind(walk, aim, operation);
  } catch (error) {
    if (error instanceof HoldpointError) return unlocated(aim.ref, error.reason.why, aim.undo);
    throw error;
  }
}

function saysOf(deletions: PatchDeletions): string {
  const named = (['volumes', 'services', 'buckets'] as const).flatMap((kind) =>
    deletions[kind].map((id) => `${kind.slice(0, -1)} ${isUuid(id.toLowerCase()) ? shortId(id) : '(odd id)'}`),
  );
  const others = deletions.others === 0 ? [] : [`${countOf(deletions.others, 'other thing')}`];
  const all = [...named, ...others];
  return all.length === 0 ? 'The staged patch deletes nothing.' : `The staged patch deletes ${all.join(', ')}.`;
}

/** The commit shows nothing, so the patch is fetched; what it deletes becomes targets of its own. */
async function locateStaged(walk: Walk, whole: Located, aim: Aim, operation: Operation): Promise<readonly Located[]> {
  const deletions = await walk.staged(aim.id).then(readPatch, (error: unknown) => {
    if (error instanceof HoldpointError) return null;
    throw error;
  });
  if (deletions === null) {
    return [{ ...whole, incomplete: whole.incomplete ?? 'The staged patch could not be read.' }];
  }
  const says = saysOf(deletions);
  const noted = {
    ...whole,
    line: `${whole.line} - ${says.charAt(0).toLowerCase()}${says.slice(1, -1)}`,
    evidence: [...whole.evidence, { source: 'railway:environmentStagedChanges', says }],
  };
  const refs = [
    ...deletions.volumes.map((id) => ({ provider: 'railway', kind: 'volume', id })),
    ...deletions.services.map((id) => ({ provider: 'railway', kind: 'service', id })),
    ...deletions.buckets.map((id) => ({ provider: 'railway', kind: 'bucket', id })),
  ];
  const inner = refs.map((ref) =>
    locateAim(walk, { ...aim, ref, id: ref.id.toLowerCase(), onlyIn: null, depth: 'losses' }, operation),
  );
  return [noted, ...(await Promise.all(inner))];
}

async function locateTarget(walk: Walk, ref: ResourceRef, operation: Operation, nowMs: number) {
  const aim = aimAt(ref, operation, nowMs);
  const located = await locateAim(walk, aim, operation);
  const patch = kindOf(ref) === 'environment' ? (patchOperations[operation.name] ?? null) : null;
  if (patch === 'staged' && isUuid(aim.id)) return locateStaged(walk, located, aim, operation);
  const others = operation.targets.some((each) => isOurs(each) && kindOf(each) !== 'environment');
  if (patch === 'inline' && operation.effect === 'destructive' && !others) {
    // The patch may name any volume of the project, and its text never comes here: so where it ends is not known.
    return [{ ...located, incomplete: located.incomplete ?? 'What the patch deletes is not among its named targets.' }];
  }
  return [located];
}

export function railwayResolver(options: RailwayResolverOptions): Resolver {
  const cache = answerCache(options.call, options.clock, options.cacheMs);
  return {
    provider: 'railway',
    async locate(operations, { fresh, signal }) {
      const walk = walkWith(cache.asking({ fresh, signal }));
      const nowMs = options.clock.wallMs();
      const aims = operations.flatMap((operation) =>
        operation.targets.filter(isOurs).map((ref) => ({ ref, operation })),
      );
      const asked = aims.slice(0, targetsMax).map(({ ref, operation }) => locateTarget(walk, ref, operation, nowMs));
      const over = aims
        .slice(targetsMax)
        .map(({ ref }) => unlocated(ref, `The request names more than ${targetsMax} things.`, null));
      return [...(await Promise.all(asked)).flat(), ...over];
    },
  };
}
