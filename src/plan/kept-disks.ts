import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import type {DriveFacts} from '../step/world/bmc.ts';
import type {KeptDisk, PlannedStep} from './plan.ts';

/** Every disk that is left alone: of the runbook, and of the machine where the BMC shows its drives. */
export function keptDisks(
  {disks}: Runbook,
  steps: readonly PlannedStep[],
  drives: readonly DriveFacts[] | undefined,
): readonly KeptDisk[] {
  const written = new Set(steps.flatMap(({effects}) => effects.flatMap(({disk}) => disk?.serial ?? [])));
  const specs = Object.values(disks);
  const named = specs
    .filter(({serial, ram}) => !ram && !written.has(serial))
    .map((spec): KeptDisk => {
      const {name, serial, sizeBytes} = spec;
      const drive = drives?.find((each) => each.serial === driveOf(spec));
      return {name, serial, sizeBytes, ...makeOf(drive), ...(drives && !drive && {unseen: true})};
    });
  const others = (drives ?? [])
    .filter(({serial}) => !specs.some((spec) => driveOf(spec) === serial))
    .toSorted((a, b) => (a.serial < b.serial ? -1 : 1))
    .map((drive): KeptDisk => ({serial: drive.serial, sizeBytes: drive.sizeBytes, ...makeOf(drive)}));
  return [...named, ...others];
}

/** A disk of which the runbook names a part is not left alone as a whole. */
const driveOf = ({serial, partition}: DiskSpec): string => partition?.of ?? serial;

const makeOf = (drive: DriveFacts | undefined): Pick<KeptDisk, 'vendor' | 'model'> => ({
  ...(drive?.vendor && {vendor: drive.vendor}),
  ...(drive?.model && {model: drive.model}),
});
