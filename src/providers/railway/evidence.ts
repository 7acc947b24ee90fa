// The closed list of questions that the resolver may ask Railway: exact documents with typed variables, nothing else.
// Never the agent's URL, path or query text (invariant 9); ids are checked as UUIDs and cursors by shape before a call.
// All are queries that read. None of them asks for variable values: `patch` and lists are taken undecrypted.

export type EvidenceVariable = 'uuid' | 'cursor';

export interface EvidenceQuery {
  /** Stable name, used in evidence and in the journal, e.g. `railway:projects`. */
  readonly id: string;
  /** The exact GraphQL document. The gateway sends it byte for byte. */
  readonly document: string;
  readonly variables: Readonly<Record<string, EvidenceVariable>>;
}

/** What came back. `unreachable`: no complete answer (network, timeout, too large); says why without secrets. */
export type EvidenceAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unreachable'; readonly because: string };

/** The gateway's side: sends the document to `backboard.railway.com/graphql/v2` with its own read credential. */
export type EvidenceCall = (
  query: EvidenceQuery,
  variables: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
) => Promise<EvidenceAnswer>;

const pageInfo = 'pageInfo { hasNextPage endCursor }';
const disk =
  'id volumeId environmentId serviceId mountPath state sizeMB currentSizeMB createdAt isPendingDeletion deletedAt service { id name }';
const place = 'id name isEphemeral canAccess createdAt sourceEnvironment { id name }';
const disks = `volumeInstances(first: 200, after: $disks) { edges { node { ${disk} } } ${pageInfo} }`;
const runs =
  'serviceInstances(first: 200, after: $services) { edges { node { serviceId serviceName domains { customDomains { id domain } serviceDomains { id domain } } } } ' +
  `${pageInfo} }`;
const volumes = `volumes(first: 200, after: $volumes) { edges { node { id name } } ${pageInfo} }`;

/** Every document there is. A test fails if any of them is not one anonymous-proof, named query that only reads. */
export const evidenceQueries = {
  /** A project token's own place; an account or workspace token gets "Not Authorized" here and uses `projects`. */
  projectToken: {
    id: 'railway:projectToken',
    document: 'query HoldpointProjectToken { projectToken { projectId environmentId } }',
    variables: {},
  },
  projects: {
    id: 'railway:projects',
    document: `query HoldpointProjects($after: String, $volumes: String) { projects(first: 100, after: $after) { edges { node { id name ${volumes} } } ${pageInfo} } }`,
    variables: { after: 'cursor', volumes: 'cursor' },
  },
  projectVolumes: {
    id: 'railway:projectVolumes',
    document: `query HoldpointProjectVolumes($id: String!, $volumes: String) { project(id: $id) { id name ${volumes} } }`,
    variables: { id: 'uuid', volumes: 'cursor' },
  },
  project: {
    id: 'railway:project',
    document: `query HoldpointProject($id: String!, $after: String, $disks: String) { project(id: $id) { id name primaryEnvironmentId environments(first: 100, after: $after) { edges { node { ${place} ${disks} } } ${pageInfo} } } }`,
    variables: { id: 'uuid', after: 'cursor', disks: 'cursor' },
  },
  environment: {
    id: 'railway:environment',
    document: `query HoldpointEnvironment($id: String!, $disks: String) { environment(id: $id) { ${place} projectId ${disks} } }`,
    variables: { id: 'uuid', disks: 'cursor' },
  },
  environmentServices: {
    id: 'railway:environmentServices',
    document: `query HoldpointEnvironmentServices($id: String!, $services: String) { environment(id: $id) { id ${runs} } }`,
    variables: { id: 'uuid', services: 'cursor' },
  },
  volumeInstance: {
    id: 'railway:volumeInstance',
    document: `query HoldpointVolumeInstance($id: String!) { volumeInstance(id: $id) { ${disk} } }`,
    variables: { id: 'uuid' },
  },
  backups: {
    id: 'railway:volumeInstanceBackupList',
    document:
      'query HoldpointBackups($id: String!) { volumeInstanceBackupList(volumeInstanceId: $id) { id name createdAt expiresAt usedMB referencedMB } }',
    variables: { id: 'uuid' },
  },
  service: {
    id: 'railway:service',
    document: 'query HoldpointService($id: String!) { service(id: $id) { id name projectId } }',
    variables: { id: 'uuid' },
  },
  deployment: {
    id: 'railway:deployment',
    document:
      'query HoldpointDeployment($id: String!) { deployment(id: $id) { id projectId serviceId environmentId status } }',
    variables: { id: 'uuid' },
  },
  staged: {
    id: 'railway:environmentStagedChanges',
    document:
      'query HoldpointStaged($id: String!) { environmentStagedChanges(environmentId: $id) { id environmentId status patch(decryptVariables: false) } }',
    variables: { id: 'uuid' },
  },
} as const satisfies Readonly<Record<string, EvidenceQuery>>;

const shapes: Readonly<Record<EvidenceVariable, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  cursor: /^[\w+/=:.-]{1,512}$/,
};

export function isUuid(text: string): boolean {
  return shapes.uuid.test(text);
}

/** The name of the first variable that is not declared or not of its declared type; null if all are as declared. */
export function misfit(query: EvidenceQuery, variables: Readonly<Record<string, string | null>>): string | null {
  for (const [name, value] of Object.entries(variables)) {
    const type = query.variables[name];
    if (type === undefined) return name;
    if (value === null ? type !== 'cursor' : !shapes[type].test(value)) return name;
  }
  for (const [name, type] of Object.entries(query.variables)) {
    if (type === 'uuid' && typeof variables[name] !== 'string') return name;
  }
  return null;
}
