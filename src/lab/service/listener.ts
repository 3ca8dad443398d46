/**
 * Takes TCP connections on one address and port, reports each over Node's message channel and closes it:
 * `node listener.ts ADDRESS PORT`. The command server that the suspect's beacon dials is one, the neighbour's file
 * share another. It ends with the channel.
 */
import {createServer} from 'node:net';
import {listening, type Contact} from './contact.ts';

const [address = '', port = ''] = process.argv.slice(2);

const server = createServer((socket) => {
  const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  process.send?.({from, port: Number(port)} satisfies Contact);
  // A peer that resets the connection is a contact all the same.
  socket.on('error', () => {});
  socket.end();
});
server.listen(Number(port), address, () => process.send?.(listening));
process.on('disconnect', () => process.exit(0));
