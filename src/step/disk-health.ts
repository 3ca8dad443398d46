import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import {readControllerLog} from './controller-log.ts';
import {judgeHealth, slotMap, type DriveHealth, type HealthReading} from './drive-health.ts';
import type {Hand, Proof, Step} from './step.ts';
import type {Look} from './world.ts';

const params = z.strictObject({});
type Params = z.infer<typeof params>;

const drive = z.object({
  slot: z.string(),
  serial: z.string(),
  model: z.string(),
  passed: z.boolean().optional(),
  powerOnHours: z.number().optional(),
  linkErrors: z.number().optional(),
  mediaErrors: z.number().optional(),
  warning: z.number().optional(),
});
const saved = z.object({drives: z.array(drive)});

/** Read from every drive between the two readings: an error on a cable shows only under work. */
const workPlaces = 64;
const workBytes = 1_048_576;

export const diskHealth: Step<Params> = {
  kind: 'disk.health',
  summary:
    'Reads every drive’s own counters twice with work in between, and stops where drives fail for a reason in common.',
  irreversible: false,
  heldUntil: ['disk.wipe'],
  params,

  probe: async () => ok({}),

  plan: () => [
    {
      id: 'health',
      says: 'read SMART and error counters of every drive, twice',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
  ],

  async apply(world, _, hand) {
    const first = await firstReading(world, hand);
    if (!first.ok) return first;
    const worked = await work(world, hand);
    if (!worked.ok) return worked;
    const second = await world.target.health();
    if (!second.ok) return second;
    return judged(first.value, second.value, hand);
  },

  async verify(look) {
    const now = await look.target.health();
    if (!now.ok) return now;
    return judged(now.value.drives, now.value);
  },
};

/** The first of the whole run: drives that changed over a restart have changed. */
async function firstReading(look: Look, hand: Hand): Promise<Result<readonly DriveHealth[]>> {
  const earlier = saved.safeParse(hand.at);
  if (earlier.success) return ok(earlier.data.drives as readonly DriveHealth[]);
  const now = await look.target.health();
  if (!now.ok) return now;
  const {drives} = now.value;
  await hand.save({drives: drives.map((one) => ({...one}))});
  await hand.note(`${drives.length} drives: ${drives.map(({slot, serial}) => `${slot} ${serial}`).join(', ')}`, {
    slots: slotMap(drives),
  });
  return ok(drives);
}

async function work({target}: Look, hand: Hand): Promise<Result<void>> {
  const disks = await target.disks();
  if (!disks.ok) return disks;
  for (const [done, {serial, name, sizeBytes}] of disks.value.entries()) {
    hand.progress({says: `reading ${name}`, done, of: disks.value.length, unit: 'items'});
    const step = Math.floor(Math.max(0, sizeBytes - workBytes) / (workPlaces - 1) / 4096) * 4096;
    const ranges = Array.from({length: step === 0 ? 1 : workPlaces}, (_, index) => ({
      offset: index * step,
      length: Math.min(workBytes, sizeBytes),
    }));
    // A drive that cannot be read is what this looks for: its counters, or its absence, say so in the second reading.
    const read = await target.digests(serial as never, ranges);
    if (!read.ok && read.fault.code !== 'disk.write-failed') return read;
    if (!read.ok) await hand.note(`${name} could not be read whole: ${read.fault.says}`, {serial});
  }
  return ok(undefined);
}

async function judged(
  before: readonly DriveHealth[],
  {drives, logs}: HealthReading,
  hand?: Hand,
): Promise<Result<Proof>> {
  const {common, single} = judgeHealth(before, drives);
  const readings = logs.map(({controller, bytes}) => ({controller, ...readControllerLog(bytes)}));
  for (const {controller, quarantined, lines} of readings)
    if (quarantined && hand)
      await hand.note(`the log of ${controller} is quarantined from line ${quarantined.line}: ${quarantined.why}`, {
        controller,
        lines,
      });
  const bad = readings.filter(({quarantined}) => quarantined !== undefined);
  if (bad.length > 0)
    return failed(
      fault(
        'disk.controller-distrusted',
        bad
          .map(
            ({controller, quarantined}) =>
              `${controller} wrote ${quarantined?.why} in line ${quarantined?.line} of its log`,
          )
          .join('; '),
        {detail: {controllers: bad.map(({controller}) => controller)}},
      ),
    );
  if (common.length > 0)
    return failed(
      fault('disk.common-cause', `power, cable or backplane until shown otherwise: ${common.join('; ')}`, {
        detail: {common, slots: slotMap(drives)},
      }),
    );
  for (const says of hand ? single : []) await hand?.note(`fails: ${says}`, {});
  return ok({
    says: `${drives.length} drives, ${single.length === 0 ? 'none fails' : `${single.length} fails`}`,
    data: {slots: slotMap(drives), failing: single, logs: readings.map(({controller, lines}) => ({controller, lines}))},
  });
}
