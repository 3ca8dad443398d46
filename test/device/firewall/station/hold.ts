/** ADDRESS PORT: keeps one TCP connection; for each line on stdin says `alive` when it is echoed, else `dead`. */
import {once} from 'node:events';
import {connect} from 'node:net';
import {createInterface} from 'node:readline';

const [address = '', port = ''] = process.argv.slice(2);
const socket = connect(Number(port), address);
let broken = false;
socket.on('error', () => (broken = true));
await once(socket, 'connect');
process.stdout.write('ready\n');
for await (const line of createInterface({input: process.stdin})) {
  const answer = broken
    ? 'dead'
    : await new Promise<string>((resolve) => {
        const timer = setTimeout(() => resolve('dead'), 1200);
        socket.once('data', () => {
          clearTimeout(timer);
          resolve('alive');
        });
        socket.write(line);
      });
  process.stdout.write(`${answer}\n`);
}
process.exit();
