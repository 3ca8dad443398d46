import type {Result} from '../../result.ts';
import {ok} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {writeTable} from '../../image/os/layout.ts';
import type {LabDisk} from '../blueprint.ts';

const startBytes = 2 ** 30;
/** Size of the lab's partitions, whatever the runbook's are. */
export const labPartitionBytes = 1_024_000_000;

/** The partitions that the runbook names of a disk, one GiB after the other, the first GiB being the disk's own. */
export const labPartitions = (serial: string, disks: readonly DiskSpec[]): LabDisk['partitions'] =>
  disks
    .flatMap(({name, partition}) => (partition?.of === serial ? [{name, is: partition.is}] : []))
    .map(({name, is}, index) => ({
      name,
      ...(/^\d+$/.test(is) ? {number: Number(is)} : {number: 100 + index, uuid: is}),
      firstByte: (index + 1) * startBytes,
      sizeBytes: labPartitionBytes,
    }));

const sectors = (bytes: number): number => bytes / 512;

/** Writes a disk's partition table: what the runbook names, and a partition 1 before it with data of the host's own. */
export async function partitionDisk({path, partitions}: LabDisk): Promise<Result<void>> {
  if (partitions.length === 0) return ok(undefined);
  const own = partitions.some(({number}) => number === 1) ? [] : [`1 : start=2048, size=${sectors(startBytes) - 2048}`];
  const named = partitions.map(
    ({number, uuid, firstByte, sizeBytes}) =>
      `${number} : start=${sectors(firstByte)}, size=${sectors(sizeBytes)}${uuid === undefined ? '' : `, uuid=${uuid}`}`,
  );
  return writeTable(path, ['label: gpt', 'unit: sectors', '', ...own, ...named, ''].join('\n'));
}
