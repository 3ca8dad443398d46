import {spawn} from 'node:child_process';
import {createSocket, type Socket as Socket4} from 'node:dgram';
import {once} from 'node:events';
import {createConnection, createServer, type Server, type Socket} from 'node:net';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {controllerVantage, sshVantage} from '../../src/device/vantage.ts';
import type {TcpPort, UdpPort} from '../../src/runbook/runbook.ts';
import {Secret} from '../../src/secret.ts';
import type {Vantage} from '../../src/step/world/vantage.ts';
import {freePort, haveSshd, startSshd, type Sshd} from './ssh/sshd.ts';

describe.runIf(haveSshd).each(['controller', 'outside'])('the %s as a vantage', (name) => {
  let sshd: Sshd;
  let listener: Server;
  let at: Vantage;
  let open: TcpPort;
  let closed: TcpPort;

  beforeAll(async () => {
    sshd = await startSshd();
    listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    open = `tcp/${(listener.address() as {port: number}).port}`;
    closed = `tcp/${await freePort()}`;
    const spec = {
      address: '127.0.0.1',
      port: sshd.port,
      user: sshd.user,
      hostKey: sshd.hostKey,
      key: 'env:KEY',
    } as const;
    at = name === 'controller' ? controllerVantage('127.0.0.1') : sshVantage(name, spec, new Secret(sshd.key));
  });
  afterAll(async () => {
    listener?.close();
    await sshd?.stop();
  });

  test('tells open from refused', async () => {
    expect(await at.reach('127.0.0.1', open)).toEqual({ok: true, value: 'open'});
    expect(await at.reach('127.0.0.1', closed)).toEqual({ok: true, value: 'refused'});
  });

  test('an attempt that is never answered is silence', async () => {
    const mute = await listenWithoutAccepting();
    try {
      expect(await at.reach('127.0.0.1', `tcp/${mute.port}`)).toEqual({ok: true, value: 'silent'});
      expect(await at.hostKey('127.0.0.1', mute.port)).toEqual({ok: true, value: undefined});
    } finally {
      mute.stop();
    }
  });

  test('a scan tells every port that is not refused', async () => {
    const ssh: TcpPort = `tcp/${sshd.port}`;
    const mute = await listenWithoutAccepting();
    try {
      expect(await at.scan('127.0.0.1', [closed, ssh, `tcp/${mute.port}`, open])).toEqual({
        ok: true,
        value: {[ssh]: 'open', [`tcp/${mute.port}`]: 'silent', [open]: 'open'},
      });
    } finally {
      mute.stop();
    }
    expect(await at.scan('127.0.0.1', [])).toEqual({ok: true, value: {}});
    // After silence its logins are new ones.
    expect(await at.reach('127.0.0.1', open)).toEqual({ok: true, value: 'open'});
  });

  test('reads a host key, and knows when nothing answers', async () => {
    expect(await at.hostKey('127.0.0.1', sshd.port)).toEqual({ok: true, value: sshd.hostKey});
    expect(await at.hostKey('127.0.0.1', Number(closed.slice(4)))).toEqual({ok: true, value: undefined});
    expect(await at.hostKey('127.0.0.1', Number(open.slice(4)))).toEqual({ok: true, value: undefined});
  });

  test('tells UDP ports that answer from those that are refused and those that stay silent', async () => {
    const told = new Map<UdpPort, readonly Buffer[]>();
    // Nobody else's, though one port is that of a service.
    const own = `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`;
    const sockets: Socket4[] = [];
    const serve = async (port: number, answer: string | undefined): Promise<UdpPort> => {
      const socket = createSocket('udp4');
      sockets.push(socket);
      socket.bind(port, own);
      await once(socket, 'listening');
      const name: UdpPort = `udp/${socket.address().port}`;
      const got: Buffer[] = [];
      told.set(name, got);
      socket.on('message', (data, from) => {
        got.push(data);
        if (answer !== undefined) socket.send(Buffer.from(answer, 'latin1'), from.port, from.address);
      });
      return name;
    };
    try {
      // What begins with a NUL, a line end or a blank is an answer like any other.
      const answering = await Promise.all(['here', '\0\0', '\n', ' '].map((answer) => serve(0, answer)));
      const mute = await serve(0, undefined);
      // A question of several lines.
      const ssdp = await serve(1900, undefined);
      const gone = await serve(0, undefined);
      sockets.pop()?.close();
      expect(await at.ask(own, [...answering, mute, ssdp, gone])).toEqual({
        ok: true,
        value: {
          is: 'asked',
          reached: {
            ...Object.fromEntries(answering.map((port) => [port, 'open'])),
            [mute]: 'silent',
            [ssdp]: 'silent',
            [gone]: 'refused',
          },
        },
      });
      // Each is asked in one datagram, and a silent one twice.
      expect(answering.map((port) => told.get(port))).toEqual(answering.map(() => [Buffer.from('\n')]));
      expect(told.get(mute)).toHaveLength(2);
      expect(told.get(ssdp)?.map(String)).toEqual([m, m]);
    } finally {
      for (const socket of sockets) socket.close();
    }
  });
});

const m = 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n';

test.runIf(haveSshd)('a place that runs no program of ours asks no UDP port, and says so', async () => {
  const sshd = await startSshd(['ForceCommand /bin/false']);
  const {port, user, hostKey, key} = sshd;
  const at = sshVantage('outside', {address: '127.0.0.1', port, user, hostKey, key: 'env:KEY'}, new Secret(key));
  try {
    expect(await at.ask('127.0.0.1', ['udp/53'])).toEqual({
      ok: true,
      value: {is: 'unable', why: 'bash there ended with 1'},
    });
    expect(await at.reach('127.0.0.1', `tcp/${port}`)).toEqual({ok: true, value: 'open'});
  } finally {
    at.close();
    await sshd.stop();
  }
});

/** A port on which the kernel drops every new connection: its accept queue is full and nobody empties it. */
async function listenWithoutAccepting(): Promise<{port: number; stop(): void}> {
  const script =
    "const s = require('net').createServer().listen({port: 0, host: '127.0.0.1', backlog: 1}, () => console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit']});
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(line.toString());
  // One more than the backlog fits; the rest of these is dropped too.
  const fill = Array.from({length: 4}, () => createConnection({port, host: '127.0.0.1'}).on('error', () => {}));
  await once(fill[1] as Socket, 'connect');
  return {
    port,
    stop() {
      for (const socket of fill) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
