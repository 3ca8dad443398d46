/** Orders are lists of targets, all tried at once: what came of each, as a list of words. */
import {createSocket} from 'node:dgram';
import {connect} from 'node:net';
import {answering} from './answering.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly udp?: boolean;
  readonly from?: string;
  readonly fromPort?: number;
}

const patienceMs = 1200;

const overTcp = ({address, port, from, fromPort}: Target): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      ...(from !== undefined && {localAddress: from}),
      ...(fromPort !== undefined && {localPort: fromPort}),
    });
    const end = (word: string): void => {
      socket.destroy();
      resolve(word);
    };
    socket.setTimeout(patienceMs, () => end('silent'));
    socket.once('connect', () => socket.write('?'));
    socket.once('data', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(
        ['ECONNREFUSED', 'EHOSTUNREACH', 'ECONNRESET', 'EPERM', 'EACCES'].includes(error.code ?? '')
          ? 'refused'
          : String(error.code),
      ),
    );
  });

const overUdp = ({address, port, fromPort}: Target): Promise<string> =>
  new Promise((resolve) => {
    const socket = createSocket({type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: true});
    const timer = setTimeout(() => end('silent'), patienceMs);
    const end = (word: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(word);
    };
    socket.once('message', () => end('open'));
    socket.once('error', () => end('refused'));
    socket.bind(fromPort ?? 0, () => socket.connect(port, address, () => socket.send('?')));
  });

answering((targets) =>
  Promise.all((targets as readonly Target[]).map((target) => (target.udp ? overUdp(target) : overTcp(target)))),
);
