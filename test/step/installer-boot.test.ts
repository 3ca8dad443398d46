import {describe, expect, it} from 'vitest';
import type {Sha256, StepId} from '../../src/brand.ts';
import {unknownPath, type MediumPath} from '../../src/plan/path.ts';
import type {MediumReading, Progress} from '../../src/progress.ts';
import {ok} from '../../src/result.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import type {Medium, Outside} from '../../src/step/world.ts';
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
const direct: Runbook = {
  ...runbook,
  steps: [
    ...runbook.steps.slice(0, 1),
    step('mount', 'media.mount', own),
    step('boot', 'installer.boot', {needs: '500MB'}),
  ],
};

const medium: Medium = {
  url: 'http://10.9.0.2:8080/other/rebuild.iso',
  sha256: 'a'.repeat(64) as Sha256,
  bytes: 540_000_000,
};

/** A machine whose installer reads 10 MB at each look, and whose BMC loses the medium where `losses` says so. */
function stand(losses: readonly number[], path: MediumPath = unknownPath): Stand & {readonly world: Outside} {
  const clock = new VirtualClock();
  const machine = new Machine(direct, clock);
  const world = machine.world();
  const left = [...losses];
  let covered = 0;
  let lastRead = 0;
  const read = (): void => {
    if (machine.slot === undefined || machine.system === 'off') return;
    if (covered >= (left[0] ?? Infinity)) {
      left.shift();
      machine.slot = undefined;
      return;
    }
    // It is through with its medium before all of it is read.
    if (covered >= 520_000_000) return;
    covered += 10_000_000;
    lastRead = clock.ticks();
  };
  return {
    clock,
    machine,
    journal: memoryJournal(clock),
    world: {
      ...world,
      record: async () => ({path, link: unknownPath, runs: []}),
      shelf: {
        ...world.shelf,
        iso: async () => ok(medium),
        served: () => {
          read();
          return {bytes: covered, requests: 1, covered, idleMs: clock.ticks() - lastRead};
        },
        recount: () => {
          covered = 0;
        },
      },
      bmc: {
        ...world.bmc,
        power: async (want) => {
          machine.system = want === 'on' ? 'installer' : 'off';
          return ok(undefined);
        },
      },
    },
  };
}

describe('an installer that runs from the virtual CD', () => {
  it('is through once so much was read', async () => {
    const s = stand([]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    const done = s.journal.entries.flatMap(({event}) => (event.type === 'step.done' ? [event] : [])).at(-1);
    expect(done?.proof.data).toMatchObject({attempts: 1, mediaLosses: 0, bytesRead: 520_000_000});
  });

  it('begins anew at every loss, and each is on record with what was read for nothing', async () => {
    const s = stand([120_000_000, 400_000_000]);
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    const lost = s.journal.entries.flatMap(({event}) => (event.type === 'step.interrupted' ? [event] : []));
    expect(lost.map(({cause, bytesAgain}) => [cause, bytesAgain])).toEqual([
      ['medium lost', 120_000_000],
      ['medium lost', 400_000_000],
    ]);
    expect(s.machine.counts.inserts).toBe(3);
  });

  it('stops after the attempts it is given, and names the other way', async () => {
    const s = stand([120_000_000, 400_000_000, 490_000_000]);
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
});

/** What was told of each look at the medium while it was read. */
async function readings(losses: readonly number[], path?: MediumPath): Promise<readonly MediumReading[]> {
  const told: Progress[] = [];
  const s = stand(losses, path);
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
