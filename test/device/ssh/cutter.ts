import {once} from 'node:events';
import {createConnection, createServer, type Server} from 'node:net';

/** Passes connections on to `port` and resets each after `bytes` towards it. */
export async function cutter(port: number, bytes: number): Promise<{port: number; server: Server}> {
  const server = createServer((near) => {
    const far = createConnection({port, host: '127.0.0.1'});
    let passed = 0;
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    far.pipe(near);
    near.on('data', (data: Buffer) => {
      passed += data.length;
      if (passed > bytes) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      } else if (!far.write(data)) {
        near.pause();
        far.once('drain', () => near.resume());
      }
    });
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {port: (server.address() as {port: number}).port, server};
}
