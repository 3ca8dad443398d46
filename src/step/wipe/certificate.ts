import type {Instant} from '../../brand.ts';
import type {Json, JsonObject} from '../../json.ts';
import {z} from 'zod';
import type {Erase} from './erase-disk.ts';
import {wipeLevels} from './level.ts';
import {methodFacts} from './method.ts';
import type {ReadBack} from './read-back.ts';
import type {WipeState, WipeWitness} from '../world/target.ts';

const known = z.string();
const moment = z.iso.datetime().describe('UTC.');

const reading = {
  expected: z
    .enum(['zero', 'fixed', 'ends', 'changed'])
    .describe(
      'zero: every place read is zero. fixed: every place is zero throughout, or all are ones. ends: both ends and old borders are zero. changed: all that held something before differs.',
    ),
  pattern: z.enum(['zero', 'ones']).optional().describe('Of fixed: which of the two.'),
  seed: known
    .nullable()
    .describe(
      'From which the places are drawn; the same seed gives the same places. Null where none was drawn: the whole disk was read, or only its ends.',
    ),
  sections: z
    .int()
    .describe('Equal stretches of the disk, of each of which two places were drawn; 0 where none was drawn.'),
  places: z.int().describe('Drawn ones, both ends, old borders, and where superblocks have their copies.'),
  bytes: z.int().describe('Read after the erase.'),
  percent: z.number().describe('Of the disk.'),
  deviation: known.nullable().describe('Wherein this is less than NIST SP 800-88r1 4.7 asks for, and why.'),
  seen: z
    .array(z.enum(['accepted', 'progress', 'erased flag', 'canary gone']))
    .describe('Of an erase that the disk carried out itself.'),
};
const comparedSays =
  'Places that could show it: all of them, or where other content is expected those that were not blank before.';

/**
 * What was done to one disk and what was seen of it, as the step notes it in the journal. A certificate is this and what
 * the run's other events say of who, when and where.
 */
export const wipeRecord = z.strictObject({
  serial: known.describe('Serial number, by which alone the disk was found.'),
  name: known.describe('Its name in the runbook.'),
  medium: z.strictObject({
    manufacturer: known.describe('Empty where the disk tells none, as ATA and NVMe disks do: the model names it.'),
    model: known,
    firmware: known,
    wwn: known.describe('World wide name or its like; empty where the disk tells none.'),
    bus: z.enum(['nvme', 'ata', 'scsi', 'virtio', 'other']),
    type: z.enum(['magnetic', 'flash']).describe('By the kernel’s word on rotation; a virtual disk may be either.'),
    sizeBytes: z.int().describe('What a host can address.'),
    nativeBytes: z
      .int()
      .nullable()
      .describe('What the medium has before a host protected area; null where it has no such word.'),
  }),
  level: z.enum(wipeLevels),
  technique: known.describe('As NIST SP 800-88r2 and IEEE 2883 name it.'),
  method: known.describe('What was used, in this program’s words.'),
  command: known.nullable().describe('Word for word; null where the light system was restarted since.'),
  tool: known.nullable().describe('Name and version of what ran it.'),
  began: moment,
  ended: moment,
  attempts: z.int().describe('Of the step, of which this one ended.'),
  evidence: known.describe('On what ground the disk was erased: which evidence was kept, or who waived it.'),
  verification: z
    .discriminatedUnion('result', [
      z
        .strictObject({result: z.literal('passed'), ...reading, compared: z.int().min(1).describe(comparedSays)})
        .describe('Every place that could show it shows what is expected.'),
      z
        .strictObject({
          result: z.literal('nothing to compare'),
          ...reading,
          compared: z.literal(0).describe(comparedSays),
          instead: known.describe('What was checked in place of it.'),
        })
        .describe('The disk was blank before wherever it was read, so other content than before cannot show.'),
    ])
    .describe('Whether the technique ended as intended. Places show gross failure only.'),
});
export type WipeRecord = z.infer<typeof wipeRecord>;

interface Outcome {
  readonly how: string;
  readonly back: ReadBack;
  readonly ended: Instant;
  readonly attempt: number;
}

export function recordOf(
  {spec, probe, level, evidence}: Erase & {readonly evidence: string},
  {call, seen}: Extract<WipeState, {state: 'done'}>,
  {how, back, ended, attempt}: Outcome,
): JsonObject {
  const {vendor, model, firmware, wwn, bus, rotational, sizeBytes, nativeBytes} = probe.medium;
  const record: WipeRecord = {
    serial: spec.serial,
    name: spec.name,
    medium: {
      manufacturer: vendor,
      model,
      firmware,
      wwn,
      bus: bus as WipeRecord['medium']['bus'],
      type: rotational ? 'magnetic' : 'flash',
      sizeBytes,
      nativeBytes: nativeBytes ?? null,
    },
    level,
    technique: methodFacts(probe.method).technique,
    method: how,
    command: call?.argv ?? null,
    tool: call?.tool ?? null,
    began: probe.begun,
    ended,
    attempts: attempt,
    evidence,
    verification: verificationOf(back, witnessed(seen)),
  };
  return JSON.parse(JSON.stringify(record)) as Json as JsonObject;
}

type Witnessed = WipeRecord['verification']['seen'];

const witnessed = (seen: WipeWitness | undefined): Witnessed =>
  seen
    ? [
        ...(seen.accepted ? (['accepted'] as const) : []),
        ...(seen.progress ? (['progress'] as const) : []),
        ...(seen.erasedFlag ? (['erased flag'] as const) : []),
        ...(seen.canaryGone ? (['canary gone'] as const) : []),
      ]
    : [];

const verificationOf = (back: ReadBack, seen: Witnessed): WipeRecord['verification'] =>
  back.result === 'passed'
    ? {...back, seen}
    : {
        ...back,
        seen,
        // `doubtOf` believes no erase without the two.
        instead:
          'the disk accepted the command, and the canary of 1 MiB that was written to its middle before it is gone',
      };
