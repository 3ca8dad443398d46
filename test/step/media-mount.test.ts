import {describe, expect, it} from 'vitest';
import type {Instant, Sha256} from '../../src/brand.ts';
import {hostRecord} from '../../src/command/host-record.ts';
import {assemble} from '../../src/plan/assemble.ts';
import {gather} from '../../src/plan/gather.ts';
import {unknownPath, type MediumPath} from '../../src/plan/path.ts';
import type {Plan} from '../../src/plan/plan.ts';
import {differencesOf} from '../../src/plan/difference.ts';
import {documentOf} from '../../src/plan/document.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {mediaEject} from '../../src/step/media-eject.ts';
import {mediaMount} from '../../src/step/media-mount.ts';
import {kinds} from '../../src/step/registry.ts';
import type {World} from '../../src/step/world.ts';
import type {Medium} from '../../src/step/world/image.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {lyingBmc, type Act} from '../simulator/lying-bmc.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook, step} from '../simulator/runbook.ts';
import {run, sit} from '../simulator/sitting.ts';
import {handOf} from './hand.ts';

const sha256 = 'a'.repeat(64) as Sha256;
const image = 'iso/vendor.iso';
const medium: Medium = {url: 'http://10.9.0.2:8080/token/vendor.iso', sha256, bytes: 5_400_000_000};
const slow: MediumPath = {bytesPerSecond: 170_000, rateFrom: 'runbook', losses: {known: 'mean', seconds: 1800}};

function stand(path: MediumPath, params: object): {readonly world: World; readonly machine: Machine} {
  const clock = new VirtualClock();
  const steps = runbook.steps
    .filter(({kind}) => kind === 'media.mount')
    .map((step) => ({...step, params: mediaMount.params.parse(params) as typeof step.params}));
  const mounting: Runbook = {...runbook, steps};
  const machine = new Machine(mounting, clock);
  const plain = machine.world();
  const shelf = {...plain.shelf, iso: async () => ok(medium)};
  return {
    machine,
    world: {
      ...plain,
      shelf,
      record: async () => ({path, link: unknownPath, runs: []}),
      earlier: () => undefined,
      forgone: () => false,
    },
  };
}

async function planned(path: MediumPath, params: object): Promise<Plan> {
  const {world, machine} = stand(path, params);
  const found = await gather(world, kinds);
  if (!found.ok) throw new Error(found.fault.says);
  const now = '2026-11-21T09:00:00.000Z' as Instant;
  return assemble(machine.runbook, 'b'.repeat(64) as Sha256, found.value, kinds, now);
}

describe('the incident: 5.4 GB at 170 kB/s, gone within half an hour', () => {
  it('cannot be planned: refused with numbers, the light one named', async () => {
    const {errors, moving} = await planned(slow, {image, sha256});
    expect(errors).toMatchObject([{step: 'mount', fault: {code: 'media.hopeless'}}]);
    expect(errors[0]?.fault.says).toMatch(/5400 MB at 170 kB\/s, takes 8\.8 h.*The light ISO, 39\.0 MB.*takes 4 min/);
    expect(moving?.outlooks['mount']).toMatchObject({name: image, bytes: 5.4e9, light: {verdict: {is: 'likely'}}});
  });

  it('is not mounted either where it comes to that: nothing is touched', async () => {
    const {world, machine} = stand(slow, {image, sha256});
    const outcome = await mediaMount.apply(world, mediaMount.params.parse({image, sha256}), handOf().hand);
    expect(outcome).toMatchObject({ok: false, fault: {code: 'media.hopeless'}});
    expect(machine.counts.inserts).toBe(0);
    expect(machine.system).toBe('suspect');
  });

  it('is refused all the same where nobody can tell how large the light one is', async () => {
    const {world, machine} = stand(slow, {image, sha256});
    machine.lightBytes = failed(fault('image.build-failed', 'no package lists here'));
    const outcome = await mediaMount.apply(world, mediaMount.params.parse({image, sha256}), handOf().hand);
    expect(outcome).toMatchObject({ok: false, fault: {code: 'media.hopeless'}});
    expect(machine.counts.inserts).toBe(0);
  });

  it('is mounted where the runbook says why', async () => {
    const force = 'the replay of the incident';
    expect((await planned(slow, {image, sha256, force})).errors).toEqual([]);
    const {world, machine} = stand(slow, {image, sha256, force});
    expect(await mediaMount.apply(world, mediaMount.params.parse({image, sha256, force}), handOf().hand)).toMatchObject(
      {ok: true},
    );
    expect(machine.counts.inserts).toBe(1);
  });
});

it('is refused by what the run itself has measured since it was planned: the light one before it was lost', async () => {
  const clock = new VirtualClock();
  const steps = [
    step('isolate', 'port.isolate'),
    step('mount', 'media.mount'),
    step('boot', 'target.boot'),
    step('vendor', 'media.mount', {image, sha256}),
  ];
  const machine = new Machine({...runbook, steps}, clock);
  machine.vendorIso = medium;
  const lost = [12_000_000, 4_000_000].map((at): Act => ({is: 'lost', at}));
  const {world: lying, counted} = lyingBmc(machine, clock, lost);
  const kept = memoryJournal(clock);
  const journal = {...kept, runs: async () => ok([run])};
  const world: World = {...lying, record: () => hostRecord(journal, machine.runbook)};
  // Nobody has said or measured anything when it is planned: nothing is refused.
  const found = await gather(world, kinds);
  if (!found.ok) throw new Error(found.fault.says);
  expect(found.value.outlooks['vendor']).not.toHaveProperty('refusal');
  const end = await sit({machine, clock, journal}, undefined, {world});
  expect(end).toMatchObject({end: 'failed', step: 'vendor', fault: {code: 'media.hopeless'}});
  expect(end).toHaveProperty('fault.says', expect.stringContaining('lost a medium 2 times in'));
  expect(counted.inserts).toBe(3);
});

it('a path that moves makes no plan stale, and changes no digest', async () => {
  const before = await planned({...slow, losses: {known: 'nothing'}}, {});
  const after = await planned({...slow, bytesPerSecond: 3_000_000}, {});
  expect(before.moving?.outlooks).not.toEqual(after.moving?.outlooks);
  const {stale, moved} = differencesOf(documentOf(before), documentOf(after));
  expect(stale).toEqual([]);
  expect(moved.map(({name}) => name)).toContain('path.bytesPerSecond');
  expect(after.digest).toBe(before.digest);
});

it('a reason without an ISO of one’s own is a mistake, and a word is no reason', () => {
  const params = mediaMount.params.parse({image: 'light', force: 'because I say so'});
  expect(mediaMount.check?.(params, runbook, 2)).toMatchObject([{path: ['force']}]);
  expect(mediaMount.params.safeParse({image, sha256, force: 'true'}).success).toBe(false);
});

const unknown = unknownPath;

describe('a BMC that takes the image and mounts nothing', () => {
  const says = 'virtual media slot Cd accepted the image and never showed it';
  /** The first `times` inserts come to nothing. */
  function deaf(times: number) {
    const {world, machine} = stand(unknown, {});
    let asked = 0;
    const insert: World['bmc']['insert'] = async (url, signal) =>
      asked++ < times ? failed(fault('media.not-mounted', says)) : world.bmc.insert(url, signal);
    return {machine, asked: () => asked, world: {...world, bmc: {...world.bmc, insert}}};
  }

  it('is asked again after a longer wait each time, and that is on record', async () => {
    const {world, machine, asked} = deaf(3);
    const {hand, told} = handOf();
    const outcome = await mediaMount.apply(world, mediaMount.params.parse({}), hand);
    expect(outcome).toMatchObject({ok: true, value: {data: {inserts: 4}}});
    expect(asked()).toBe(4);
    expect(machine.clock.ticks()).toBeGreaterThanOrEqual(5_000 + 20_000 + 80_000);
    expect(told.interruptions.map(({cause, over}) => [cause, over])).toEqual(
      Array.from({length: 3}, () => ['bmc trouble', false]),
    );
    expect(told.regained).toMatchObject([{attempts: 4}]);
  });

  it('is left to a person after as many attempts as the runbook says', async () => {
    const {world, asked} = deaf(Infinity);
    const {hand, told} = handOf();
    const outcome = await mediaMount.apply(world, mediaMount.params.parse({attempts: 3}), hand);
    expect(outcome).toMatchObject({
      ok: false,
      fault: {
        code: 'media.not-mounted',
        says: `${says}, in 3 attempts`,
        next: expect.stringMatching(/^look at the BMC.*rebuild resume HOST$/),
      },
    });
    expect(asked()).toBe(3);
    expect(told.interruptions).toHaveLength(3);
  });

  it('and shows it minutes later is not asked twice', async () => {
    const {world, machine} = stand(unknown, {});
    const insert: World['bmc']['insert'] = async (url) => {
      machine.counts.inserts++;
      machine.slot = url;
      return failed(fault('media.not-mounted', says));
    };
    const outcome = await mediaMount.apply(
      {...world, bmc: {...world.bmc, insert}},
      mediaMount.params.parse({}),
      handOf().hand,
    );
    expect(outcome).toMatchObject({ok: true, value: {data: {inserts: 1}}});
    expect(machine.counts.inserts).toBe(1);
  });

  it('an operator who stops the run does not wait for it', async () => {
    const {world} = deaf(Infinity);
    const stop = new AbortController();
    const {hand} = handOf({signal: stop.signal, interrupted: async () => stop.abort()});
    const outcome = await mediaMount.apply(world, mediaMount.params.parse({}), hand);
    expect(outcome).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  });
});

/** It answers nothing for so many minutes, whatever it is asked. */
function away(minutes: number) {
  const {world, machine} = stand(unknown, {});
  const until = machine.clock.ticks() + minutes * 60_000;
  const asked = {media: 0};
  const media: World['bmc']['media'] = async () => {
    asked.media++;
    return machine.clock.ticks() < until
      ? failed(fault('bmc.unreachable', '10.9.0.31 did not answer (ETIMEDOUT)'))
      : world.bmc.media();
  };
  return {machine, asked, world: {...world, bmc: {...world.bmc, media}}};
}

describe('a BMC that starts again just as a step begins', () => {
  it.each([
    ['media.mount', (world: World) => mediaMount.apply(world, mediaMount.params.parse({}), handOf().hand)],
    ['media.eject', (world: World) => mediaEject.apply(world, {}, handOf().hand)],
  ] as const)('%s waits until it is back, ten minutes if need be', async (_, step) => {
    const {world, machine} = away(10);
    expect(await step(world)).toMatchObject({ok: true});
    expect(machine.clock.ticks()).toBeGreaterThanOrEqual(600_000);
  });

  it('and never comes back is a fault in the end', async () => {
    const {world, asked} = away(60 * 24);
    expect(await mediaMount.apply(world, mediaMount.params.parse({}), handOf().hand)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.unreachable'},
    });
    expect(asked.media).toBeLessThan(20);
  });
});
