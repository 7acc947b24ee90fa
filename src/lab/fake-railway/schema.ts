// The part of Railway's public schema that the lab and the resolver touch, under the real names and argument names.
// Not the whole of it (about 150 queries and 230 mutations); an operation that is missing here fails validation.
// `volumeDelete` has one argument, as there: nothing in the call says where.

import { buildSchema, type GraphQLSchema } from 'graphql';

const shapes = /* GraphQL */ `
  scalar DateTime
  scalar EnvironmentConfig
  scalar EnvironmentVariables
  enum VolumeState { DELETED DELETING ERROR MIGRATING MIGRATION_PENDING READY RESTORING UPDATING }
  enum VolumeInstanceBackupScheduleKind { DAILY MONTHLY WEEKLY }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type User { id: ID! name: String workspaces: [Workspace!]! }
  type Workspace { id: ID! name: String! }
  type ApiTokenContext { workspaces: [Workspace!]! }
  type ProjectTokenContext { projectId: String! environmentId: String! project: Project! environment: Environment! }
  type Project {
    id: ID! name: String! workspaceId: String primaryEnvironmentId: String deletedAt: DateTime
    environments(first: Int, after: String): ProjectEnvironmentsConnection!
    services(first: Int, after: String): ProjectServicesConnection!
    volumes(first: Int, after: String): ProjectVolumesConnection!
  }
  type Environment {
    id: ID! name: String! projectId: String! isEphemeral: Boolean! canAccess: Boolean! createdAt: DateTime!
    sourceEnvironment: Environment
    volumeInstances(first: Int, after: String): EnvironmentVolumeInstancesConnection!
    serviceInstances(first: Int, after: String): EnvironmentServiceInstancesConnection!
    config(decryptVariables: Boolean): EnvironmentConfig!
  }
  type Service { id: ID! name: String! projectId: String! project: Project! }
  type ServiceInstance { id: ID! serviceId: String! environmentId: String! serviceName: String! domains: AllDomains! }
  type AllDomains { customDomains: [CustomDomain!]! serviceDomains: [ServiceDomain!]! }
  type CustomDomain { id: ID! domain: String! environmentId: String! serviceId: String! }
  type ServiceDomain { id: ID! domain: String! environmentId: String! serviceId: String! }
  type Volume { id: ID! name: String! projectId: String! createdAt: DateTime! project: Project! }
  type VolumeInstance {
    id: ID! volumeId: String! environmentId: String! serviceId: String mountPath: String! state: VolumeState
    sizeMB: Int! currentSizeMB: Float! isPendingDeletion: Boolean! deletedAt: DateTime createdAt: DateTime!
    service: Service volume: Volume! environment: Environment!
  }
  type VolumeInstanceBackup {
    id: String! name: String createdAt: DateTime! expiresAt: DateTime usedMB: Int referencedMB: Int
  }
  type Deployment { id: ID! projectId: String! serviceId: String environmentId: String! status: String! createdAt: DateTime! }
  type EnvironmentPatch { id: ID! environmentId: String! status: String! patch(decryptVariables: Boolean): EnvironmentConfig! }
  type WorkflowId { workflowId: String }
`;

const connections = ['Project', 'Environment', 'Service', 'Volume', 'VolumeInstance', 'ServiceInstance', 'Deployment']
  .map((node) => {
    const owner =
      { Project: 'Query', Deployment: 'Query' }[node] ?? (node.endsWith('Instance') ? 'Environment' : 'Project');
    const name = owner === 'Query' ? `Query${node}s` : `${owner}${node}s`;
    return `
      type ${name}Connection { edges: [${name}ConnectionEdge!]! pageInfo: PageInfo! }
      type ${name}ConnectionEdge { cursor: String! node: ${node}! }`;
  })
  .join('\n');

const inputs = /* GraphQL */ `
  input DeploymentListInput { projectId: String environmentId: String serviceId: String }
  input VolumeInstanceUpdateInput { serviceId: String mountPath: String state: VolumeState }
  input VolumeUpdateInput { name: String }
  input VolumeCreateInput { projectId: String! environmentId: String serviceId: String mountPath: String! }
  input EnvironmentCreateInput { projectId: String! name: String! sourceEnvironmentId: String ephemeral: Boolean }
  input VariableDeleteInput { projectId: String! environmentId: String! serviceId: String name: String! }
  input VariableUpsertInput {
    projectId: String! environmentId: String! serviceId: String name: String! value: String! skipDeploys: Boolean
  }
  input VariableCollectionUpsertInput {
    projectId: String! environmentId: String! serviceId: String variables: EnvironmentVariables! replace: Boolean
  }
  input CustomDomainCreateInput { projectId: String! environmentId: String! serviceId: String! domain: String! }
  input ApiTokenCreateInput { name: String! workspaceId: String }
  input ProjectTokenCreateInput { projectId: String! environmentId: String! name: String! }
`;

const queries = /* GraphQL */ `
  type Query {
    me: User!
    apiToken: ApiTokenContext!
    projectToken: ProjectTokenContext!
    projects(first: Int, after: String, workspaceId: String): QueryProjectsConnection!
    project(id: String!): Project!
    environment(id: String!): Environment!
    service(id: String!): Service!
    deployment(id: String!): Deployment!
    deployments(first: Int, after: String, input: DeploymentListInput!): QueryDeploymentsConnection!
    variables(projectId: String!, environmentId: String!, serviceId: String): EnvironmentVariables!
    volumeInstance(id: String!): VolumeInstance!
    volumeInstanceBackupList(volumeInstanceId: String!): [VolumeInstanceBackup!]!
    environmentStagedChanges(environmentId: String!): EnvironmentPatch!
    domains(projectId: String!, environmentId: String!, serviceId: String!): AllDomains!
  }
`;

const mutations = /* GraphQL */ `
  type Mutation {
    volumeDelete(volumeId: String!): Boolean!
    volumeUpdate(volumeId: String!, input: VolumeUpdateInput!): Volume!
    volumeCreate(input: VolumeCreateInput!): Volume!
    volumeInstanceUpdate(volumeId: String!, environmentId: String, input: VolumeInstanceUpdateInput!): Boolean!
    volumeInstanceBackupCreate(volumeInstanceId: String!, name: String): WorkflowId!
    volumeInstanceBackupDelete(volumeInstanceId: String!, volumeInstanceBackupId: String!): WorkflowId!
    volumeInstanceBackupLock(volumeInstanceId: String!, volumeInstanceBackupId: String!): Boolean!
    environmentCreate(input: EnvironmentCreateInput!): Environment!
    environmentDelete(id: String!): Boolean!
    environmentStageChanges(environmentId: String!, input: EnvironmentConfig!, merge: Boolean): EnvironmentPatch!
    environmentPatchCommit(environmentId: String!, patch: EnvironmentConfig, commitMessage: String): String!
    environmentPatchCommitStaged(environmentId: String!, commitMessage: String, skipDeploys: Boolean): String!
    serviceDelete(id: String!, environmentId: String): Boolean!
    projectDelete(id: String!): Boolean!
    projectScheduleDelete(id: String!): Boolean!
    projectScheduleDeleteCancel(id: String!): Boolean!
    projectScheduleDeleteForce(id: String!): Boolean!
    deploymentRemove(id: String!): Boolean!
    deploymentStop(id: String!): Boolean!
    deploymentRedeploy(id: String!): Deployment!
    customDomainCreate(input: CustomDomainCreateInput!): CustomDomain!
    customDomainDelete(id: String!): Boolean!
    serviceDomainDelete(id: String!): Boolean!
    variableUpsert(input: VariableUpsertInput!): Boolean!
    variableDelete(input: VariableDeleteInput!): Boolean!
    variableCollectionUpsert(input: VariableCollectionUpsertInput!): Boolean!
    apiTokenCreate(input: ApiTokenCreateInput!): String!
    projectTokenCreate(input: ProjectTokenCreateInput!): String!
  }
`;

export function railwaySchema(): GraphQLSchema {
  return buildSchema([shapes, connections, inputs, queries, mutations].join('\n'));
}
