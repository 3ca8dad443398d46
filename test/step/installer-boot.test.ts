import {describe, expect, it} from 'vitest';
import type {Sha256, StepId} from '../../src/brand.ts';
import {fault} from '../../src/fault.ts';
import {unknownPath, type MediumPath} from '../../src/plan/path.ts';
import type {MediumReading, Progress} from '../../src/progress.ts';
import {failed, ok} from '../../src/result.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {judgeInstaller, type InstallerEvidence, type InstallerVerdict} from '../../src/step/installer/evidence.ts';
import {kinds} from '../../src/step/registry.ts';
import type {Outside} from '../../src/step/world.ts';
import type {BmcEvent} from '../../src/step/world/bmc.ts';
import type {Medium} from '../../src/step/world/image.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';

const step = (id: string, kind: string, params: object): StepEntry => ({
  id: id as StepId,
  kind,
  params: kinds.get(kind)!.params.parse(params),
  place: {file: 'runbooks/saturn.yaml', line: 1, column: 5},
});

const own = {image: 'iso/vendor.iso', sha256: 'a'.repeat(64), force: 'for the test of its loss'};
const booting = (params: object): Runbook => ({
  ...runbook,
  steps: [...runbook.steps.slice(0, 1), step('mount', 'media.mount', own), step('boot', 'installer.boot', params)],
});
const direct = booting({needs: '500MB'});

const medium: Medium = {
  url: 'http://10.9.0.2:8080/other/rebuild.iso',
  sha256: 'a'.repeat(64) as Sha256,
  bytes: 540_000_000,
};

interface Loss {
  /** Of the medium, when so many bytes of it have been read since the host was started. */
  readonly at: number;
  /** The slot is empty (as it is unless given), or goes on showing the medium; the log tells of it, where it is to. */
  readonly told?: 'by the slot' | 'by the log' | 'by nobody';
}

interface Laid extends Stand {
  readonly world: Outside;
  /** When the host was started, by the clock's ticks. */
  readonly starts: number[];
}

/** A machine whose installer reads 10 MB at each look, up to `reads`, and whose BMC loses the medium as `losses` say. */
function stand(losses: readonly Loss[], book = direct, reads = 520_000_000, path: MediumPath = unknownPath): Laid {
  const clock = new VirtualClock();
  const machine = new Machine(book, clock);
  const world = machine.world();
  const left = [...losses];
  const log: BmcEvent[] = [];
  const starts: number[] = [];
  let covered = 0;
  let lastRead: number | undefined;
  let dead = false;
  const read = (): void => {
    if (machine.slot === undefined || dead || machine.system === 'off') return;
    const [next] = left;
    if (next && covered >= next.at) {
      left.shift();
      const {told = 'by the slot'} = next;
      dead = true;
      if (told === 'by the slot') machine.slot = undefined;
      if (told === 'by the log') log.push({is: 'ejected', by: 'other', code: '1', says: 'Virtual media is detached.'});
      return;
    }
    // It is through with its medium before all of it is read.
    if (covered >= reads) return;
    covered += 10_000_000;
    lastRead = clock.ticks();
  };
  return {
    clock,
    machine,
    starts,
    journal: memoryJournal(clock),
    world: {
      ...world,
      record: async () => ({path, link: unknownPath, runs: []}),
      shelf: {
        ...world.shelf,
        iso: async () => ok(medium),
        served: () => {
          read();
          return {
            bytes: covered,
            requests: 1,
            covered,
            ...(lastRead !== undefined && {idleMs: clock.ticks() - lastRead}),
          };
        },
        recount: () => {
          covered = 0;
          lastRead = undefined;
        },
      },
      bmc: {
        ...world.bmc,
        events: async (mark) => ok({events: mark === undefined ? [] : log.slice(Number(mark)), mark: `${log.length}`}),
        insert: async (url, signal) => {
          dead = false;
          log.push({is: 'inserted', by: 'other', code: '2', says: 'Virtual media is attached.'});
          return world.bmc.insert(url, signal);
        },
        power: async (want) => {
          if (want === 'on') starts.push(clock.ticks());
          machine.system = want === 'on' ? 'installer' : 'off';
          return ok(undefined);
        },
      },
    },
  };
}

const interruptions = ({journal}: Stand) =>
  journal.entries.flatMap(({event}) => (event.type === 'step.interrupted' ? [event] : []));
const minutes = (ms: number): number => ms / 60_000;

describe('an installer that runs from the virtual CD', () => {
  it('is through once so much was read', async () => {
    const s = stand([]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    const done = s.journal.entries.flatMap(({event}) => (event.type === 'step.done' ? [event] : [])).at(-1);
    expect(done?.proof.data).toMatchObject({attempts: 1, mediaLosses: 0, bytesRead: 520_000_000});
  });

  it('begins anew at every loss, and each is on record with what was read for nothing', async () => {
    const s = stand([{at: 120_000_000}, {at: 400_000_000}]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(interruptions(s).map(({cause, bytesAgain}) => [cause, bytesAgain])).toEqual([
      ['medium lost', 120_000_000],
      ['medium lost', 400_000_000],
    ]);
    expect(s.machine.counts.inserts).toBe(3);
  });

  it('stops after the attempts it is given, and names the other way', async () => {
    const s = stand([{at: 120_000_000}, {at: 400_000_000}, {at: 490_000_000}]);
    expect(await sit(s, undefined, {world: s.world})).toMatchObject({
      end: 'failed',
      step: 'boot',
      fault: {
        code: 'media.lost',
        says: 'the iso went away in 3 of 3 attempts, after 120.0 MB, 400.0 MB, 490.0 MB',
        next: expect.stringContaining('media.stage'),
      },
    });
  });

  it('begins anew within seconds where only the BMC’s log tells of the loss, in its words', async () => {
    const s = stand([{at: 120_000_000, told: 'by the log'}]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(interruptions(s)).toMatchObject([
      {cause: 'medium lost', bytesAgain: 120_000_000, says: expect.stringContaining('Virtual media is detached.')},
    ]);
    expect(s.machine.counts.inserts).toBe(2);
    expect(minutes(s.starts[1]! - s.starts[0]!)).toBeLessThan(1);
  });

  it('begins anew after the silence it is given where nobody tells of the loss', async () => {
    for (const [silence, from, to] of [
      ['30m', 30, 32],
      ['5m', 5, 7],
      ['2h', 120, 122],
    ] as const) {
      const s = stand([{at: 120_000_000, told: 'by nobody'}], booting({needs: '500MB', silence}));
      expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
      expect(interruptions(s)).toMatchObject([{cause: 'medium unread', bytesAgain: 120_000_000}]);
      expect(s.machine.counts.inserts).toBe(2);
      const apart = minutes(s.starts[1]! - s.starts[0]!);
      expect(apart).toBeGreaterThan(from);
      expect(apart).toBeLessThan(to);
    }
  });

  it('waits longer before each further attempt, and then for a person', async () => {
    const told = 'by the log';
    const s = stand(
      [
        {at: 0, told},
        {at: 0, told},
        {at: 0, told},
        {at: 0, told},
      ],
      booting({needs: '500MB', attempts: 4}),
    );
    expect(await sit(s, undefined, {world: s.world})).toMatchObject({end: 'failed', fault: {code: 'media.lost'}});
    const [one = 0, two = 0, three = 0, four = 0] = s.starts;
    expect(two - one).toBeLessThan(three - two);
    expect(three - two).toBeLessThan(four - three);
  });

  it('is needed no more once so much was read, though it goes then', async () => {
    const s = stand([{at: 500_000_000}]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(interruptions(s)).toEqual([]);
    expect(s.machine.counts.inserts).toBe(1);
  });

  it('is needed until its port answers, where one is named', async () => {
    const s = stand([{at: 500_000_000}], booting({needs: '500MB', until: 'tcp/22', attempts: 2}));
    const end = await sit(s, undefined, {world: s.world});
    expect(interruptions(s)).toMatchObject([{cause: 'medium lost'}]);
    // The second start reads all it needs, and its silence after that is no loss; its port never opens.
    expect(end).toMatchObject({end: 'failed', fault: {code: 'installer.not-started'}});
    expect(s.machine.counts.inserts).toBe(2);
  });

  it('goes on where the BMC did not take the medium at once', async () => {
    const s = stand([{at: 120_000_000}]);
    let asked = 0;
    const insert: Outside['bmc']['insert'] = async (url, signal) =>
      ++asked === 2 ? failed(fault('bmc.unreachable', 'no answer')) : s.world.bmc.insert(url, signal);
    const world = {...s.world, bmc: {...s.world.bmc, insert}};
    expect(await sit(s, undefined, {world})).toEqual({end: 'done'});
    expect(interruptions(s).map(({cause}) => cause)).toEqual(['medium lost', 'bmc trouble']);
  });
});

const moment: InstallerEvidence = {
  begun: true,
  enough: false,
  untilPort: false,
  stillMs: 6_000,
  gone: 0,
  loggedLost: false,
  silenceMs: 1_800_000,
};

it.each<[string, Partial<InstallerEvidence>, InstallerVerdict]>([
  ['one odd reading of the slot', {gone: 1}, 'wait'],
  ['an empty slot', {gone: 2}, 'lost'],
  ['an empty slot while bytes flow', {gone: 9, stillMs: 100}, 'wait'],
  ['a line in the log', {loggedLost: true}, 'lost'],
  ['a line in the log while bytes flow', {loggedLost: true, stillMs: 100}, 'wait'],
  ['a pause', {stillMs: 1_700_000}, 'wait'],
  ['a silence', {stillMs: 1_900_000}, 'read no more'],
  ['a silence before the first byte, as in a self-test', {begun: false, stillMs: 500_000}, 'wait'],
  ['a silence in which no self-test is so long', {begun: false, stillMs: 700_000}, 'never read'],
  ['all read', {enough: true, gone: 2, loggedLost: true, stillMs: 1_900_000}, 'wait'],
  ['all read, and it is needed until a port answers', {enough: true, untilPort: true, stillMs: 1_900_000}, 'wait'],
  ['all read, gone, and needed until a port answers', {enough: true, untilPort: true, gone: 2}, 'lost'],
])('%s', (_, evidence, verdict) => {
  expect(judgeInstaller({...moment, ...evidence})).toBe(verdict);
});

/** What was told of each look at the medium while it was read. */
async function readings(losses: readonly number[], path?: MediumPath): Promise<readonly MediumReading[]> {
  const told: Progress[] = [];
  const s = stand(
    losses.map((at) => ({at})),
    direct,
    520_000_000,
    path,
  );
  await sit(s, undefined, {world: s.world, progress: (_, progress) => told.push(progress)});
  return told.flatMap(({medium}) => medium ?? []);
}

describe('while it is read', () => {
  const slow: MediumPath = {rateFrom: 'nothing', losses: {known: 'mean', seconds: 5}};

  it('the chance of this attempt is told, from the rate it is read at, and what it comes to with every loss', async () => {
    // 10 MB in half a second: 500 MB take 25 s, over a path that loses a medium every five.
    const all = await readings([], slow);
    const settled = all.flatMap(({left}) => left ?? []);
    expect(settled.length).toBeGreaterThan(20);
    const [first] = settled;
    expect(first?.chance).toBeGreaterThan(0.005);
    expect(first?.chance).toBeLessThan(0.05);
    // (5 s + 300 s)(e^4.3 - e^0.5): hours for half a minute's work.
    expect(first?.expected.is === 'seconds' && first.expected.seconds).toBeGreaterThan(3 * 3600);
    const chances = settled.map(({chance}) => chance);
    expect(chances).toEqual(chances.toSorted((a, b) => a - b));
    expect(chances.at(-1)).toBeGreaterThan(0.8);
    // No rate is made up from the first moments.
    expect(all[0]).toEqual({lost: 0});
  });

  it('its losses in this step count, also where nothing was known of the path', async () => {
    const all = await readings([120_000_000, 400_000_000]);
    expect(new Set(all.map(({lost}) => lost))).toEqual(new Set([0, 1, 2]));
    expect(all.filter(({lost, left}) => lost === 0 && left)).toEqual([]);
    expect(all.filter(({lost, left}) => lost === 2 && left).length).toBeGreaterThan(20);
  });
});

const kind = kinds.get('installer.boot')!;
const mistakes = (text: object, book: Runbook) => kind.check?.(kind.params.parse(text), book, 1);

describe('its runbook', () => {
  it('says when the iso is needed no more, and which it is', () => {
    expect(mistakes({}, direct)).toEqual([expect.objectContaining({says: expect.stringContaining('needs')})]);
    expect(mistakes({until: 'tcp/22'}, direct)).toEqual([]);
    expect(mistakes({until: 'tcp/22'}, runbook)).toEqual([
      expect.objectContaining({says: expect.stringContaining('no media.mount')}),
    ]);
  });
});
