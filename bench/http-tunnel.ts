// Child process of the HTTP bench: the least a CONNECT proxy in Node can do. No TLS, no identity, no reading; it is the
// yardstick for what interception costs.

import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

const server = createServer();
server.on('connect', (request, client, head) => {
  const [host = '', port = ''] = (request.url ?? '').split(':');
  const upstream = connect({ host, port: Number(port), noDelay: true }, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
