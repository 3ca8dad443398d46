import {appendFile, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import type {Serial} from '../../src/brand.ts';
import {readCustody} from '../../src/evidence/custody.ts';
import {frameBytes} from '../../src/evidence/frame.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {evidenceCapture} from '../../src/step/evidence-capture.ts';
import type {World} from '../../src/step/world.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {evidenceIn} from '../simulator/evidence.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const serial = 'S3Z8NB0K412345' as Serial;
const sizeBytes = 5 * frameBytes + 65_536;
const book: Runbook = {...runbook, disks: {...runbook.disks, system: {...runbook.disks['system']!, sizeBytes}}};

let folder: string;
let machine: Machine;
let world: World;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-image-step-'));
  const clock = new VirtualClock();
  machine = new Machine(book, clock);
  machine.system = 'light';
  world = {
    ...machine.world(),
    evidence: evidenceIn(folder, clock),
    earlier: () => undefined,
    forgone: () => false,
  };
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const params = evidenceCapture.params.parse({profile: 'image'});
const capture = (hand = handOf().hand) => evidenceCapture.apply(world, params, hand);
/** The line is cut at a frame, for longer than anybody waits; then it is there again. */
const cutOff = async (frame: number) => {
  machine.cutImageAt = frame;
  machine.imageCuts = Infinity;
  const ended = await capture();
  machine.imageCuts = 0;
  return ended;
};
const recorded = async () => {
  const records = readCustody(await readFile(join(folder, 'evidence/marruuk-1/image/custody.jsonl'), 'utf8'));
  return 'brokenAt' in records ? records.brokenAt : records;
};

describe('a disk that is imaged', () => {
  it('goes on over a cut by itself, at the frame into which it fell, and says what it cost', async () => {
    machine.cutImageAt = 3;
    machine.imageCuts = 4;
    const asked: number[] = [];
    const {target} = world;
    world = {...world, target: {...target, image: (...all) => (asked.push(all[1]), target.image(...all))}};
    const {hand, told} = handOf();
    expect(await capture(hand)).toMatchObject({ok: true, value: {data: {incomplete: []}}});
    expect(asked).toEqual([0, 3, 3, 3, 3]);
    expect(told.interruptions).toEqual([
      {cause: 'link cut', says: 'the line is cut', seconds: 11.25, bytesAgain: frameBytes, attempts: 4, over: true},
    ]);
  });

  it('lets a controller in that has another address by now', async () => {
    machine.cutImageAt = 3;
    const {edge, target} = world;
    let [address, cut] = ['10.9.0.2', false];
    const enforced: EdgePolicy[] = [];
    let policy: EdgePolicy = {mode: 'quarantine', admit: [address]};
    world = {
      ...world,
      run: {
        ...world.run,
        get controllerAddress() {
          return address;
        },
      },
      locate: async () => address,
      edge: {
        ...edge,
        policy: async () => ok(policy),
        enforce: async (wanted) => {
          enforced.push(wanted);
          policy = wanted;
          return ok(undefined);
        },
      },
      target: {
        ...target,
        image: async (...all) => {
          // Where it is now nothing answers, until the edge knows of it.
          if (cut && !policy.admit.includes(address)) return failed(fault('ssh.unreachable', 'nothing answers'));
          const read = await target.image(...all);
          if (!read.ok) [cut, address] = [true, '10.9.0.77'];
          return read;
        },
      },
    };
    expect(await capture()).toMatchObject({ok: true, value: {data: {incomplete: []}}});
    expect(enforced).toEqual([{mode: 'quarantine', admit: ['10.9.0.77']}]);
  });

  it('is verified where all of it was read, over a cut', async () => {
    expect(await cutOff(3)).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    const done = await capture();
    expect(done).toMatchObject({
      ok: true,
      value: {data: {verdicts: [{profile: 'image', disk: serial, standing: {is: 'verified'}}]}},
    });
    expect(await recorded()).toMatchObject([{id: `disk-${serial}`, complete: true}]);
  });

  it('has failed where a place of it could not be read, before a cut or after it', async () => {
    const places = [
      [frameBytes + 65_536, 131_072],
      [4 * frameBytes, 65_536],
    ] as const;
    machine.unreadable.set(serial, places);
    expect(await cutOff(3)).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    // What was bad before the cut reads well by now: what is kept of it is zero all the same.
    machine.unreadable.set(serial, places.slice(1));
    const reason = '196608 bytes could not be read and are zero';
    const failed = {
      ok: true,
      value: {
        data: {
          verdicts: [{profile: 'image', disk: serial, standing: {is: 'failed', says: expect.stringContaining(reason)}}],
        },
      },
    };
    expect(await capture()).toMatchObject(failed);
    expect(await recorded()).toMatchObject([{id: `disk-${serial}`, complete: false, reason, unread: places}]);
    // Sealed by now: what another attempt finds is what was sealed.
    machine.unreadable.clear();
    expect(await capture()).toMatchObject(failed);
  });

  it('is refused where its table of frames is not as we write it', async () => {
    await cutOff(2);
    await appendFile(join(folder, `evidence/marruuk-1/image/disk-${serial}.frames.tsv`), '0\t9\tnone\n');
    expect(await capture()).toMatchObject({ok: false, fault: {code: 'evidence.differs'}});
  });
});
