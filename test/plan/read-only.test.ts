import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import type {Sha256} from '../../src/brand.ts';
import {loadRunbook} from '../../src/command/runbook-file.ts';
import {makePlan} from '../../src/command/make-plan.ts';
import {onlyLook} from '../../src/plan/only-look.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import type {Look} from '../../src/step/world.ts';
import {bmcStage, type BmcStage} from '../lab/bmc-stage.ts';
import {labBlueprint} from '../lab/lab-blueprint.ts';
import {labRunbook} from '../lab/lab-runbook.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook as simulated} from '../simulator/runbook.ts';

const clock = new VirtualClock();
const digest = 'b'.repeat(64) as Sha256;
const folder = join(import.meta.dirname, '../../runbooks');

/** Compiled, never called: each line is an error to the compiler, or the compiler says so. */
export function whatPlanningCannotName({bmc, edge, target, shelf}: Look): void {
  // @ts-expect-error it mounts
  void bmc.insert;
  // @ts-expect-error it cuts the power
  void bmc.power;
  // @ts-expect-error it has the BMC do something
  void bmc.screen;
  // @ts-expect-error it changes a password
  void bmc.changePassword;
  // @ts-expect-error it isolates
  void edge.enforce;
  // @ts-expect-error it erases
  void target.startWipe;
  // @ts-expect-error it writes
  void target.write;
  // @ts-expect-error it gives out what makes an image this host
  void shelf.hostFiles;
}

describe('what planning is handed', () => {
  const machine = new Machine(simulated, clock);
  const world = machine.world();
  const look = onlyLook(world);

  it.each([
    ['bmc', ['insert', 'eject', 'bootCdOnce', 'bootNormally', 'power', 'screen']],
    ['edge', ['enforce', 'lift']],
    ['target', ['startWipe', 'write', 'setLatch', 'put', 'settle', 'startNext']],
    ['shelf', ['hostFiles', 'chunks', 'recount']],
  ] as const)('has no method of the %s that writes, not at run time either', (room, writing) => {
    for (const method of writing) {
      expect(world[room], `the simulator lost ${method}`).toHaveProperty(method);
      expect(look[room]).not.toHaveProperty(method);
    }
    expect(Object.isFrozen(look[room])).toBe(true);
  });

  it('reads as the world does', async () => {
    expect(await look.bmc.system()).toEqual(await world.bmc.system());
    expect(await look.shelf.os('debian')).toEqual(await world.shelf.os('debian'));
  });
});

describe.each(['marruuk', 'mpex', 'saturn', 'tessa'])('planning runbooks/%s.yaml', (name) => {
  it('touches nothing of the machine, its disks, its edge', async () => {
    const loaded = await loadRunbook(join(folder, `${name}.yaml`), {cwd: folder, folders: []}, kinds);
    if (!loaded.ok) throw new Error(loaded.fault.says);
    const machine = new Machine(loaded.runbook, clock);
    const touched: string[] = [];
    machine.before = (what) => void touched.push(what);
    const before = structuredClone({end: machine.end(), counts: machine.counts});
    const plan = await makePlan(onlyLook(machine.world()), {runbook: loaded.runbook, digest}, clock);
    expect(plan.ok).toBe(true);
    expect(touched).toEqual([]);
    expect({end: machine.end(), counts: machine.counts}).toEqual(before);
  });
});

describe('planning, by the BMC’s own record', () => {
  let stage: BmcStage;
  beforeEach(async () => {
    stage = await bmcStage();
  });
  afterEach(() => stage.close());

  it('is reads, and the session', async () => {
    const {disks} = labBlueprint();
    const bays = labRunbook().disks;
    const runbook: Runbook = {
      ...labRunbook(),
      disks: Object.fromEntries(
        Object.entries(bays).map(([name, spec]) => [
          name,
          {...spec, sizeBytes: disks.find((each) => each.name === name)?.sizeBytes ?? 0},
        ]),
      ),
      steps: simulated.steps,
    };
    const machine = new Machine(runbook, clock);
    const touched: string[] = [];
    machine.before = (what) => void touched.push(what);
    const bmc = await stage.connect();
    if (!bmc.ok) throw new Error(bmc.fault.says);
    const plan = await makePlan(onlyLook({...machine.world(), bmc: bmc.value}), {runbook, digest}, clock);
    expect(plan.ok && plan.value.errors).toEqual([]);
    await bmc.value.close();

    const log = readFileSync(join(dirname(stage.elsewhere.certificate), 'access.jsonl'), 'utf8');
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as {method: string; path: string; status: number});
    expect(lines.filter(({method}) => method === 'GET').length).toBeGreaterThan(5);
    const writes = lines.filter(({method}) => method !== 'GET' && method !== 'HEAD');
    for (const {method, path} of writes) expect(`${method} ${path}`).toMatch(/^(POST|DELETE) .*\/Sessions(\/|$)/);
    expect(stage.board.effects()).toEqual({inserts: 0, ejects: 0, resets: 0, drops: 0});
    expect(stage.did).toEqual([]);
    expect(touched).toEqual([]);
  });
});
