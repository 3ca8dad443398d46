import type {JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import type {LabDisk} from '../blueprint.ts';
import type {Qmp} from './qmp.ts';

/**
 * What reached a disk, as its device counted it: no program in the machine and no controller can say otherwise.
 * Write Zeroes is a write of its whole length on virtio (`virtio_blk_handle_discard_write_zeroes`); an NVMe disk counts
 * neither it nor a format (`nvme_do_write`, `nvme_format_ns_cb` of QEMU's hw/nvme/ctrl.c): the machine's log has those.
 * A discard is `discardedBytes`.
 */
export interface DiskCounts {
  readonly writtenBytes: number;
  readonly writes: number;
  readonly discardedBytes: number;
  readonly flushes: number;
}

const nothing: DiskCounts = {writtenBytes: 0, writes: 0, discardedBytes: 0, flushes: 0};

/** Counts of each disk, by name, over every start: QEMU's own begin at zero with each. */
export interface DiskLedger {
  /** Takes the counts of a machine that is about to end into the sum. */
  close(qmp: Qmp): Promise<void>;
  /** The sum, with the counts of the machine that runs where there is one. */
  read(qmp: Qmp | undefined): Promise<Result<Readonly<Record<string, DiskCounts>>>>;
}

export function diskLedger(disks: readonly LabDisk[]): DiskLedger {
  let before: Readonly<Record<string, DiskCounts>> = Object.fromEntries(disks.map(({name}) => [name, nothing]));
  const read: DiskLedger['read'] = async (qmp) => {
    if (!qmp) return ok(before);
    const now = await qmp.execute('query-blockstats');
    if (!now.ok) return now;
    const devices = now.value as unknown as readonly {readonly device?: string; readonly stats: JsonObject}[];
    const counts = disks.map(({name}, index) => {
      const stats = devices.find(({device}) => device === `disk${index}`)?.stats;
      return [name, sum(before[name] ?? nothing, stats ? countsOf(stats) : nothing)] as const;
    });
    return ok(Object.fromEntries(counts));
  };
  return {
    read,
    async close(qmp) {
      const last = await read(qmp);
      if (last.ok) before = last.value;
    },
  };
}

/** QEMU's `BlockDeviceStats` (qapi/block-core.json). */
const countsOf = (stats: JsonObject): DiskCounts => ({
  writtenBytes: Number(stats['wr_bytes']),
  writes: Number(stats['wr_operations']),
  discardedBytes: Number(stats['unmap_bytes']),
  flushes: Number(stats['flush_operations']),
});

const sum = (a: DiskCounts, b: DiskCounts): DiskCounts => ({
  writtenBytes: a.writtenBytes + b.writtenBytes,
  writes: a.writes + b.writes,
  discardedBytes: a.discardedBytes + b.discardedBytes,
  flushes: a.flushes + b.flushes,
});
