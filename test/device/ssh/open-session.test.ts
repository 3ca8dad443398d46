import {EventEmitter} from 'node:events';
import {Socket} from 'node:net';
import type {Client} from 'ssh2';
import {describe, expect, test} from 'vitest';
import type {HostKeyPin} from '../../../src/brand.ts';
import {usualLimits} from '../../../src/device/ssh/limits.ts';
import {Session} from '../../../src/device/ssh/open-session.ts';

/** A client of ssh2's whose next request for a channel comes to `outcome`. */
function sessionWhere(outcome: (client: EventEmitter, socket: Socket, settle: (error: Error) => void) => void) {
  const socket = new Socket();
  const client = Object.assign(new EventEmitter(), {
    exec: (_: string, settle: (error: Error) => void) => outcome(client, socket, settle),
    end: () => {},
  });
  const pin = `SHA256:${'a'.repeat(43)}` as HostKeyPin;
  return new Session(client as unknown as Client, socket, 'host port 22', usualLimits, pin);
}

describe('a request that ssh2 says was refused', () => {
  test('was lost where the connection broke under it', async () => {
    const session = sessionWhere((client, socket, settle) => {
      socket.destroy();
      settle(new Error('Unable to exec'));
      client.emit('close');
    });
    expect(await session.exec(['true'])).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
  });

  test('was lost too where the connection’s own end is still on its way', async () => {
    const session = sessionWhere((_, socket, settle) => {
      socket.destroy();
      settle(new Error('Unable to exec'));
    });
    expect(await session.exec(['true'])).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
  });

  test('was not started where the connection lives', async () => {
    const session = sessionWhere((_, __, settle) => settle(new Error('Unable to exec')));
    expect(await session.exec(['true'])).toMatchObject({ok: false, fault: {code: 'ssh.not-started'}});
    session.close();
  });
});
