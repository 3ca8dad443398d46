import {once} from 'node:events';
import {createServer, type Socket} from 'node:net';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {HostKeyPin} from '../../../src/brand.ts';
import {connectSsh, type SshLogin} from '../../../src/device/ssh/connect.ts';
import {hostKeyOf} from '../../../src/device/ssh/host-key.ts';
import type {SshSession} from '../../../src/device/ssh/session.ts';
import {fault} from '../../../src/fault.ts';
import {Secret} from '../../../src/secret.ts';
import {cutter} from './cutter.ts';
import {gathering} from './gathering.ts';
import {childrenOf, haveSshd, startSshd, type Sshd} from './sshd.ts';

const patient = new AbortController().signal;

describe.runIf(haveSshd)('against a real sshd', () => {
  let sshd: Sshd;
  const sessions: SshSession[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(() => {
    for (const session of sessions.splice(0)) session.close();
  });
  afterAll(() => sshd?.stop());

  const login = (more: Partial<SshLogin> = {}): SshLogin => ({
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    key: new Secret(sshd.key),
    hostKey: sshd.hostKey,
    ...more,
  });
  const connected = async (more: Partial<SshLogin> = {}): Promise<SshSession> => {
    const session = await connectSsh(login(more), patient);
    if (!session.ok) throw new Error(session.fault.says);
    sessions.push(session.value);
    return session.value;
  };

  test('runs a program and gives its code, output and error output', async () => {
    const session = await connected();
    const argv = ['sh', '-c', 'cat; echo "$1" >&2; exit 3', 'sh', `it's "$HOME" \\ & more`];
    expect(await session.exec(argv, {stdin: 'in\n'})).toEqual({
      ok: true,
      value: {code: 3, stdout: 'in\n', stderr: `it's "$HOME" \\ & more`},
    });
  });

  test('a program whose start, output, code and end come in one packet has run all the same', async () => {
    const relay = await gathering(sshd.port, 80);
    const session = await connected({port: relay.port});
    const said = await session.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    const most = await session.exec(['sh', '-c', 'echo out'], {maxBytes: 3});
    relay.close();
    expect(said).toEqual({ok: true, value: {code: 3, stdout: 'out\n', stderr: 'err'}});
    expect(most).toMatchObject({ok: false, fault: {code: 'answer.garbled'}});
  });

  test('a program ended by a signal has the code a shell would give it', async () => {
    const session = await connected();
    expect(await session.exec(['sh', '-c', 'kill -9 $$'])).toMatchObject({ok: true, value: {code: 137}});
  });

  test('another host key: refused with both fingerprints, and no login was tried', async () => {
    const pinned = `SHA256:${'A'.repeat(43)}` as HostKeyPin;
    expect(await connectSsh(login({hostKey: pinned}), patient)).toMatchObject({
      ok: false,
      fault: {code: 'ssh.host-key-differs', detail: {seen: sshd.hostKey, pinned}},
    });
  });

  test('a key the server does not know', async () => {
    expect(await connectSsh(login({key: sshd.strangerKey}), patient)).toMatchObject({
      ok: false,
      fault: {code: 'ssh.refused'},
    });
  });

  test('a key that is none', async () => {
    expect(await connectSsh(login({key: 'not a key'}), patient)).toMatchObject({
      ok: false,
      fault: {code: 'ssh.refused'},
    });
  });

  test('more output than allowed is a fault, and the session lives on', async () => {
    const session = await connected();
    expect(await session.exec(['head', '-c', '5000000', '/dev/zero'], {maxBytes: 1000})).toMatchObject({
      ok: false,
      fault: {code: 'answer.garbled'},
    });
    expect(await session.exec(['echo', 'still'])).toMatchObject({ok: true, value: {stdout: 'still\n'}});
  });

  test('a silent program is given up after its idle limit, and the session lives on', async () => {
    const session = await connected();
    expect(await session.exec(['sleep', '60'], {idleMs: 300})).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    expect(session.lost).toBeUndefined();
    expect(await session.exec(['echo', 'still'])).toMatchObject({ok: true, value: {stdout: 'still\n'}});
  });

  test('an abort ends a program under way', async () => {
    const session = await connected();
    const stop = new AbortController();
    const result = session.exec(['sh', '-c', 'echo up; sleep 60'], {signal: stop.signal, onStdout: () => stop.abort()});
    expect(await result).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  });

  test('twenty megabytes go through a talk and back, unharmed, at the reader’s pace', async () => {
    const session = await connected();
    const block = Buffer.alloc(1_048_576, 'rebuild ');
    let bytes = 0;
    let same = true;
    const talk = await session.talk(['cat'], {
      onStdout: async (data) => {
        same &&= Buffer.from(data).equals(block.subarray(bytes % 8, (bytes % 8) + data.length));
        bytes += data.length;
        await Promise.resolve();
      },
    });
    if (!talk.ok) throw new Error(talk.fault.says);
    for (let sent = 0; sent < 20; sent++) expect(await talk.value.write(block)).toBe(true);
    talk.value.end();
    expect(await talk.value.exit).toMatchObject({ok: true, value: {code: 0}});
    expect(bytes).toBe(20 * block.length);
    expect(same).toBe(true);
  });

  test('the server is stopped in mid-exec: lost by lack of movement, not by the clock of the program', async () => {
    const session = await connected({limits: {stallMs: 600}});
    const started = Promise.withResolvers<void>();
    const result = session.exec(['sh', '-c', 'echo up; sleep 60'], {onStdout: () => started.resolve()});
    await started.promise;
    const stopped = (await childrenOf(sshd.process.pid as number)).filter((pid) => tell(pid, 'SIGSTOP'));
    try {
      expect(await result).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
      expect(session.lost).toMatchObject({code: 'ssh.lost'});
      expect(await session.exec(['true'])).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    } finally {
      for (const pid of stopped) tell(pid, 'SIGCONT');
    }
  });

  test('a quiet program on a live connection outlasts the stall limit', async () => {
    const session = await connected({limits: {stallMs: 400}});
    expect(await session.exec(['sleep', '1.5'])).toMatchObject({ok: true, value: {code: 0}});
  });

  test('the connection is cut in mid-stream: a writer is set free and told', async () => {
    const cut = await cutter(sshd.port, 2_000_000);
    try {
      const session = await connected({port: cut.port});
      const talk = await session.talk(['sh', '-c', 'cat >/dev/null'], {onStdout: () => {}});
      if (!talk.ok) throw new Error(talk.fault.says);
      const block = Buffer.alloc(262_144);
      let sent = 0;
      while (await talk.value.write(block)) sent += block.length;
      expect(sent).toBeLessThan(8_000_000);
      expect(await talk.value.exit).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    } finally {
      cut.server.close();
    }
  });

  test('a talk can be dropped with a reason of one’s own', async () => {
    const session = await connected();
    const talk = await session.talk(['sleep', '60'], {onStdout: () => {}});
    if (!talk.ok) throw new Error(talk.fault.says);
    talk.value.drop(fault('target.refused', 'enough'));
    expect(await talk.value.exit).toMatchObject({ok: false, fault: {says: 'enough'}});
  });

  test('forwards a connection, and tells a refused one', async () => {
    const session = await connected();
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const {port} = echo.address() as {port: number};
    const open = await session.forward('127.0.0.1', port, 3000);
    if (!open.ok || open.value.is !== 'open') throw new Error('not open');
    open.value.stream.write('ping');
    const [answer] = (await once(open.value.stream, 'data')) as [Buffer];
    expect(answer.toString()).toBe('ping');
    open.value.stream.destroy();
    echo.close();
    await once(echo, 'close');
    expect(await session.forward('127.0.0.1', port, 3000)).toEqual({ok: true, value: {is: 'refused'}});
  });

  test('reads the host key without logging in', async () => {
    expect(await hostKeyOf('127.0.0.1', sshd.port, patient)).toEqual({ok: true, value: sshd.hostKey});
  });
});

test('a server that accepts and never speaks is given up', async () => {
  const held: Socket[] = [];
  const mute = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const {port} = mute.address() as {port: number};
  const {key} = haveSshd ? await keysOnly() : {key: ''};
  const login = {address: '127.0.0.1', port, user: 'root', key, hostKey: `SHA256:${'A'.repeat(43)}` as HostKeyPin};
  expect(await connectSsh({...login, limits: {handshakeMs: 300}}, patient)).toMatchObject({
    ok: false,
    fault: {code: 'ssh.unreachable'},
  });
  const stop = new AbortController();
  const pending = connectSsh(login, stop.signal);
  setTimeout(() => stop.abort(), 50);
  expect(await pending).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  for (const socket of held) socket.destroy();
  mute.close();
});

/** False where the process has ended by itself, as those of earlier connections may at any time. */
function tell(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function keysOnly(): Promise<{key: string}> {
  const sshd = await startSshd();
  await sshd.stop();
  return {key: sshd.key};
}
