/** PORT...: answers TCP and UDP on each port, IPv4 and IPv6, with what it is sent; says `ready` when it listens. */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {createServer} from 'node:net';

for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(port, '::');
  const udp = createSocket({type: 'udp6', ipv6Only: false});
  udp.on('message', (message, from) => udp.send(message, from.port, from.address));
  udp.bind(port, '::');
  await Promise.all([once(server, 'listening'), once(udp, 'listening')]);
}
process.stdout.write('ready\n');
