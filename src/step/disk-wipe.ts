import {createHash} from 'node:crypto';
import {z} from 'zod';
import {fault} from '../fault.ts';
import {follow} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec} from '../runbook/runbook.ts';
import {mistakesInErased, pick, planned, probeDisks, specsOf} from './disk.ts';
import {mistakesWithoutEvidence} from './evidence-rule.ts';
import {interrupted} from './interrupted.ts';
import {samples} from './sample.ts';
import type {Hand, Step} from './step.ts';
import type {DiskFacts, Look, World} from './world.ts';

const params = z.strictObject({
  disks: z
    .array(z.string())
    .min(1)
    .readonly()
    .describe('Names from `disks`. Each is erased, found by its serial number alone.'),
  level: z
    .literal('clear')
    .default('clear')
    .describe('clear: every block reads as zero afterwards (NIST SP 800-88r2 Clear), proved by reading back.'),
});
type Params = z.infer<typeof params>;

/** Models by serial number where the BMC shows drives, else unknown until the light system looks. */
type Facts = {readonly models: Readonly<Record<string, string>> | null};

export const diskWipe: Step<Params, Facts> = {
  kind: 'disk.wipe',
  summary: 'Erases the disks named, by serial number, and proves it by reading both ends and a seeded sample.',
  irreversible: true,
  heldUntil: ['network.restore', 'installer.start'],
  params,

  check: ({disks}, runbook, at) => [
    ...mistakesWithoutEvidence(runbook, at),
    ...disks.flatMap((name, index) => mistakesInErased(name, ['disks', index], runbook)),
  ],

  async probe(look, {disks}) {
    const models = await probeDisks(look, specsOf(disks, look.runbook));
    return models.ok ? ok({models: models.value ?? null}) : models;
  },

  plan: ({disks, level}, {models}, runbook) =>
    specsOf(disks, runbook).map((spec) => ({
      id: effect(spec),
      says: `erase (${level})`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: true,
      disk: planned(spec, models?.[spec.serial]),
    })),

  async apply(world, params, hand) {
    const disks = await world.target.disks();
    if (!disks.ok) return disks;
    const specs = specsOf(params.disks, world.runbook);
    // All are found before the first is touched: a wrong serial number must stop the step, not half of it.
    const found: DiskFacts[] = [];
    for (const spec of specs) {
      const disk = pick(disks.value, spec);
      if (!disk.ok) return disk;
      found.push(disk.value);
    }
    const erased: Record<string, string> = {};
    for (const [index, spec] of specs.entries()) {
      const method = await wipe(world, spec, found[index] as DiskFacts, params, hand);
      if (!method.ok) return method;
      erased[spec.serial] = method.value;
    }
    return ok({says: 'erased', data: {erased, level: params.level}});
  },

  async verify(look, params) {
    for (const spec of specsOf(params.disks, look.runbook)) {
      const latch = await look.target.latch(spec.serial);
      if (!latch.ok) return latch;
      if (latch.value?.run !== look.run.id)
        return failed(fault('disk.not-blank', `${spec.serial} does not carry this run’s record of its wipe`));
    }
    return ok({says: `read back as zero: ${params.disks.join(', ')}`, data: {seed: look.run.id}});
  },
};

const effect = ({serial}: DiskSpec): string => `wipe:${serial}`;

/** Erases one place by its serial number, once in a run, and proves it. The value says how. */
export async function wipe(
  world: World,
  spec: DiskSpec,
  disk: DiskFacts,
  {level}: Pick<Params, 'level'>,
  hand: Hand,
): Promise<Result<string>> {
  const {serial, name} = spec;
  const latch = await world.target.latch(serial);
  if (!latch.ok) return latch;
  if (latch.value?.run === world.run.id) return ok('earlier in this run');

  const accepted = await hand.once(
    effect(spec),
    async () => {
      const state = await world.target.wipe(serial);
      return state.ok ? ok(state.value.state === 'absent' ? 'absent' : 'present') : state;
    },
    () => world.target.startWipe(serial, level),
  );
  if (!accepted.ok) return accepted;

  const followed = await follow<Result<string>>(
    async () => {
      const read = await world.target.wipe(serial);
      if (!read.ok) return {done: read};
      const state = read.value;
      switch (state.state) {
        case 'absent':
          return {done: failed(fault('target.failed', `the light system has no record of the wipe of ${serial}`))};
        case 'failed':
          return {done: failed(fault('disk.write-failed', `${serial}: ${state.says}`))};
        case 'done':
          return {done: ok(state.method)};
        case 'running':
          hand.progress({says: `${name} ${state.method}`, done: state.doneBytes, of: state.sizeBytes, unit: 'bytes'});
          return {progress: state.doneBytes};
        default:
          return state satisfies never;
      }
    },
    {everyMs: 500, stallMs: 10 * 60_000, clock: world.clock, signal: hand.signal},
  );
  if (followed.end === 'aborted') return interrupted();
  if (followed.end !== 'met')
    return failed(fault('disk.write-failed', `the wipe of ${serial} has not moved for ten minutes`));
  if (!followed.value.ok) return followed.value;

  const blank = await readBack(world, spec, disk, hand);
  if (!blank.ok) return blank;
  const set = await world.target.setLatch(serial, 'wiped');
  return set.ok ? followed.value : set;
}

async function readBack(
  look: Look,
  {serial, name}: DiskSpec,
  {sizeBytes}: DiskFacts,
  hand: Hand,
): Promise<Result<void>> {
  const seed = createHash('sha256').update(`${look.run.id}/${serial}`).digest('hex');
  const chosen = samples(seed, sizeBytes);
  hand.progress({says: `${name} reading ${chosen.length} samples back`});
  const stained = await look.target.notZero(serial, chosen);
  if (!stained.ok) return stained;
  const [first] = stained.value;
  if (first)
    return failed(
      fault('disk.not-blank', `${serial} is not zero at byte ${first.offset}`, {detail: {offset: first.offset}}),
    );
  await hand.note(`${name} reads zero at both ends and in ${chosen.length} samples`, {
    serial,
    seed,
    samples: chosen.length,
    bytes: chosen.reduce((sum, {length}) => sum + length, 0),
  });
  return ok(undefined);
}
