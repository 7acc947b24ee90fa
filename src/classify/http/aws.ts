// AWS's four protocols: query (`Action=` in form or query string), JSON (`X-Amz-Target`), REST-JSON and REST-XML.
// The action's name carries the effect; a body rule may raise it. A GET with `Action=TerminateInstances` terminates.
// S3 has its own file: there the query string's bare words (`?delete`, `?versioning`) name the operation.

import type { Operation } from '../../action/action.ts';
import type { Aspect, Effect, Recovery } from '../../action/effect.ts';
import { header } from '../../action/request.ts';
import { judgeName, wordsOf } from '../lexicon.ts';
import { operationFrom, raise } from '../operation.ts';
import { bypassOf, firstMatching, type PageIndex, targetsOf } from '../pages.ts';
import { rescues } from '../rescue.ts';
import { scopeOfName } from '../scope.ts';
import { type Alarm, alarmsOf, alarmsOfSettings, plainName } from './body-rules.ts';
import { type HttpRequest, jsonObject } from './request.ts';

const source = 'aws';
const awsHost = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|aws\.dev)$/;

export function isAws(host: string): boolean {
  return awsHost.test(host);
}

/** Reads an AWS action; null if the request names none (REST protocols, other hosts). */
export function readAws(request: HttpRequest, index: PageIndex): readonly Operation[] | null {
  const target = header(request.raw, 'x-amz-target');
  const form = request.body.kind === 'form' ? request.body.fields : [];
  const actions = [...request.query, ...form].filter(([name]) => name === 'Action').map(([, value]) => value);
  if (target === null ? !isAws(request.host) || actions.length === 0 : !isAws(request.host) && request.page !== null)
    return null;
  if (target !== null) actions.push(target.split('.').at(-1) ?? target);
  const service = target?.split(/[_.]/)[0] ?? request.host.split('.')[0] ?? '';
  return [...new Set(actions)].map((action) => readAction(action, service, request, index));
}

function argumentsOf(request: HttpRequest): Readonly<Record<string, unknown>> {
  const fields = request.body.kind === 'form' ? [...request.query, ...request.body.fields] : request.query;
  return { ...Object.fromEntries(fields), ...jsonObject(request.body) };
}

function readAction(action: string, service: string, request: HttpRequest, index: PageIndex): Operation {
  const args = argumentsOf(request);
  const rule = firstMatching(index.actionRules(request.page, service.toLowerCase(), action), args);
  const judged = judgeAction(action);
  const dry = isDryRun(request);
  const base =
    rule === null
      ? operationFrom({ name: action, ...judged, scope: scopeOfName(action) }, source)
      : operationFrom(
          {
            name: action,
            effect: rule.effect,
            basis: 'proven',
            ...(rule.recovery === undefined ? {} : { recovery: rule.recovery }),
            aspects: rule.aspects ?? [],
            scope: rule.scope,
            targets: targetsOf(rule, args, 'aws'),
            bypass: bypassOf(rule, args),
            masks: rule.masks ?? [],
            because: rule.because,
          },
          source,
        );
  // EC2 alone defines DryRun for every action and refuses to act on it.
  if (dry)
    return operationFrom(
      {
        name: `${action} (DryRun)`,
        effect: 'read',
        basis: 'proven',
        scope: base.scope,
        because: 'EC2 only checks a request with DryRun=true.',
      },
      source,
    );
  if (base.effect === 'read' || rescues(action)) return base;
  return alarms(request, action).reduce(
    (sum, alarm) => raise(sum, { effect: 'destructive', basis: 'assumed', ...alarm }, source),
    base,
  );
}

/** EC2 alone, and every DryRun in the request says true: two that differ are two readings. */
function isDryRun(request: HttpRequest): boolean {
  const form = request.body.kind === 'form' ? request.body.fields : [];
  const said = [...request.query, ...form].filter(([name]) => name === 'DryRun').map(([, value]) => value);
  return (
    /^ec2[.-]/.test(request.host) && isAws(request.host) && said.length > 0 && said.every((value) => value === 'true')
  );
}

function alarms(request: HttpRequest, action: string): readonly Alarm[] {
  const situation = {
    creates: /^(Create|Run|Allocate|Copy|Register|Import)/.test(action),
    replaces: false,
    guards: false,
  };
  const fields = request.body.kind === 'form' ? [...request.query, ...request.body.fields] : request.query;
  const settings = fields
    .filter(([name]) => name !== 'Action')
    .map(([name, value]) => ({ path: name.split('.').map(plainName), name: plainName(name), value }));
  const listed = request.body.kind === 'json' ? alarmsOf(request.body.value, situation) : [];
  return [...listed, ...alarmsOfSettings(settings, situation)];
}

interface Judged {
  readonly effect: Effect;
  readonly basis: 'proven' | 'assumed';
  readonly recovery?: Recovery;
  readonly aspects?: readonly Aspect[];
  readonly because: string;
}

const secretReads =
  /^(GetSecretValue|BatchGetSecretValue|GetParameters?(ByPath)?|GetPasswordData|GetRandomPassword|GetAuthorizationToken|GetLoginPassword|ExportCertificate|Decrypt|GenerateDataKey(Pair)?)$/;
const mints =
  /^(CreateAccessKey|CreateLoginProfile|UpdateLoginProfile|Attach(User|Role|Group)Policy|Put(User|Role|Group)Policy|CreatePolicyVersion|SetDefaultPolicyVersion|AddUserToGroup|UpdateAssumeRolePolicy|AssumeRole\w*|GetSessionToken|GetFederationToken|CreateServiceSpecificCredential|CreateKeyPair|ImportKeyPair|CreateGrant|AddPermission|AuthorizeSecurityGroupIngress|CreateApiKey|CreateSAMLProvider|CreateOpenIDConnectProvider|AdminCreateUser|CreateUser)$/;
const runs =
  /^(SendCommand|Invoke\w*|StartSession|ExecuteCommand|StartAutomationExecution|RunTask|StartBuild|RunJobFlow|StartJobRun|CreateFunction|UpdateFunctionCode|StartExecution)$/;
const loses =
  /^(Put\w*Lifecycle\w*|ScheduleKeyDeletion|Disable(Key|\w*Backup|\w*Protection|\w*Snapshot|\w*Versioning|\w*Retention|\w*Encryption|\w*PublicAccess|\w*Logging)\w*|StopLogging|Stop.*Backup.*|DeregisterImage|Revoke\w+|Release\w*Address\w*|Modify.*Retention.*|Reset\w+|Backtrack\w+|Rollback\w+|FailbackDB\w*|Remove\w*Protection\w*|DisassociateKmsKey|CreateReplaceRootVolumeTask|Disable\w*Lock|DeactivateMFADevice|Stop\w*(Recorder|Encryption)|Disable(PolicyType|SecurityHub|Macie|Control)|Decrease\w+)$/;

function judgeAction(action: string): Judged {
  const aspects: Aspect[] = [];
  if (mints.test(action)) aspects.push('mints-access');
  if (runs.test(action)) aspects.push('runs-code');
  if (secretReads.test(action))
    return { effect: 'read', basis: 'proven', aspects: ['exposes-secrets'], because: 'The action reveals a secret.' };
  if (rescues(action))
    return { effect: 'write', basis: 'proven', aspects, because: 'The action brings something back or makes a copy.' };
  if (loses.test(action)) {
    return {
      effect: 'destructive',
      basis: 'proven',
      aspects: [
        ...aspects,
        ...(/Protect|Backup|Retention|Version|Logging|Lifecycle/.test(action) ? (['removes-protection'] as const) : []),
      ],
      because: 'The action takes a safety net or a thing away.',
    };
  }
  const first = wordsOf(action)[0] ?? '';
  if (
    /^(tag|untag|detach|disassociate|stop|reboot|receive|cancel)$/.test(first) ||
    /^Remove\w*Tags?\w*$|^DeleteTags$|^Deregister(Targets|InstancesFromLoadBalancer|TaskDefinition)$/.test(action)
  ) {
    const grave = first === 'cancel' && /Subscription|Reservation|Capacity/.test(action);
    return {
      effect: grave ? 'destructive' : 'write',
      basis: 'proven',
      aspects,
      because: `The action's name says ${first}.`,
    };
  }
  if (/Failover|^Export\w+To[A-Z]/.test(action) && !/^(Delete|Describe|Get|List)/.test(action))
    return { effect: 'write', basis: 'proven', aspects, because: 'It moves work or a copy elsewhere.' };
  if (/^(Start\w*Preview|Generate\w*Report|StartQuery|StopQuery)$/.test(action))
    return { effect: 'read', basis: 'proven', aspects, because: 'It computes an answer and changes nothing.' };
  const judged = judgeName(action);
  if (judged === null)
    return { effect: 'destructive', basis: 'assumed', aspects, because: 'An action that no rule knows.' };
  return {
    effect: judged.effect,
    basis: 'proven',
    aspects: [...new Set([...aspects, ...judged.aspects])],
    because: `The action's name says ${judged.word}.`,
  };
}
