import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import type {HostKeyPin, Serial} from '../../src/brand.ts';
import {exitOfFault} from '../../src/command/exit-of.ts';
import {exit} from '../../src/exit.ts';
import {itemOf} from '../../src/evidence/outcome.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {evidenceCapture} from '../../src/step/evidence-capture.ts';
import {mayErase, standingText, verdictsIn} from '../../src/step/evidence/verdict.ts';
import type {World} from '../../src/step/world.ts';
import type {Bmc} from '../../src/step/world/bmc.ts';
import type {Collected, Suspect} from '../../src/step/world/suspect.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {evidenceIn} from '../simulator/evidence.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const disk = 'S3Z8NB0K412345' as Serial;
const book: Runbook = {
  ...runbook,
  suspect: {
    address: '203.0.113.20',
    port: 22,
    user: 'root',
    hostKey: `SHA256:${'O'.repeat(43)}` as HostKeyPin,
    key: 'file:/nowhere',
    system: 'linux',
  },
};
const lena = {by: 'lena', reason: 'the logs are enough'};
const whole: Result<Collected> = ok({complete: true});
const lost: Result<Collected> = failed(fault('ssh.lost', 'the line broke'));

let folder: string;
let clock: VirtualClock;
let world: World;
/** What was asked of the host, by the verb and its first argument. */
let asked: string[];
/** How it answers. */
let answer: (verb: string, signal: AbortSignal) => Result<Collected>;
let secondsEach: number;
let enter: Suspect['enter'] | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-capture-'));
  clock = new VirtualClock();
  asked = [];
  answer = () => whole;
  secondsEach = 0;
  enter = undefined;
  const {suspect, ...rest} = new Machine(book, clock).world();
  world = {
    ...rest,
    suspect: {
      ...suspect,
      enter: (signal) => (enter ? enter(signal) : suspect.enter(signal)),
      collect: async (verb, _, sink, signal) => {
        const name = verb.slice(0, 2).join(' ');
        asked.push(name);
        await clock.sleep(secondsEach * 1000, signal);
        const said = answer(name, signal);
        if (said.ok) await sink.write(Buffer.from(name));
        return said;
      },
    },
    evidence: evidenceIn(folder, clock),
    earlier: () => undefined,
    forgone: () => false,
  };
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const capture = (more: object = {}, hand = handOf().hand) =>
  evidenceCapture.apply(world, evidenceCapture.params.parse({profile: 'triage', ...more}), hand);

const sealed = async (bundle: 'triage' | 'memory' = 'triage') => {
  const checked = await world.evidence.check(bundle, 'whole');
  return checked.ok && checked.value !== undefined;
};

/** Stops with exit code 3, and says what is missing; asked again, it says the same and asks the host nothing. */
async function fails(says: string, more: object = {}): Promise<void> {
  for (let time = 0; time < 2; time++) {
    if (time === 1) asked = [];
    const done = await capture(more);
    expect(done).toMatchObject({ok: false, fault: {code: 'evidence.failed', says: expect.stringContaining(says)}});
    if (!done.ok) expect(exitOfFault(done.fault, exit.failed)).toBe(exit.refused);
  }
  expect(asked).toEqual([]);
}

const waits = async (says: string, more: object = {}): Promise<void> => {
  const done = await capture(more);
  expect(done).toMatchObject({ok: false, fault: {code: 'evidence.incomplete', says: expect.stringContaining(says)}});
  expect(await sealed()).toBe(false);
};

const standing = async (more: object = {}) => {
  const done = await capture(more);
  if (!done.ok) throw new Error(`${done.fault.code}: ${done.fault.says}`);
  const verdicts = verdictsIn(done.value);
  const [verdict] = verdicts;
  expect(verdicts).toHaveLength(1);
  expect(mayErase(disk, verdicts)).toEqual(ok(verdict));
  return verdict!;
};

describe('a capture', () => {
  it('is verified where everything came', async () => {
    expect(await standing()).toMatchObject({profile: 'triage', standing: {is: 'verified'}});
  });

  it('that has a second is none: each resume has its time again, and after three it has failed', async () => {
    secondsEach = 5;
    const within = {within: '1s'};
    await waits('24 of 28 not whole: network (its time was over)', within);
    await waits('not whole: ', within);
    await fails('not whole: ', within);
    expect(await sealed()).toBe(true);
  });

  it('takes with a resume what its time was too short for, and nothing twice', async () => {
    secondsEach = 10;
    await waits('not whole', {within: '90s'});
    await waits('not whole', {within: '90s'});
    expect(await standing({within: '90s'})).toMatchObject({standing: {is: 'verified'}});
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('that ended at a limit of its own has failed: it would end there again', async () => {
    answer = (verb) =>
      verb === 'tar tmp' ? ok({complete: false, cut: 'bytes', reason: 'cut off after 9 bytes'}) : whole;
    await fails('triage: 1 of 28 not whole: temporary (cut off after 9 bytes)');
    expect(await sealed()).toBe(true);
  });

  it('that is not whole stands on the name of who accepts that, and says so', async () => {
    answer = (verb) =>
      verb === 'tar tmp' ? ok({complete: false, cut: 'bytes', reason: 'cut off after 9 bytes'}) : whole;
    const verdict = await standing({accept: lena});
    expect(verdict.standing.is).toBe('accepted');
    expect(standingText(verdict)).toMatch(
      /^triage, manifest [0-9a-f]{12}, 1 of 28 not whole: temporary \(cut off after 9 bytes\); accepted by lena: the logs are enough$/,
    );
  });

  it('that is accepted ends with its time', async () => {
    secondsEach = 5;
    expect(await standing({within: '1s', accept: lena})).toMatchObject({
      standing: {is: 'accepted', says: expect.stringContaining('its time was over')},
    });
  });

  it('on no name where it is whole', async () => {
    expect(await standing({accept: lena})).toMatchObject({standing: {is: 'verified'}});
  });

  it('that was interrupted has not been tried', async () => {
    const over = new AbortController();
    answer = (verb) => {
      if (verb !== 'kernel') return whole;
      over.abort();
      return lost;
    };
    for (let time = 0; time < 4; time++)
      expect(await capture({}, handOf({signal: over.signal}).hand)).toMatchObject({
        ok: false,
        fault: {code: 'run.interrupted'},
      });
    answer = () => whole;
    expect(await standing()).toMatchObject({standing: {is: 'verified'}});
  });
});

const times = (verb: string): number => asked.filter((each) => each === verb).length;

describe('a host that ends the connection', () => {
  it('at one question is asked it three times, all others once, and has failed', async () => {
    answer = (verb) => (verb === 'kernel' ? lost : whole);
    const says = '1 of 28 not whole: kernel (the host did not answer: ssh.lost)';
    await waits(says);
    await waits(says);
    expect([times('kernel'), times('clock'), times('bodyfile')]).toEqual([2, 1, 1]);
    await fails(says);
    expect(await sealed()).toBe(true);
  });

  it('is asked three times although what comes is accepted: the line may be ours', async () => {
    answer = (verb) => (verb === 'kernel' ? lost : whole);
    await waits('kernel', {accept: lena});
    await waits('kernel', {accept: lena});
    expect(await standing({accept: lena})).toMatchObject({standing: {is: 'accepted'}});
    expect(times('kernel')).toBe(3);
  });

  it('at every question has had its three attempts with three questions each', async () => {
    answer = () => lost;
    await waits('25 of 28 not whole');
    await waits('25 of 28 not whole');
    await fails('25 of 28 not whole: clock (');
  });

  it('and then lets nobody in, too; but one that never did is a fault for itself', async () => {
    enter = async () => failed(fault('ssh.unreachable', 'nothing answers'));
    expect(await capture()).toMatchObject({ok: false, fault: {code: 'ssh.unreachable'}});
    enter = undefined;
    answer = (verb) => (verb === 'kernel' ? lost : whole);
    await waits('kernel');
    enter = async () => failed(fault('ssh.host-key-differs', 'another key'));
    for (let time = 0; time < 3; time++)
      expect(await capture()).toMatchObject({ok: false, fault: {code: 'ssh.host-key-differs'}});
    enter = async () => failed(fault('suspect.refused', 'no'));
    await waits('kernel');
    await fails('kernel (not asked: suspect.refused)');
  });
});

const map = (said: Collected) => (verb: string) => (verb === 'memory-map' ? ok(said) : whole);

describe('RAM', () => {
  it('that the kernel refuses is not to be had: what is verified is triage', async () => {
    answer = map({complete: false, reason: 'ended with 1: dd: can’t open: Operation not permitted'});
    expect(await standing({profile: 'memory'})).toMatchObject({profile: 'triage', standing: {is: 'verified'}});
  });

  it('whose map does not come in its time is none that the kernel refuses', async () => {
    answer = map({complete: false, cut: 'seconds', reason: 'did not end in 60 s: Operation not permitted'});
    await fails('memory (its map: did not end in 60 s', {profile: 'memory'});
  });
});

const papers = (read: Awaited<ReturnType<Bmc['papers']>>): void => {
  world = {...world, bmc: {...world.bmc, papers: async () => read}};
};

describe('a BMC', () => {
  it('that refuses one of its resources has been asked, and that is on record', async () => {
    papers(
      ok({
        papers: [
          {path: '/redfish/v1/', body: {}},
          {path: '/redfish/v1/Managers', trouble: 'no'},
        ],
      }),
    );
    expect(await standing()).toMatchObject({standing: {is: 'verified'}});
    const checked = await world.evidence.check('triage', 'quick');
    expect(checked.ok && checked.value?.records.find(({id}) => itemOf(id) === 'bmc')).toMatchObject({
      complete: true,
      reason: 'refused: 1 of 2 resources',
    });
  });

  it('that stops answering on the way is asked again', async () => {
    papers(ok({papers: [{path: '/redfish/v1/', body: {}}], cut: 'lost'}));
    await waits('bmc (the BMC stopped answering)');
    papers(failed(fault('bmc.unreachable', 'gone')));
    await waits('not whole: bmc (bmc.unreachable)');
    papers(ok({papers: []}));
    expect(await standing()).toMatchObject({standing: {is: 'verified'}});
  });

  it('that tells without an end has not told all', async () => {
    papers(ok({papers: [], cut: 'limit'}));
    await fails('bmc (the BMC links to more than is taken)');
  });
});
