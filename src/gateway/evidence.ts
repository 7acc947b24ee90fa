// Evidence calls: the gateway's own questions to a provider, from the provider's closed list of exact documents, with
// the gateway's own credential (invariant 9). Nothing of the agent's URL, path or query text enters them.

import type { OutgoingRequest } from '../action/request.ts';
import type { CredentialPolicy } from '../authorize/grant.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import type { HttpExecutor } from '../execute/executor.ts';
import { HoldpointError } from '../platform/fault.ts';
import type { Broker } from './ports.ts';
import { readAll } from './stream.ts';

/** One document of a provider's closed list. */
export interface EvidenceQuery {
  readonly id: string;
  readonly document: string;
}

export interface EvidenceDeps {
  readonly page: ProviderPage;
  /** The provider's own host and path; from the page, never from a request. */
  readonly endpoint: { readonly host: string; readonly path: string };
  readonly broker: Broker;
  readonly executor: HttpExecutor;
  /** The credential that the gateway asks with; null: none is configured. */
  readonly credential: () => CredentialPolicy | null;
}

/** What came back. `unreachable`: no complete answer; says why, without secrets. */
export type EvidenceAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unreachable'; readonly because: string };

export type EvidenceCall = (
  query: EvidenceQuery,
  variables: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
) => Promise<EvidenceAnswer>;

const answerBytesMax = 4 * 1024 * 1024;
const timeoutMs = 10_000;

/** Asks one document of the list. Never rejects: whoever asked then knows that it does not know. */
export function createEvidenceCall(deps: EvidenceDeps): EvidenceCall {
  const { page, broker, executor } = deps;
  return async (query, variables, signal) => {
    const credential = deps.credential();
    if (credential === null) return { kind: 'unreachable', because: `no credential for ${page.name} is configured` };
    try {
      const asked = requestFor(deps, credential, { query: query.document, variables });
      const request = await broker.inject(asked, credential.id, page);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await executor.send(request, { bulk: null, signal: limit, fresh: false });
      const { bytes, cut } = await readAll(answer.body, answerBytesMax);
      if (cut === 'cut') return { kind: 'unreachable', because: 'the answer was too long' };
      return { kind: 'answered', status: answer.status, body: JSON.parse(Buffer.from(bytes).toString()) };
    } catch (error) {
      const because = error instanceof HoldpointError ? error.reason.why : 'no complete answer came';
      return { kind: 'unreachable', because };
    }
  };
}

/** Built like any agent's request: with the placeholder in the provider's slot, for the broker to replace. */
function requestFor(
  { page, endpoint }: EvidenceDeps,
  credential: CredentialPolicy,
  question: unknown,
): OutgoingRequest {
  const body = Buffer.from(JSON.stringify(question));
  const [slot] = page.authSlots;
  const value = slot?.scheme == null ? credential.placeholder : `${slot.scheme} ${credential.placeholder}`;
  const headers = [
    ['host', endpoint.host],
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
    [slot?.header ?? 'authorization', value],
    ['content-length', String(body.length)],
  ] as const;
  return { method: 'POST', scheme: 'https', host: endpoint.host, port: 443, path: endpoint.path, headers, body };
}
