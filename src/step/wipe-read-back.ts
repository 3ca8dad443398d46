import {createHash} from 'node:crypto';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec} from '../runbook/runbook.ts';
import {batches, borders, brief, ends, lengthOf, samples, thorough} from './sample.ts';
import type {Hand} from './step.ts';
import type {WipeLevel} from './wipe-level.ts';
import {changeSince, type WipeProbe} from './wipe-probe.ts';
import type {Look, Sample} from './world.ts';

/** What an erased disk must show: zeroes everywhere, zeroes where tables and signatures lie, or other content than before. */
export type Expected = 'zero' | 'ends' | 'changed';

/** What was read back of an erased disk, and how anyone can choose the same places again. */
export interface ReadBack {
  readonly expected: Expected;
  readonly seed: string;
  readonly places: number;
  readonly bytes: number;
  /** Of the whole disk, in percent. */
  readonly percent: number;
}

/** Reads an erased disk back. Faults: `disk.not-blank`, and those of reading. */
export async function readBack(
  look: Look,
  spec: DiskSpec,
  probe: WipeProbe,
  {expected, level}: {readonly expected: Expected; readonly level: WipeLevel},
  hand: Hand,
): Promise<Result<ReadBack>> {
  const {serial, name} = spec;
  const {sizeBytes} = probe.medium;
  const seed = createHash('sha256').update(`${look.run.id}/${serial}`).digest('hex');
  const told = (places: number, bytes: number): ReadBack => ({
    expected,
    seed,
    places,
    bytes,
    percent: Number(((100 * bytes) / sizeBytes).toPrecision(3)),
  });
  if (expected === 'changed') {
    const since = await changeSince(look, serial, probe);
    if (!since.ok) return since;
    const {change, places} = since.value;
    if (change !== 'all changed' && change !== 'nothing to tell by')
      return failed(
        fault('disk.not-blank', `${serial}: ${change} of ${places} places that were read before the erase`),
      );
    const bytes = lengthOf(probe.before);
    await hand.note(`${name} reads differently in all ${places} places that held something`, {serial, places, bytes});
    return ok(told(places, bytes));
  }
  const chosen = [
    ...(expected === 'ends' ? ends(sizeBytes) : samples(seed, sizeBytes, level === 'purge' ? thorough : brief)),
    ...borders(probe.partitions, sizeBytes),
  ];
  const stained = await firstStain(look, spec, chosen, hand);
  if (!stained.ok) return stained;
  if (stained.value)
    return failed(
      fault('disk.not-blank', `${serial} is not zero at byte ${stained.value.offset}`, {
        detail: {offset: stained.value.offset},
      }),
    );
  const bytes = lengthOf(chosen);
  const where = expected === 'ends' ? 'at both ends' : `at both ends and in ${chosen.length} places`;
  await hand.note(`${name} reads zero ${where}`, {serial, seed, samples: chosen.length, bytes});
  return ok(told(chosen.length, bytes));
}

async function firstStain(
  {target}: Look,
  {serial, name}: DiskSpec,
  chosen: readonly Sample[],
  hand: Hand,
): Promise<Result<Sample | undefined>> {
  const of = lengthOf(chosen);
  let done = 0;
  for (const batch of batches(chosen)) {
    hand.progress({says: `${name} reading back`, done, of, unit: 'bytes'});
    const stained = await target.notZero(serial, batch);
    if (!stained.ok) return stained;
    if (stained.value[0]) return ok(stained.value[0]);
    done += lengthOf(batch);
  }
  return ok(undefined);
}
