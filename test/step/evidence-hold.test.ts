import {describe, expect, it} from 'vitest';
import {fault} from '../../src/fault.ts';
import type {JsonObject} from '../../src/json.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import {evidenceHold} from '../../src/step/evidence-hold.ts';
import type {Proof} from '../../src/step/step.ts';
import type {World} from '../../src/step/world.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const params = evidenceHold.params.parse({for: '36h', reason: 'who comes back for it'});

function stand() {
  const clock = new VirtualClock();
  const machine = new Machine(runbook, clock);
  const world: World = {...machine.world(), earlier: () => undefined, forgone: () => false};
  return {clock, machine, world};
}

const hours = (clock: VirtualClock, since: string): number => (Date.parse(clock.now()) - Date.parse(since)) / 3_600_000;

describe('a hold', () => {
  it('lasts as long as it says, and goes on with the same deadline after a resume', async () => {
    const {clock, world} = stand();
    const begun = clock.now();
    let saved;
    const first = handOf({save: async (checkpoint) => void (saved ??= checkpoint)});
    expect(await evidenceHold.apply(world, params, first.hand)).toMatchObject({
      ok: true,
      value: {says: 'held; its time was over'},
    });
    expect(hours(clock, begun)).toBeCloseTo(36, 1);
    expect(first.told.notes[0]?.says).toContain('who comes back for it');
    expect(saved).toHaveProperty('until');
    // Taken up again: the deadline is past, so it is over at once.
    const again = clock.now();
    expect((await evidenceHold.apply(world, params, handOf({at: saved}).hand)).ok).toBe(true);
    expect(hours(clock, again)).toBe(0);
  });

  it('is ended by a person, by name', async () => {
    const {clock, world} = stand();
    let asked = 0;
    const released = async () => (++asked > 3 ? {by: 'lena@jump1', why: 'seen enough'} : undefined);
    const begun = clock.now();
    const held = await evidenceHold.apply(world, params, handOf({released}).hand);
    expect(held).toMatchObject({ok: true, value: {says: 'held; ended by lena@jump1: seen enough'}});
    expect(hours(clock, begun)).toBeLessThan(1);
  });

  it('is ended by its condition, and by no outage of who would tell it', async () => {
    const {clock, world, machine} = stand();
    let packets = 0;
    const refused = async () => ok({packets: (packets += 10)});
    const counted = evidenceHold.params.parse({for: '36h', reason: 'r', refused: 100});
    const edge = {...world.edge, refused};
    const held = await evidenceHold.apply({...world, edge}, counted, handOf().hand);
    expect(held).toMatchObject({ok: true, value: {says: 'held; the gateway has refused 100 packets of it'}});
    machine.system = 'off';
    const begun = clock.now();
    const off = evidenceHold.params.parse({for: '1h', reason: 'r', off: true});
    expect(await evidenceHold.apply(world, off, handOf().hand)).toMatchObject({
      value: {says: 'held; the BMC says that the host is off'},
    });
    expect(hours(clock, begun)).toBeLessThan(1);
  });

  it('is interrupted without being over', async () => {
    const {world} = stand();
    const stopped = new AbortController();
    stopped.abort();
    expect(await evidenceHold.apply(world, params, handOf({signal: stopped.signal}).hand)).toMatchObject({
      ok: false,
      fault: {code: 'run.interrupted'},
    });
  });
});

const dataOf = (proof: Result<Proof>): JsonObject => (proof.ok ? proof.value.data : {});
const gone = (): Result<void> => failed(fault('edge.unreachable', '10.9.0.1 does not answer'));

describe('a host that is held stays isolated', () => {
  const quarantine: EdgePolicy = {mode: 'quarantine', admit: ['10.9.0.2']};
  const isolated: World['earlier'] = (kind) =>
    kind === 'port.isolate' ? {says: 'closed', data: {policy: {...quarantine}}} : undefined;
  const oneHour = evidenceHold.params.parse({for: '1h', reason: 'who comes back for it'});

  /** An isolated host; `at` is called before each look at the gateway's rules, with the seconds since the beginning. */
  function held(at: (seconds: number, machine: Machine) => Result<void> = () => ok(undefined)) {
    const {clock, machine, world} = stand();
    machine.policy = quarantine;
    const begun = clock.ticks();
    const {edge} = world;
    const saved: JsonObject[] = [];
    const {hand, told} = handOf({save: async (checkpoint) => void saved.push(checkpoint)});
    const asked: World = {
      ...world,
      earlier: isolated,
      edge: {
        ...edge,
        policy: async () => {
          const may = at((clock.ticks() - begun) / 1000, machine);
          return may.ok ? edge.policy() : may;
        },
      },
    };
    return {machine, world: asked, hand, told, saved};
  }

  it('and what the gateway has counted by the end is in the proof', async () => {
    const {world, hand, told} = held();
    const proof = await evidenceHold.apply(world, oneHour, hand);
    expect(dataOf(proof)).toMatchObject({
      ended: 'its time was over',
      refusedPackets: 0,
      refused: expect.arrayContaining([{to: 'tcp/443 to 198.51.100.10', packets: 2}]),
      passed: [],
      checks: [
        {check: 'isolation held', verdict: 'passed', says: 'in force whenever the gateway was asked, 121 times'},
      ],
    });
    expect(told.interruptions).toEqual([]);
  });

  it('a gateway that was started anew is given its rules again, at once, and that is on record', async () => {
    let lost = false;
    const {machine, world, hand, told, saved} = held((seconds, at) => {
      if (seconds > 600 && !lost) {
        lost = true;
        at.policy = undefined;
      }
      return ok(undefined);
    });
    const proof = await evidenceHold.apply(world, oneHour, hand);
    expect(machine.policy).toEqual(quarantine);
    expect(machine.counts.enforced).toBe(1);
    expect(told.interruptions).toMatchObject([
      {cause: 'isolation lost', over: true, attempts: 1, says: expect.stringContaining('when last seen at')},
    ]);
    // What it had counted until then is lost with it, but for this.
    expect(told.notes.find(({says}) => says.includes('no longer holds'))?.data).toMatchObject({
      refused: expect.arrayContaining([{to: 'tcp/443 to 198.51.100.10', packets: 2}]),
    });
    const lostOnce = {check: 'isolation held', verdict: 'failed', says: 'the gateway lost it once; it was put back'};
    expect(dataOf(proof)['checks']).toMatchObject([lostOnce]);
    // A later sitting knows of it.
    expect(saved.at(-1)).toMatchObject({isolationLost: 1, until: expect.any(String)});
    const again = held();
    const later = await evidenceHold.apply(again.world, oneHour, {...again.hand, at: saved.at(-1)});
    expect(dataOf(later)['checks']).toMatchObject([lostOnce]);
  });

  it('a gateway that does not answer ends nothing, and is told once; back without its rules, it gets them', async () => {
    const {machine, world, hand, told} = held((seconds, at) => {
      if (seconds < 600 || seconds > 900) return ok(undefined);
      at.policy = undefined;
      return gone();
    });
    expect(await evidenceHold.apply(world, oneHour, hand)).toMatchObject({ok: true});
    expect(told.notes.filter(({says}) => says.includes('is not known'))).toHaveLength(1);
    expect(told.interruptions).toHaveLength(1);
    expect(machine.policy).toEqual(quarantine);
  });

  it('rules that cannot be put back fail it, and so does what gets through', async () => {
    const {world, hand} = held((_, at) => {
      at.policy = undefined;
      return ok(undefined);
    });
    const stuck = {...world, edge: {...world.edge, enforce: async () => failed(fault('edge.reverted', 'cut off'))}};
    expect(await evidenceHold.apply(stuck, oneHour, hand)).toMatchObject({ok: false, fault: {code: 'edge.reverted'}});

    const leaking = held();
    const out = {protocol: 'tcp', address: '198.51.100.10', port: 443, packets: 1};
    const edge = {...leaking.world.edge, flows: async () => ok({tried: [out], passed: [out], full: false})};
    expect(await evidenceHold.apply({...leaking.world, edge}, oneHour, leaking.hand)).toMatchObject({
      ok: false,
      fault: {code: 'isolation.leaks', detail: {through: ['tcp/443 to 198.51.100.10']}},
    });
  });

  it('is not over while it is known to be open and the gateway is away', async () => {
    const {world, hand, told} = held((seconds, at) => {
      if (seconds < 600) return ok(undefined);
      at.policy = undefined;
      return seconds < 1200 ? ok(undefined) : gone();
    });
    const away = {...world, edge: {...world.edge, enforce: gone}} as unknown as World;
    expect(await evidenceHold.apply(away, oneHour, hand)).toMatchObject({
      ok: false,
      fault: {code: 'edge.unreachable'},
    });
    expect(told.notes.filter(({says}) => says.includes('no longer holds'))).toHaveLength(1);
  });

  it('without an isolation of this run none was held', async () => {
    const {world} = stand();
    const {hand} = handOf();
    const proof = await evidenceHold.apply(world, oneHour, hand);
    expect(dataOf(proof)['checks']).toMatchObject([{check: 'isolation held', verdict: 'not made'}]);
  });
});
