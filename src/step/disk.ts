import type {Serial} from '../brand.ts';
import {fault, type Fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import {memoryOf, type Memory} from './memory.ts';
import type {Mistake, PlannedDisk} from './step.ts';
import type {Look} from './world.ts';
import type {DriveFacts} from './world/bmc.ts';
import type {DiskFacts} from './world/target.ts';

/**
 * The disk a step means, found by serial number alone and only if it is the only one, of the size the runbook says.
 */
export function pick<D extends DriveFacts | DiskFacts>(disks: readonly D[], spec: DiskSpec): Result<D> {
  const [found, twin] = disks.filter(({serial}) => serial === spec.serial);
  const seen = disks.map(({serial}) => serial);
  if (!found)
    return failed(
      fault('disk.not-found', `no disk with serial ${spec.serial}; there is ${seen.join(', ') || 'none'}`, {
        detail: {seen},
      }),
    );
  if (twin) return failed(fault('disk.ambiguous', `two disks report serial ${spec.serial}`));
  const wrong = sizeDiffers(found, spec);
  return wrong ? failed(wrong) : ok(found);
}

/** Sizes are compared to a percent: vendors round, and 512 or 4096 byte formats lose a little. */
export const sizeDiffers = ({sizeBytes}: {readonly sizeBytes: number}, spec: DiskSpec): Fault | undefined =>
  Math.abs(sizeBytes - spec.sizeBytes) > spec.sizeBytes / 100
    ? fault('disk.size-differs', `${spec.serial} has ${sizeBytes} bytes, the runbook says ${spec.sizeBytes}`)
    : undefined;

/** Who made a disk, as the BMC has it. */
export type Make = {readonly vendor: string; readonly model: string};

/** What is known of the runbook's disks from outside, by serial number, before the light system can look itself. */
export async function probeDisks(
  look: Look,
  specs: readonly DiskSpec[],
): Promise<Result<Readonly<Record<string, Make>> | undefined>> {
  const drives = await look.bmc.drives();
  if (!drives.ok) return drives;
  if (!drives.value) return ok(undefined);
  const makes: Record<string, Make> = {};
  for (const spec of specs) {
    if (spec.ram) continue;
    // From outside a partition's disk is seen, and not how large the partition is.
    const found = spec.partition ? holding(drives.value, spec.partition.of) : pick(drives.value, spec);
    if (!found.ok) return found;
    const {vendor, model} = found.value;
    makes[spec.serial] = {vendor, model};
  }
  return ok(makes);
}

function holding(drives: readonly DriveFacts[], serial: Serial): Result<DriveFacts> {
  const [drive, twin] = drives.filter((one) => one.serial === serial);
  if (!drive) return failed(fault('disk.not-found', `no disk with serial ${serial}`));
  return twin ? failed(fault('disk.ambiguous', `two disks report serial ${serial}`)) : ok(drive);
}

/** A disk as a plan shows it. */
export const planned = ({name, serial, sizeBytes}: DiskSpec, make: Make | null | undefined): PlannedDisk => ({
  name,
  serial,
  sizeBytes,
  ...(make?.vendor && {vendor: make.vendor}),
  ...(make?.model && {model: make.model}),
});

/** Mistakes in a step's reference to a disk that it would write to. */
export function mistakesInDisk(name: string, path: readonly (string | number)[], {disks}: Runbook): readonly Mistake[] {
  const disk = Object.hasOwn(disks, name) ? disks[name] : undefined;
  if (!disk) return [{path, says: `there is no disk "${name}" under disks`, candidates: Object.keys(disks)}];
  if (disk.keep) return [{path, says: `disk "${name}" is marked keep: true, so no step may write to it`}];
  const part = Object.values(disks).find(({partition}) => partition?.of === disk.serial);
  return part ? [{path, says: `disk "${name}" holds "${part.name}", a partition that is named by itself`}] : [];
}

/** Mistakes in a reference to a disk that is to be erased. */
export function mistakesInErased(
  name: string,
  path: readonly (string | number)[],
  runbook: Runbook,
): readonly Mistake[] {
  const mistakes = mistakesInDisk(name, path, runbook);
  if (mistakes.length || !runbook.disks[name]?.ram) return mistakes;
  return [{path, says: `"${name}" is memory: media.stage clears it itself`}];
}

/** Mistakes in a reference to a disk that gets a system. */
export function mistakesInWhole(
  name: string,
  path: readonly (string | number)[],
  runbook: Runbook,
): readonly Mistake[] {
  const mistakes = mistakesInDisk(name, path, runbook);
  const {partition, ram} = runbook.disks[name] ?? {};
  if (mistakes.length || !(partition || ram)) return mistakes;
  return [{path, says: `"${name}" is ${partition ? 'a partition' : 'memory'}: a system gets a disk of its own`}];
}

/** Mistakes in a reference to a disk that gets an image: it must be one that an earlier part of the run erases. */
export function mistakesInWiped(
  name: string,
  path: readonly (string | number)[],
  runbook: Runbook,
): readonly Mistake[] {
  const mistakes = mistakesInDisk(name, path, runbook);
  if (mistakes.length) return mistakes;
  if (runbook.disks[name]?.ram) return [];
  const wiped = runbook.steps.some(
    ({kind, params}) => kind === 'disk.wipe' && Array.isArray(params['disks']) && params['disks'].includes(name),
  );
  return wiped ? [] : [{path, says: `no disk.wipe step names disk "${name}", so its old content would show`}];
}

/** The specs by name; the runbook has been checked, so each is there. */
export const specsOf = (names: readonly string[], {disks}: Runbook): readonly DiskSpec[] =>
  names.flatMap((name) => disks[name] ?? []);

/** Serial numbers that the runbook's steps may erase, and those that get a system or an installer: all that the light system allows. */
export function disksWritten(runbook: Runbook): {
  readonly wipe: readonly Serial[];
  readonly install: readonly Serial[];
  /** Memory that is set aside for it. */
  readonly memory: readonly Memory[];
} {
  const named = (kind: string, key: string) =>
    runbook.steps.filter((step) => step.kind === kind).flatMap(({params}) => params[key] ?? []);
  const serials = (names: readonly unknown[]) =>
    specsOf(
      names.filter((name) => typeof name === 'string'),
      runbook,
    )
      .filter(({keep}) => !keep)
      .map(({serial}) => serial);
  const staged = named('media.stage', 'disk').filter((name) => typeof name === 'string');
  const memory = specsOf(staged, runbook).filter(({ram}) => ram);
  return {
    // Memory is cleared by the step that fills it.
    wipe: serials([...named('disk.wipe', 'disks').flat(), ...memory.map(({name}) => name)]),
    install: serials([...named('os.install', 'disk'), ...staged]),
    memory: memory.flatMap((spec) => memoryOf(spec) ?? []),
  };
}
