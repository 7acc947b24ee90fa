// Which class a host belongs to: governed, tunnel, ordinary, other, or denied. Pure, by exact names and dotted suffixes.
// Governed wins over every list, because a tunnel hides the very requests that this product is there to read.
// Addresses (loopback, metadata) are not judged here: that needs DNS and is the gateway's route().

import type { HostClass } from '../action/action.ts';
import type { Policy } from '../authorize/grant.ts';
import type { ProviderPage } from '../classify/provider-page.ts';

/**
 * Model APIs, on by default as tunnels: the agent's own thinking goes there, with the agent's own sign-in.
 * Exact names, or `*.suffix`. Each is the documented API host of its maker.
 */
export const shippedTunnels: readonly string[] = [
  'api.anthropic.com',
  'console.anthropic.com',
  'statsig.anthropic.com',
  'api.openai.com',
  'chatgpt.com',
  'auth.openai.com',
  'generativelanguage.googleapis.com',
  'cloudcode-pa.googleapis.com',
  'api2.cursor.sh',
  'api3.cursor.sh',
  '*.api5.cursor.sh',
  'repo42.cursor.sh',
  'api.githubcopilot.com',
  '*.githubcopilot.com',
  'copilot-proxy.githubusercontent.com',
  'api.mistral.ai',
  'codestral.mistral.ai',
  'api.deepseek.com',
  'api.x.ai',
  'api.groq.com',
  'openrouter.ai',
  'api.cohere.com',
  'api.perplexity.ai',
  'api.together.xyz',
];

export type PageHosts = Pick<ProviderPage, 'name' | 'hosts' | 'tenantHosts'>;

/** Lower case, without trailing dots, brackets or port: the one spelling in which hosts are compared. */
export function normaliseHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '');
}

/** `*.suffix` matches any name below it, not the suffix itself; anything else matches exactly. */
export function hostMatches(pattern: string, host: string): boolean {
  const wanted = normaliseHost(pattern);
  const name = normaliseHost(host);
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1 : name === wanted;
}

const matchesAny = (patterns: readonly string[], host: string) => patterns.some((each) => hostMatches(each, host));

/** The page that governs a host; exact names win over suffixes. null: no provider's. */
export function pageFor<P extends PageHosts>(host: string, pages: readonly P[]): P | null {
  const exact = pages.find((page) => page.hosts.some((each) => !each.startsWith('*.') && hostMatches(each, host)));
  return exact ?? pages.find((page) => matchesAny(page.hosts, host)) ?? null;
}

/** True for hosts whose content a tenant controls: no credential is ever injected there. */
export function isTenantHost(host: string, pages: readonly PageHosts[]): boolean {
  return pages.some((page) => matchesAny(page.tenantHosts, host));
}

/** A shipped model API by its exact name: more exact than a provider's `*.googleapis.com`, less than a provider's own name. */
function isShippedTunnel(host: string, pages: readonly PageHosts[], policy: Pick<Policy, 'hosts'>): boolean {
  const name = normaliseHost(host);
  const exact = [...pages.flatMap((page) => [...page.hosts, ...page.tenantHosts]), ...policy.hosts.governed];
  return shippedTunnels.includes(name) && !exact.some((each) => normaliseHost(each) === name);
}

export function isGovernedHost(host: string, pages: readonly PageHosts[], policy: Pick<Policy, 'hosts'>): boolean {
  // What a tenant serves there is the tenant's: the agent's own app, or anybody's. Judged as any other host, unless named.
  return pageFor(host, pages) !== null || matchesAny(policy.hosts.governed, host);
}

/**
 * The class of a host. Denied wins over all; governed over tunnel and ordinary. A tunnel exists on port 443 only, since
 * what comes in the clear can be read.
 */
export function classifyHost(
  host: string,
  port: number,
  pages: readonly PageHosts[],
  policy: Pick<Policy, 'hosts'>,
): HostClass | 'denied' {
  if (normaliseHost(host) === '') return 'denied';
  if (matchesAny(policy.hosts.denied, host)) return 'denied';
  const tunnel = port === 443 && matchesAny(policy.hosts.tunnel, host);
  if (tunnel && isShippedTunnel(host, pages, policy)) return 'tunnel';
  if (isGovernedHost(host, pages, policy)) return 'governed';
  if (tunnel) return 'tunnel';
  return matchesAny(policy.hosts.ordinary, host) ? 'ordinary' : 'other';
}

/** Tunnel entries that would hide a governed host; each is a config error. */
export function tunnelsOverGoverned(pages: readonly PageHosts[], policy: Pick<Policy, 'hosts'>): readonly string[] {
  const governed = [...pages.flatMap((page) => [...page.hosts, ...page.tenantHosts]), ...policy.hosts.governed];
  return policy.hosts.tunnel
    .filter((tunnel) => !isShippedTunnel(tunnel, pages, policy))
    .filter((tunnel) => governed.some((each) => covers(tunnel, each) || covers(each, tunnel)));
}

/** True if pattern a matches the name, or every name, that pattern b stands for. */
function covers(a: string, b: string): boolean {
  return b.startsWith('*.')
    ? normaliseHost(a) === normaliseHost(b) || hostMatches(a, `x${b.slice(1)}`)
    : hostMatches(a, b);
}
