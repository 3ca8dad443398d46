import {once} from 'node:events';
import {createConnection, createServer, type AddressInfo, type Server} from 'node:net';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Cut} from '../../../src/step/world/target.ts';
import {canStage} from '../../image/target-stage.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {delivery, packets} from './image.ts';
import {makeStand, system, wipe, type Stand} from './stand.ts';

/**
 * Passes connections on to `port`. Once `bytes` have come over one, all that is sent on it, either way, vanishes and
 * nobody is told, as behind a firewall that has forgotten it; connections made after that are as they should be.
 */
async function forgetful(port: number, bytes: number): Promise<{port: number; server: Server; forgotten(): number}> {
  let forgotten = 0;
  const server = createServer((near) => {
    const far = createConnection({port, host: '127.0.0.1'});
    let passed = 0;
    let dead = false;
    const mayForget = forgotten === 0;
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    far.on('data', (data: Buffer) => void (dead || near.write(data)));
    near.on('data', (data: Buffer) => {
      passed += data.length;
      if (mayForget && !dead && passed > bytes) {
        dead = true;
        forgotten++;
      }
      if (!dead) far.write(data);
    });
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {port: (server.address() as AddressInfo).port, server, forgotten: () => forgotten};
}

describe.runIf(canStage && haveSshd)('connections that vanish and nobody is told', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = await makeStand();
    await wipe(stand.target());
  }, 120_000);
  afterEach(() => stand.close());

  test('are noticed, and the transfer goes on over new ones', {timeout: 300_000}, async () => {
    const all = packets(12);
    const line = await forgetful(stand.sshd.port, 1_000_000);
    const cuts: Cut[] = [];
    const sent = await stand
      .target(1, line.port)
      .write(system, delivery(all, {cut: async (cut) => void cuts.push(cut)}));
    line.server.close();
    expect(sent).toMatchObject({ok: true});
    expect(line.forgotten()).toBeGreaterThan(0);
    expect(cuts.length).toBeGreaterThan(0);
    expect(await stand.holds(all)).toBe(true);
  });
});
