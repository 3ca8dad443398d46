import {once} from 'node:events';
import {connect, createServer, type Server, type Socket} from 'node:net';

/** A TCP relay that hands on what the far end says in gulps: everything of `everyMs` as one piece. */
export async function gathering(port: number, everyMs: number): Promise<{readonly port: number; close(): void}> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    near.pipe(far);
    let held: Buffer[] = [];
    const timer = setInterval(() => {
      if (held.length > 0) near.write(Buffer.concat(held.splice(0)));
    }, everyMs);
    far.on('data', (data: Buffer) => held.push(data));
    far.on('close', () => {
      clearInterval(timer);
      near.end(Buffer.concat(held));
      held = [];
    });
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
