/**
 * Takes TCP connections and UDP datagrams on the endpoints named, reports each over Node's message channel and answers
 * nothing: `node listener.ts tcp,ADDRESS,PORT udp,ADDRESS,PORT ...`. The command server that the suspect's beacon dials
 * is one, the neighbour's file share another. It ends with the channel.
 */
import {createSocket} from 'node:dgram';
import {createServer} from 'node:net';
import {endpointText, listening, type Contact, type Endpoint} from './contact.ts';

const came = (endpoint: Endpoint, address = ''): void => {
  process.send?.({from: address.replace(/^::ffff:/, ''), to: endpointText(endpoint)} satisfies Contact);
};

function take(endpoint: Endpoint): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  const {protocol, address, port} = endpoint;
  if (protocol === 'udp') {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4', (_, from) => came(endpoint, from.address));
    socket.bind(port, address, resolve);
  } else {
    const server = createServer((socket) => {
      came(endpoint, socket.remoteAddress);
      // A peer that resets the connection is a contact all the same.
      socket.on('error', () => {});
      socket.end();
    });
    server.listen(port, address, resolve);
  }
  return promise;
}

const endpoints = process.argv.slice(2).map((word): Endpoint => {
  const [protocol, address = '', port] = word.split(',');
  return {protocol: protocol === 'udp' ? 'udp' : 'tcp', address, port: Number(port)};
});
await Promise.all(endpoints.map(take));
process.send?.(listening);
process.on('disconnect', () => process.exit(0));
