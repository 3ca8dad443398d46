import {z} from 'zod';
import {failed, ok, type Result} from '../result.ts';
import {brief} from './brief.ts';
import {checkData} from './check.ts';
import {named, slotMap, type DriveHealth} from './health/drive.ts';
import {agrees} from './health/drive-map.ts';
import {judge, type Finding, type Seen} from './health/finding.ts';
import {recordData, recorded, type HealthRecord} from './health/record.ts';
import {digestOf, hearOthers, logFound, type Testimony} from './health/source.ts';
import type {Effect, Hand, Proof, Step} from './step.ts';
import type {Look, World} from './world.ts';

const savedLog = z.strictObject({
  controller: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,63}$/, {error: 'expected 1 to 64 plain characters'})
    .describe('What you call it; it is named so in every finding.'),
  file: z
    .string()
    .min(1)
    .max(255)
    .describe('The log, as its own tool gave it. The path counts from the runbook’s folder.'),
});

const params = z.strictObject({
  logs: z
    .array(savedLog)
    .max(16)
    .readonly()
    .default([])
    .describe(
      'Logs of RAID controllers that you have saved beforehand by their own tools (tw_cli, storcli, ssacli: none is ' +
        'free, so none is in the light ISO), such as [{controller: ctl0, file: ctl0.log}]. Each is read line by line: a ' +
        'NUL byte or garbage stops the rebuild, and so does a serial number in a slot that no drive tells.',
    ),
});
type Params = z.infer<typeof params>;

/** SHA-256 of each saved log, by its controller: who approves a plan has seen these. */
type Facts = {readonly logs: Readonly<Record<string, string>>};

/** Read from every drive between the two readings: an error on a cable shows only under work. */
const workPlaces = 64;
const workBytes = 1_048_576;

/**
 * Named again after wipe and install, the step holds the drives against what its first time has left: those steps were
 * the work. A drive that came, went or moved meanwhile stops the run.
 */
export const diskHealth: Step<Params, Facts> = {
  kind: 'disk.health',
  summary:
    'Reads every drive’s counters twice with work in between, and what BMC and controllers have logged; stops where drives fail for a reason in common.',
  irreversible: false,
  // The light system is asked; and the next of its kind looks for itself.
  heldUntil: ['disk.wipe', 'disk.health', 'network.restore', 'installer.start', 'installer.boot'],
  params,

  check: ({logs}) =>
    logs.flatMap(({controller}, index) =>
      logs.findIndex((other) => other.controller === controller) < index
        ? [
            {
              path: ['logs', index, 'controller'],
              says: `${controller} has two logs: give them as one, or name it otherwise`,
            },
          ]
        : [],
    ),

  async probe(look, {logs}) {
    const digests: Record<string, string> = {};
    for (const {controller, file} of logs) {
      const bytes = await look.shelf.saved(file);
      if (!bytes.ok) return bytes;
      digests[controller] = digestOf(bytes.value);
    }
    return ok({logs: digests});
  },

  plan: ({logs}) => [
    effect('health', 'read slot, SMART and error counters of every drive'),
    effect('bmc', 'read the BMC’s list of drives and its logs'),
    ...logs.map(({controller, file}) => effect(`log:${controller}`, brief(`read the log of ${controller}: ${file}`))),
  ],

  async apply(world, {logs}, hand) {
    const others = await hearOthers(world, logs);
    if (!others.ok) return others;
    const base = await baseOf(world, others.value, hand);
    if (!base.ok) return base;
    const now = await world.target.health();
    if (!now.ok) return now;
    const {drives} = now.value;
    const seen: Seen = {
      ...others.value,
      ...base.value,
      logs: [...others.value.logs, ...now.value.logs.map(logFound)],
      drives,
    };
    const found = judge(seen);
    await tell(seen, found, hand);
    if (found.fault) {
      await hand.save(recordData({...base.value.first, told: true}));
      return failed(found.fault);
    }
    return ok({
      says: 'sound',
      data: {...recordData({drives, maps: seen.maps}), failing: found.single, checks: checkData(found.checks)},
    });
  },

  /** What only the light system and the drives can tell: that each is in its slot, and none more has failed. */
  async verify(look) {
    const now = await look.target.health();
    if (!now.ok) return now;
    const {drives, logs} = now.value;
    const first = recorded(look.earlier(diskHealth.kind)?.data) ?? {drives, maps: []};
    const seen: Seen = {drives, before: drives, first, logs: logs.map(logFound), maps: [], unread: []};
    const {fault, single} = judge(seen);
    return fault ? failed(fault) : ok({says: summary(drives, single), data: {slots: slotMap(drives)}});
  },
};

const effect = (id: string, says: string): Effect => ({
  id,
  says,
  certainty: {is: 'will'},
  undo: true,
  irreversible: false,
});

type Base = Pick<Seen, 'before' | 'first'>;

/** What the drives are held against: read now with work after it, or left by an earlier attempt or an earlier step. */
async function baseOf(world: World, {maps}: Testimony, hand: Hand): Promise<Result<Base>> {
  const kept = recorded(hand.at);
  const earlier = recorded(world.earlier(diskHealth.kind)?.data);
  if (!kept && earlier) return ok({first: earlier, before: earlier.drives});
  const before = kept && kept.told !== true ? ok(kept.drives) : await freshly(world);
  if (!before.ok) return before;
  const first: HealthRecord = kept ?? {drives: before.value, maps: maps.filter((map) => agrees(map, before.value))};
  if (!kept) {
    await hand.save(recordData(first));
    await hand.note(`${first.drives.length} drives: ${first.drives.map(named).join(', ')}`, {
      slots: slotMap(first.drives),
    });
  }
  const worked = await work(world, before.value, hand);
  return worked.ok ? ok({first, before: before.value}) : worked;
}

async function freshly({target}: Look): Promise<Result<readonly DriveHealth[]>> {
  const now = await target.health();
  return now.ok ? ok(now.value.drives) : now;
}

async function work({target}: Look, drives: readonly DriveHealth[], hand: Hand): Promise<Result<void>> {
  const disks = await target.disks();
  if (!disks.ok) return disks;
  // One that gives no answer may not give its data either, and would hold up the step instead of failing it.
  const answering = disks.value.filter(({serial}) =>
    drives.some((drive) => drive.serial === serial && drive.answer !== 'silent'),
  );
  for (const [done, {serial, name, sizeBytes}] of answering.entries()) {
    hand.progress({says: `reading ${name}`, done, of: answering.length, unit: 'items'});
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

async function tell({logs}: Seen, {single}: Finding, hand: Hand): Promise<void> {
  for (const {controller, quarantined, lines, sha256} of logs)
    if (quarantined)
      await hand.note(`the log of ${controller} is quarantined from line ${quarantined.line}: ${quarantined.why}`, {
        controller,
        lines,
        sha256,
      });
  for (const says of single) await hand.note(`fails: ${says}`, {});
}

function summary(drives: readonly DriveHealth[], failing: readonly string[]): Proof['says'] {
  const mute = drives.filter(({answer}) => answer === 'unsupported').length;
  const fails = failing.length === 0 ? 'none fails' : `${failing.length} fails`;
  return `${drives.length} drives, ${fails}${mute === 0 ? '' : `, ${mute} without SMART`}`;
}
