// Credentials in places where none may stand, and placeholders on the way to somebody else. Each line is the verdict:
// refused before anything left, with the reason's code. The hostile upstream counts what reached it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attempt,
  agent,
  bytesOf,
  hostileHost,
  placeholder,
  proxyAuthorization,
  type Reply,
  railwayHost,
  send,
  startTarget,
  strangeHost,
  type Target,
  throughTunnel,
  toProxy,
} from './target.ts';

let target: Target;
/** Made for domains, able to do everything: the token of the incident. */
const stray = () => target.fake.tokens.stray.secret;
const read = JSON.stringify({ query: '{ projects { edges { node { name } } } }' });
const deletion = () => JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${target.volumeId}") }` });
const headers = (...all: readonly (readonly [string, string])[]) => all;
const none = ['Authorization', ''] as const;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const code = (reply: Reply) =>
  /"code":"([a-z-]+)"/.exec(reply.text)?.[1] ?? /"reason":"([a-z-]+)"/.exec(reply.text)?.[1];

beforeAll(async () => {
  target = await startTarget({ hosts: '{ governed: [internal.example] }' });
});
afterAll(() => target.close());

async function expectRefused(attempt: () => Promise<Reply>): Promise<string> {
  const before = target.fake.world();
  const arrived = target.arrived.length;
  const calls = target.fake.seen().filter((call) => call.token === target.fake.tokens.stray.name).length;
  const reply = await attempt();
  expect(reply.statuses).toEqual([403]);
  expect(target.fake.world()).toEqual(before);
  expect(target.arrived.length).toBe(arrived);
  expect(target.fake.seen().filter((call) => call.token === target.fake.tokens.stray.name).length).toBe(calls);
  expect(reply.text).not.toContain(stray());
  return code(reply) ?? '';
}

describe('a credential that the gateway did not issue goes nowhere, not even with a plain read', () => {
  it.each<[string, () => Attempt]>([
    ['as Bearer', () => ({ headers: headers(['Authorization', `Bearer ${stray()}`]), body: read })],
    ['as bearer in lower case', () => ({ headers: headers(['Authorization', `bearer ${stray()}`]), body: read })],
    ['without a scheme', () => ({ headers: headers(['Authorization', stray()]), body: read })],
    ['as Token', () => ({ headers: headers(['Authorization', `Token ${stray()}`]), body: read })],
    ['as Basic', () => ({ headers: headers(['Authorization', `Basic ${base64(`x:${stray()}`)}`]), body: read })],
    ['with two spaces', () => ({ headers: headers(['Authorization', `Bearer  ${stray()}`]), body: read })],
    ['behind a tab', () => ({ headers: headers(['Authorization', `Bearer\t${stray()}`]), body: read })],
    ['as project token', () => ({ headers: headers(none, ['Project-Access-Token', stray()]), body: read })],
    ['as team token', () => ({ headers: headers(none, ['Team-Access-Token', stray()]), body: read })],
    ['beside the placeholder', () => ({ headers: headers(['Project-Access-Token', stray()]), body: read })],
    ['as cookie', () => ({ headers: headers(none, ['Cookie', `session=${stray()}`]), body: read })],
    ['as an API key', () => ({ headers: headers(none, ['X-Api-Key', stray()]), body: read })],
    ['in a header of another name', () => ({ headers: headers(none, ['X-Railway-Token', stray()]), body: read })],
    [
      'in the query string',
      () => ({ headers: headers(none), path: `/graphql/v2?access_token=${stray()}`, body: read }),
    ],
    [
      'in the query string as token',
      () => ({ headers: headers(none), path: `/graphql/v2?token=${stray()}`, body: read }),
    ],
    [
      'in variables',
      () => ({
        headers: headers(none),
        body: JSON.stringify({ query: '{ me { id } }', variables: { railway_token: stray() } }),
      }),
    ],
    ['in a deletion', () => ({ headers: headers(['Authorization', `Bearer ${stray()}`]), body: deletion() })],
    [
      'with a deletion by REST',
      () => ({
        method: 'DELETE',
        host: 'api.railway.app',
        path: '/v2/volumes/vol_prod_abc123',
        headers: headers(['Authorization', `Bearer ${stray()}`]),
      }),
    ],
  ])('%s', async (_where, attempt) => {
    const sent = attempt();
    expect(await expectRefused(() => send(target, sent))).toBe('credential-stray');
  });

  it('the founder’s own command names the stray token’s fingerprint, not the token', async () => {
    const reply = await send(target, { headers: headers(['Authorization', `Bearer ${stray()}`]), body: deletion() });
    expect(reply.text).toContain('credential-stray');
    expect(reply.text).not.toContain(stray().slice(0, 13));
  });
});

describe('a placeholder stands in one place only', () => {
  it.each<[string, () => Attempt]>([
    [
      'as Basic password',
      () => ({ headers: headers(['Authorization', `Basic ${base64(`x:${placeholder}`)}`]), body: read }),
    ],
    [
      'as Basic user',
      () => ({ headers: headers(['Authorization', `Basic ${base64(`${placeholder}:`)}`]), body: read }),
    ],
    ['without a scheme', () => ({ headers: headers(['Authorization', placeholder]), body: read })],
    ['under another scheme', () => ({ headers: headers(['Authorization', `Token ${placeholder}`]), body: read })],
    ['with something behind it', () => ({ headers: headers(['Authorization', `Bearer ${placeholder}x`]), body: read })],
    ['with something before it', () => ({ headers: headers(['Authorization', `Bearer x${placeholder}`]), body: read })],
    ['in quotes', () => ({ headers: headers(['Authorization', `Bearer "${placeholder}"`]), body: read })],
    ['in base64', () => ({ headers: headers(['Authorization', `Bearer ${base64(placeholder)}`]), body: read })],
    [
      'with an escape',
      () => ({ headers: headers(['Authorization', `Bearer ${placeholder.replace('_', '%5f')}`]), body: read }),
    ],
    ['in a cookie', () => ({ headers: headers(none, ['Cookie', `t=${placeholder}`]), body: read })],
    ['in another header', () => ({ headers: headers(none, ['X-Copy', placeholder]), body: read })],
    ['in the path', () => ({ headers: headers(none), path: `/${placeholder}`, body: read })],
    [
      'in the query string, escaped',
      () => ({ headers: headers(none), path: `/graphql/v2?q=${placeholder.replace('hp_', '%68p%5F')}`, body: read }),
    ],
    ['in the body', () => ({ body: JSON.stringify({ query: '{ me { id } }', variables: { copy: placeholder } }) })],
    [
      'in the body, in base64',
      () => ({ body: JSON.stringify({ query: '{ me { id } }', variables: { copy: base64(`--${placeholder}`) } }) }),
    ],
    [
      'twice in the same header',
      () => ({
        headers: headers(['Authorization', `Bearer ${placeholder}`], ['Authorization', `Bearer ${placeholder}`]),
        body: read,
      }),
    ],
    ['in both slots', () => ({ headers: headers(['Project-Access-Token', placeholder]), body: read })],
    ['in the slot of a provider that is not its own', () => ({ method: 'GET', host: strangeHost, path: '/' })],
  ])('%s', async (_where, attempt) => {
    const sent = attempt();
    expect(await expectRefused(() => send(target, sent))).toMatch(/^credential-(misplaced|ambiguous|stray)$/);
  });

  it('two credentials that contradict each other are no request', async () => {
    const two = headers(['Authorization', `Bearer ${placeholder}`], ['Authorization', `Bearer ${stray()}`]);
    expect((await send(target, { headers: two, body: read })).statuses).toEqual([400]);
  });

  it('an agent without it in its grant gets nothing injected', async () => {
    const bytes = bytesOf({ body: read });
    const refused = () => throughTunnel(target, railwayHost, bytes, { as: 'bare' });
    expect(await expectRefused(refused)).toBe('credential-not-granted');
  });

  it('in the clear it is not a placeholder any more', async () => {
    const lines = [
      `GET http://${railwayHost}/ HTTP/1.1`,
      `Host: ${railwayHost}`,
      `Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken)}`,
      `Authorization: Bearer ${placeholder}`,
      'Connection: close',
    ];
    await expectRefused(() => toProxy(target, `${lines.join('\r\n')}\r\n\r\n`));
  });
});

describe('who is not known gets nowhere', () => {
  const connectWith = (line: string) =>
    `CONNECT ${railwayHost}:443 HTTP/1.1\r\nHost: ${railwayHost}:443\r\n${line}\r\n`;
  it.each<[string, () => string]>([
    ['without a token', () => connectWith('')],
    ['with an empty one', () => connectWith('Proxy-Authorization: Basic \r\n')],
    [
      'with the placeholder for a token',
      () => connectWith(`Proxy-Authorization: ${proxyAuthorization(agent, placeholder)}\r\n`),
    ],
    [
      'with a real credential for a token',
      () => connectWith(`Proxy-Authorization: ${proxyAuthorization(agent, stray())}\r\n`),
    ],
    [
      'with most of the token',
      () => connectWith(`Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken.slice(0, -1))}\r\n`),
    ],
    [
      'with the token in Authorization',
      () => connectWith(`Authorization: ${proxyAuthorization(agent, target.agentToken)}\r\n`),
    ],
  ])('%s', async (_who, bytes) => {
    const reply = await toProxy(target, bytes());
    expect(reply.statuses).toEqual([407]);
    expect(reply.text).toContain('agent-token-missing');
  });
});

describe('hosts that are nobody’s', () => {
  it('a POST with data waits for a human, and nothing has arrived', async () => {
    const reply = await send(target, { host: strangeHost, headers: headers(none), body: 'all the bookings' });
    expect(reply.statuses).toEqual([423]);
    expect(target.arrived.filter((each) => each.startsWith('POST'))).toEqual([]);
  });

  it('a sign-in of the agent’s own waits for a human', async () => {
    const own = headers(['Authorization', 'Bearer something-of-its-own']);
    expect((await send(target, { method: 'GET', host: strangeHost, path: '/', headers: own })).statuses).toEqual([423]);
  });

  it('a governed host cannot be tunnelled, whatever the policy says', async () => {
    const text = target.policyText.replace(/hosts: .*/, `hosts: { tunnel: [${hostileHost}] }`);
    const asked = target.instance.control.diffPolicy(text);
    await expect(asked.then((diff) => (diff.ok ? 'accepted' : diff.reason.code)))
      .rejects.toThrow(/./)
      .catch(async () => {
        expect(await asked.then((diff) => diff.ok)).toBe(false);
      });
  });
});
