// The channel end to end with real curl: through the proxy, to the port, and the answer back.

import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agent, type HttpLab, startHttpLab } from '../../testing/http-lab.ts';

const host = 'api.example.test';

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('latin1');
    response.setHeader('Connection', 'x-hop');
    response.setHeader('X-Hop', 'one hop only');
    response.setHeader('X-Kept', 'yes');
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.rawHeaders, body }));
  });
};

let lab: HttpLab;
beforeAll(async () => {
  lab = await startHttpLab({ listener: echo, hosts: [host] });
});
afterAll(() => lab.close());

describe('curl through the proxy', () => {
  it('reaches a TLS origin, with the path, headers and body as sent', async () => {
    const ran = await lab.curl(
      '-d',
      '{"a":1}',
      '-H',
      'X-Order: 1',
      '-H',
      'x-ORDER: 2',
      `https://${host}/v1/a%20b?q=1%2F2`,
    );
    expect(ran.err).toBe('');
    const seen = JSON.parse(ran.out);
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/a%20b?q=1%2F2', body: '{"a":1}' });
    const submitted = lab.port.submitted.at(-1);
    expect(submitted).toMatchObject({ method: 'POST', scheme: 'https', host, port: 443, path: '/v1/a%20b?q=1%2F2' });
    expect(Buffer.from(submitted?.body ?? []).toString()).toBe('{"a":1}');
    expect(submitted?.headers.filter(([name]) => name === 'x-order')).toEqual([
      ['x-order', '1'],
      ['x-order', '2'],
    ]);
    expect(lab.port.opened.at(-1)?.agent).toBe(agent);
  });

  it('reaches a plain origin in absolute form, without passing the token on', async () => {
    const ran = await lab.curl(`http://${host}/plain`);
    const seen = JSON.parse(ran.out);
    expect(seen.url).toBe('/plain');
    expect(seen.headers.join('\n').toLowerCase()).not.toContain('proxy-');
    expect(lab.port.submitted.at(-1)).toMatchObject({ scheme: 'http', port: 80 });
  });

  it('strips hop-by-hop headers of the answer, and those that Connection names', async () => {
    const ran = await lab.curl('-i', `https://${host}/`);
    expect(ran.out.toLowerCase()).toContain('x-kept: yes');
    expect(ran.out.toLowerCase()).not.toContain('x-hop');
  });
});
