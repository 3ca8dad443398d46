import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import {readStrikes} from '../../src/lab/fault/strike-log.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {wrongIn} from '../soak/end-state.ts';
import {operate} from '../soak/operator.ts';
import {eventsOf} from './controller.ts';
import {countsOf, must} from './kill/counts.ts';

// The zeroes that follow the disk's own erase fail, which the light system keeps on record. What a soak has found: no
// resume led on from there.

const marruuk = hostName('marruuk')!;
const script = join(import.meta.dirname, 'faults/zeroes.faults.yaml');
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-zer-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

test('zeroes that failed after the erase are begun anew by a resume, the erase before them is not', async () => {
  const shift = await operate(state, script, async () => {});
  const lab = must(await labAttach(marruuk));
  const strikes = readStrikes(lab.folder.strikes);
  const [failure] = shift.sittings.flatMap((sitting) => eventsOf(sitting, 'step.failed'));
  expect(failure).toMatchObject({step: 'wipe', fault: {code: 'disk.write-failed'}});
  expect(await wrongIn(lab, shift, strikes)).toEqual([]);
  const sent = shift.sittings.flatMap((sitting) => eventsOf(sitting, 'effect.sent')).map(({effect}) => effect);
  expect(sent.filter((effect) => effect.startsWith('wipe:'))).toHaveLength(1);
  expect(sent.filter((effect) => effect.startsWith('blank:')).length).toBeGreaterThan(1);
  // At the disk: its own erase once.
  const {sizeBytes} = lab.blueprint.disks.find(({keep}) => !keep)!;
  const {zeroed} = await countsOf(lab);
  expect(zeroed.formattedBytes).toBeLessThan(1.1 * sizeBytes);
}, 1_800_000);
