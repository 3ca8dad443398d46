import {z} from 'zod';
import type {Serial} from '../brand.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import {asDeclared} from './wipe/as-declared.ts';
import {disksWritten, mistakesInErased, pick, planned, probeDisks, specsOf, type Make} from './disk.ts';
import {mistakesWithoutEvidence} from './evidence/rule.ts';
import {mayErase, standingText, verdictsIn} from './evidence/verdict.ts';
import type {Effect, Hand, Mistake, Step} from './step.ts';
import {unknownUntil} from './unknown.ts';
import {wipeDisk, wipeEffect, type Erase} from './wipe/erase-disk.ts';
import {chooseMethod, wipeLevels} from './wipe/level.ts';
import {methodFacts, wipeMethodNames, type WipeMethod} from './wipe/method.ts';
import {checkpointOf, probeMedium, probesIn, type WipeProbe} from './wipe/probe.ts';
import type {Look, World} from './world.ts';
import {onlySeen} from './only-seen.ts';

const params = z.strictObject({
  disks: z
    .array(z.string())
    .min(1)
    .readonly()
    .describe('Names from `disks`. Each is erased, found by its serial number alone.'),
  level: z
    .enum(wipeLevels)
    .default('clear')
    .describe(
      'clear and purge: as in NIST SP 800-88r2, read back in the number of places that SP 800-88r1 4.7 asks for. metadata: partition tables, signatures and both ends only. express: NVMe’s own format or discard, else metadata. A disk that cannot reach the level is refused, never erased less.',
    ),
  method: z
    .enum(wipeMethodNames as [WipeMethod, ...WipeMethod[]])
    .optional()
    .describe('One method for all disks of the step, in place of the best that each has for the level.'),
});
type Params = z.infer<typeof params>;

/** By serial number where the BMC shows drives, else unknown until the light system looks. */
type Facts = {readonly models: Readonly<Record<string, Make>> | null};

export const diskWipe: Step<Params, Facts> = {
  kind: 'disk.wipe',
  summary:
    'Erases the disks named, by serial number, and reads back both ends, old borders and a seeded sample: zeroes, or other content than before.',
  irreversible: true,
  heldUntil: ['network.restore', 'installer.start'],
  params,

  check: (params, runbook, at) => [
    ...mistakesWithoutEvidence(runbook, at),
    ...params.disks.flatMap((name, index) => mistakesInErased(name, ['disks', index], runbook)),
    ...mistakesInLevel(params, runbook),
  ],

  async probe(look, {disks}) {
    const models = await probeDisks(look, specsOf(disks, look.runbook));
    return models.ok ? ok({models: models.value ?? null}) : models;
  },

  plan: ({disks, level, method}, {models}, runbook) => [
    ...specsOf(disks, runbook).map((spec): Effect => ({
      id: wipeEffect(spec),
      says: `erase (${level}${method ? `, ${method}` : ''})`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: true,
      disk: planned(spec, models?.[spec.serial]),
    })),
    ...(models
      ? []
      : [
          unknownUntil(runbook, 'target.boot', {
            id: 'make',
            says: `who made ${specsOf(disks, runbook)
              .map(({serial}) => serial)
              .join(', ')}`,
            because: 'the BMC shows no drives',
          }),
        ]),
    ...(method
      ? []
      : [
          unknownUntil(runbook, 'target.boot', {
            id: 'method',
            says: 'by a command of the disk, or by writing: seconds, or hours',
            because: 'only the light system can ask the disk',
          }),
        ]),
  ],

  async apply(world, params, hand) {
    // All are found and decided before the first is touched: what is refused must stop the step, not half of it.
    const erases = await decideAll(world, params, hand);
    if (!erases.ok) return erases;
    const erased: Record<string, string> = {};
    const read: Record<string, string> = {};
    const left = await leaveForgone(world, params, hand);
    if (!left.ok) return left;
    for (const erase of erases.value) {
      const wiped = await wipeDisk(world, erase, hand);
      if (!wiped.ok) return wiped;
      const {how, back} = wiped.value;
      erased[erase.spec.serial] = how;
      if (back) read[erase.spec.serial] = back.result === 'passed' ? back.expected : back.result;
    }
    const forgone = left.value;
    return ok({says: 'erased', data: {erased, read, level: params.level, ...(forgone.length > 0 && {forgone})}});
  },

  async verify(look, params) {
    const specs = specsOf(params.disks, look.runbook).filter(({serial}) => !look.forgone(serial));
    for (const spec of specs) {
      const latch = await look.target.latch(spec.serial);
      if (!latch.ok) return latch;
      if (latch.value?.run !== look.run.id)
        return failed(fault('disk.not-blank', `${spec.serial} does not carry this run’s record of its wipe`));
    }
    // A latch says that a disk was read back as its technique leaves it; as zero all that get an image were, whatever theirs.
    const zero = specs.filter(({serial}) => disksWritten(look.runbook).install.includes(serial));
    const other = specs.filter((spec) => !zero.includes(spec));
    const parts = [
      ...(zero.length > 0 ? [`read back as zero: ${names(zero)}`] : []),
      ...(other.length > 0 ? [`erased, as its certificate says: ${names(other)}`] : []),
    ];
    return ok({says: parts.join('; ') || 'no disk is erased', data: {}});
  },
};

const names = (specs: readonly DiskSpec[]): string => specs.map(({name}) => name).join(', ');

/** An image leaves out what is zero in it, so a disk that gets one must read as zero. */
function mistakesInLevel({disks, level, method}: Params, runbook: Runbook): readonly Mistake[] {
  const misfit: readonly Mistake[] =
    method && !methodFacts(method).levels.includes(level)
      ? [
          {
            path: ['method'],
            says: `${method} does not reach ${level}`,
            candidates: wipeMethodNames.filter((name) => methodFacts(name).levels.includes(level)),
          },
        ]
      : [];
  if (level !== 'metadata' && level !== 'express') return misfit;
  const imaged = disksWritten(runbook).install;
  const stained = disks.flatMap((name, index): readonly Mistake[] =>
    imaged.some((serial) => serial === runbook.disks[name]?.serial)
      ? [
          {
            path: ['disks', index],
            says: `level ${level} leaves old content on "${name}", which gets an image that writes no zeroes`,
            hint: 'level: clear',
          },
        ]
      : [],
  );
  return [...misfit, ...stained];
}

async function decideAll(world: World, params: Params, hand: Hand): Promise<Result<readonly Erase[]>> {
  const specs = specsOf(params.disks, world.runbook).filter(({serial}) => !world.forgone(serial));
  const meant = await onlyTheseThere(world, specs);
  if (!meant.ok) return meant;
  const verdicts = verdictsIn(world.earlier('evidence.capture'));
  const imaged: ReadonlySet<Serial> = new Set(disksWritten(world.runbook).install);
  const erases: Erase[] = [];
  const earlier = probesIn(hand.at);
  const probes: Record<string, WipeProbe> = {...earlier};
  for (const spec of specs) {
    const verdict = mayErase(spec.partition?.of ?? spec.serial, verdicts);
    if (!verdict.ok) return verdict;
    const probe = probes[spec.serial] ? ok(probes[spec.serial]) : await probeFor(world, spec, params, hand);
    if (!probe.ok) return probe;
    if (!probe.value) throw new Error(`no probe of ${spec.serial}`);
    probes[spec.serial] = probe.value;
    erases.push({
      spec,
      probe: probe.value,
      level: params.level,
      mustBeZero: imaged.has(spec.serial),
      evidence: standingText(verdict.value),
    });
  }
  if (Object.keys(probes).length > Object.keys(earlier).length) await hand.save(onlySeen(checkpointOf(probes)));
  return ok(erases);
}

/** Each disk is the one that is meant, and the machine holds none that nobody has declared. */
async function onlyTheseThere(world: World, specs: readonly DiskSpec[]): Promise<Result<void>> {
  const disks = await world.target.disks();
  if (!disks.ok) return disks;
  for (const spec of specs) {
    if (spec.keep) return failed(fault('disk.kept', `${spec.name} ${spec.serial} is marked keep: true`));
    const disk = pick(disks.value, spec);
    if (!disk.ok) return disk;
  }
  const writable = await world.target.writable();
  return writable.ok ? asDeclared(writable.value, world.runbook, ({serial}) => world.forgone(serial)) : writable;
}

/** What a person has decided to do without is not touched, and holds nothing up. */
async function leaveForgone(world: World, {disks}: Params, hand: Hand): Promise<Result<readonly string[]>> {
  const forgone = specsOf(disks, world.runbook).filter(({serial}) => world.forgone(serial));
  const needed = forgone.find(({serial}) => disksWritten(world.runbook).install.includes(serial));
  if (needed) return failed(fault('disk.needed', `${needed.name} ${needed.serial} gets an image`));
  for (const {serial, name} of forgone) {
    const left = await world.target.leave(serial);
    if (!left.ok) return left;
    await hand.note(`goes on without ${name} ${serial}: it is not erased`, {serial});
  }
  return ok(forgone.map(({serial}) => serial));
}

async function probeFor(look: Look, spec: DiskSpec, {level, method}: Params, hand: Hand): Promise<Result<WipeProbe>> {
  const medium = await look.target.medium(spec.serial);
  if (!medium.ok) return medium;
  const ability = chooseMethod(spec, medium.value, level, method);
  if (!ability.ok) return ability;
  const mustBeZero = disksWritten(look.runbook).install.includes(spec.serial);
  return probeMedium(look, {...spec, mustBeZero}, medium.value, ability.value, hand);
}
