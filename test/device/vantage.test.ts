import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createConnection, createServer, type Server, type Socket} from 'node:net';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {controllerVantage, sshVantage} from '../../src/device/vantage.ts';
import type {Port} from '../../src/runbook/runbook.ts';
import {Secret} from '../../src/secret.ts';
import type {Vantage} from '../../src/step/world.ts';
import {freePort, haveSshd, startSshd, type Sshd} from './ssh/sshd.ts';

describe.runIf(haveSshd).each(['controller', 'outside'])('the %s as a vantage', (name) => {
  let sshd: Sshd;
  let listener: Server;
  let at: Vantage;
  let open: Port;
  let closed: Port;

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

  test('a scan gives the open ports in the order asked', async () => {
    const ssh: Port = `tcp/${sshd.port}`;
    expect(await at.scan('127.0.0.1', [closed, ssh, open])).toEqual({ok: true, value: [ssh, open]});
    expect(await at.scan('127.0.0.1', [])).toEqual({ok: true, value: []});
  });

  test('reads a host key, and knows when nothing answers', async () => {
    expect(await at.hostKey('127.0.0.1', sshd.port)).toEqual({ok: true, value: sshd.hostKey});
    expect(await at.hostKey('127.0.0.1', Number(closed.slice(4)))).toEqual({ok: true, value: undefined});
    expect(await at.hostKey('127.0.0.1', Number(open.slice(4)))).toEqual({ok: true, value: undefined});
  });

  test('UDP is not guessed at: who can send no datagram says so', async () => {
    const asked = await at.reach('127.0.0.1', 'udp/9');
    if (at.udp) expect(asked).toEqual({ok: true, value: 'refused'});
    else expect(asked).toMatchObject({ok: false, fault: {code: 'vantage.failed'}});
  });
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
