import {expect, test} from 'vitest';
import {ok, type Result} from '../../../src/result.ts';
import {portIsolate} from '../../../src/step/port-isolate.ts';
import type {World} from '../../../src/step/world.ts';
import type {Reach} from '../../../src/step/world/vantage.ts';
import {VirtualClock} from '../../simulator/clock.ts';
import {Machine} from '../../simulator/machine.ts';
import {runbook} from '../../simulator/runbook.ts';
import {handOf} from '../../step/hand.ts';
import {vlan, vlanEdge, type ManagedSwitch} from './vlan-edge.ts';

class Switch implements ManagedSwitch {
  #now: {readonly vlan: number; readonly permit: readonly string[]} = {vlan: vlan.production, permit: []};
  #before = this.#now;
  reachable = true;

  running = (): string =>
    `interface ge-0/0/7 vlan ${this.#now.vlan}\n${this.#now.permit.map((who) => `permit ${who}\n`).join('')}`;
  port = () => this.#now;
  denied = () => 3;
  change(to: {readonly vlan: number; readonly permit: readonly string[]}): void {
    this.#before = this.#now;
    this.#now = to;
  }
  confirm(): boolean {
    if (!this.reachable) this.#now = this.#before;
    return this.reachable;
  }
}

function worldBehind(device: Switch): World {
  const world = new Machine(runbook, new VirtualClock()).world();
  const vantages = world.vantages.map((vantage) => ({
    ...vantage,
    reach: async (_: string, port: string): Promise<Result<Reach>> => {
      const {vlan: at, permit} = device.port();
      const passes = at === vlan.production || (permit.includes(vantage.address ?? '') && port === 'tcp/22');
      return ok(passes ? 'open' : 'silent');
    },
  }));
  return {...world, vantages, edge: vlanEdge(device), earlier: () => undefined, forgone: () => false};
}
const params = (words: object = {}) => portIsolate.params.parse(words);

test('port.isolate works with a switch that moves the host into a VLAN of its own, and back', async () => {
  const device = new Switch();
  const before = device.running();
  const world = worldBehind(device);
  const applied = await portIsolate.apply(world, params(), handOf().hand);
  expect(applied.ok).toBe(true);
  expect(device.port()).toEqual({vlan: vlan.quarantine, permit: ['10.9.0.2']});
  const verified = await portIsolate.verify(world, params());
  expect(verified).toMatchObject({
    ok: true,
    value: {
      says: 'closed when tried from outside',
      data: {
        checks: [
          {check: 'tcp/22 open from controller', verdict: 'passed'},
          {check: 'closed to outside, 203.0.113.20', verdict: 'passed'},
        ],
      },
    },
  });
  // It does not count by destination: nothing is claimed of that.
  expect(verified.ok && verified.value.data).not.toHaveProperty('refused');

  const undone = await portIsolate.undo!(world, params(), applied.ok ? applied.value : {says: '', data: {}});
  expect(undone.ok).toBe(true);
  expect(device.running()).toBe(before);
});

test('what it cannot hold it refuses before it changes anything', async () => {
  for (const words of [{block: ['tcp/80']}, {resolver: ['203.0.113.53']}]) {
    const device = new Switch();
    const applied = await portIsolate.apply(worldBehind(device), params(words), handOf().hand);
    expect(applied).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
    expect(device.port().vlan).toBe(vlan.production);
  }
});

test('a change that it took back is told', async () => {
  const device = new Switch();
  device.reachable = false;
  const applied = await portIsolate.apply(worldBehind(device), params(), handOf().hand);
  expect(applied).toMatchObject({ok: false, fault: {code: 'edge.reverted'}});
  expect(device.port().vlan).toBe(vlan.production);
});
