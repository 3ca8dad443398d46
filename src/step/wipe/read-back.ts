import type {Serial} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {batches, coveredBy, isWhole, lengthOf, thorough} from './sample.ts';
import type {Hand} from '../step.ts';
import {drawnPlaces, tablePlaces} from './places.ts';
import {layoutOf, sectionsOf, type Since, type WipeProbe} from './probe.ts';
import type {Look} from '../world.ts';
import type {Sample} from '../world/target.ts';

/**
 * What an erased disk must show: zeroes everywhere, zeroes or ones throughout, zeroes where tables and signatures lie, or
 * other content than before.
 */
export type Expected = 'zero' | 'fixed' | 'ends' | 'changed';

/** What was read back of an erased disk, and how anyone can choose the same places again. */
export type ReadBack = Reading &
  (
    | {readonly result: 'passed'}
    /** It was blank before in every place: that it reads otherwise now, or does not, says nothing. */
    | {readonly result: 'nothing to compare'; readonly expected: 'changed'; readonly compared: 0}
  );

interface Reading {
  readonly expected: Expected;
  /** What every place held, where the technique leaves one of two. */
  readonly pattern?: Filling;
  /** Null where no place is drawn: the whole disk was read, or only where its tables lie. */
  readonly seed: string | null;
  /** Equal stretches of the disk, of each of which two places were drawn; 0 where none was. */
  readonly sections: number;
  readonly places: number;
  /** The places among them that could show it. */
  readonly compared: number;
  readonly bytes: number;
  /** Of the whole disk, in percent. */
  readonly percent: number;
  /** Wherein the reading is less than SP 800-88r1 4.7 asks for, and why. */
  readonly deviation: string | null;
}

type Filling = 'zero' | 'ones';

/**
 * Less than a twentieth of a section, and no entropy: both are asked for of a cryptographic erase, and neither would say
 * more. Disks answer with zeroes for what they have unmapped since.
 */
const comparedDeviation =
  'places have 64 KiB, not a twentieth of their section, because a digest differs once one byte does: of a longer place it would say less; entropy is not measured, because a disk may answer with zeroes for what it has unmapped';

/**
 * Reads an erased disk back. `since`: what has changed of what was remembered from before, where that is the proof.
 * Faults: `disk.not-blank`, and those of reading.
 */
export async function readBack(
  look: Look,
  spec: DiskSpec,
  probe: WipeProbe,
  {expected, since}: {readonly expected: Expected; readonly since: Since},
  hand: Hand,
): Promise<Result<ReadBack>> {
  const {serial, name} = spec;
  const {sizeBytes} = probe.medium;
  if (expected === 'changed') return changed(spec, probe, since, hand);
  const places = expected === 'ends' ? tablePlaces(layoutOf(probe)) : drawnPlaces(layoutOf(probe), thorough);
  const filled = await fillingOf(look, spec, places, expected === 'fixed' ? ['zero', 'ones'] : ['zero'], hand);
  if (!filled.ok) return filled;
  const drawn = expected !== 'ends' && !isWhole(sizeBytes, thorough);
  const covered = coveredBy(places);
  const back: ReadBack = {
    result: 'passed',
    expected,
    ...(expected === 'fixed' && {pattern: filled.value}),
    seed: drawn ? probe.seed : null,
    sections: drawn ? thorough.sections : 0,
    places: places.length,
    compared: places.length,
    bytes: covered,
    percent: percentOf(covered, sizeBytes),
    deviation: null,
  };
  const where =
    expected === 'ends'
      ? 'at both ends and at the borders of old partitions'
      : drawn
        ? `at both ends and in ${places.length} places`
        : 'in every byte';
  await hand.note(`${name} reads ${filled.value} ${where}`, noted(serial, back));
  return ok(back);
}

async function changed(
  {serial, name}: DiskSpec,
  probe: WipeProbe,
  {change, compared, bytes, blank}: Since,
  hand: Hand,
): Promise<Result<ReadBack>> {
  if (change === 'unchanged' || change === 'some changed')
    return failed(
      fault('disk.not-blank', `${serial}: ${change} of ${compared} places that were read before the erase`),
    );
  const sections = sectionsOf(probe);
  const reading = {
    expected: 'changed',
    seed: sections > 0 ? probe.seed : null,
    sections,
    places: compared + blank,
    bytes,
    percent: percentOf(bytes, probe.medium.sizeBytes),
    deviation: comparedDeviation,
  } as const;
  const back: ReadBack =
    change === 'nothing to tell by'
      ? {...reading, result: 'nothing to compare', compared: 0}
      : {...reading, result: 'passed', compared};
  await hand.note(
    back.result === 'passed'
      ? `${name} reads differently in all ${compared} places that held something; ${blank} were blank`
      : `${name}: nothing to compare, it was blank before in all ${blank} places; its canary is gone`,
    noted(serial, back),
  );
  return ok(back);
}

/** What the timeline has of a reading; all of it is in the record that a certificate is made of. */
const noted = (serial: Serial, {seed, places, compared, bytes}: ReadBack): JsonObject => ({
  serial,
  seed,
  places,
  compared,
  bytes,
});

/** The first of the fillings that every place has throughout. Fault: `disk.not-blank`, with the last one's first stain. */
async function fillingOf(
  look: Look,
  spec: DiskSpec,
  places: readonly Sample[],
  fillings: readonly Filling[],
  hand: Hand,
): Promise<Result<Filling>> {
  let stain: Sample | undefined;
  for (const filling of fillings) {
    const found = await firstStain(look, spec, places, filling, hand);
    if (!found.ok) return found;
    if (!found.value) return ok(filling);
    stain = found.value;
  }
  return failed(
    fault('disk.not-blank', `${spec.serial} is not ${fillings.join(' or ')} at byte ${stain?.offset}`, {
      detail: {offset: stain?.offset ?? null},
    }),
  );
}

async function firstStain(
  {target}: Look,
  {serial, name}: DiskSpec,
  places: readonly Sample[],
  filling: Filling,
  hand: Hand,
): Promise<Result<Sample | undefined>> {
  const of = lengthOf(places);
  let done = 0;
  for (const batch of batches(places)) {
    hand.progress({says: `${name} reading back`, done, of, unit: 'bytes'});
    const stained = await (filling === 'zero' ? target.notZero(serial, batch) : target.notOnes(serial, batch));
    if (!stained.ok) return stained;
    if (stained.value[0]) return ok(stained.value[0]);
    done += lengthOf(batch);
  }
  return ok(undefined);
}

const percentOf = (bytes: number, sizeBytes: number): number => Number(((100 * bytes) / sizeBytes).toPrecision(3));
