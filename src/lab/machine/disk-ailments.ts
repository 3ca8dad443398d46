import type {JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {bay, diskNode} from './command-line.ts';
import type {Qmp} from './qmp.ts';

/** What a disk can suffer from. A sick disk stays sick over a restart of the machine. */
export type DiskAilment =
  | {readonly is: 'slow'; readonly bytesPerSecond: number}
  /** Writes fail with EIO: all, or those that touch the sector at this byte. */
  | {readonly is: 'refusing-writes'; readonly atByte: number | undefined};

export interface DiskAilments {
  /** Of the disk with this place in the blueprint. What it gives heals the disk of it. */
  give(disk: number, ailment: DiskAilment): Promise<Result<() => Promise<void>>>;
  /** A machine was started: its disks are as they were. */
  attach(qmp: Qmp): Promise<Result<void>>;
  detach(): void;
}

const sectorBytes = 512;
const eio = 5;

export function diskAilments(disks: number): DiskAilments {
  let given: readonly (readonly [disk: number, ailment: DiskAilment])[] = [];
  let machine: Qmp | undefined;
  /** Disks of the machine that runs whose device has the blkdebug node now. */
  const screened = new Set<number>();

  const newest = <I extends DiskAilment['is']>(disk: number, is: I) =>
    given.findLast(([of, ailment]) => of === disk && ailment.is === is)?.[1] as
      | Extract<DiskAilment, {is: I}>
      | undefined;

  const pace = async (qmp: Qmp, disk: number): Promise<Result<void>> => {
    const bps = newest(disk, 'slow')?.bytesPerSecond ?? 0;
    // QEMU wants all of them; zero is no limit.
    const none = {bps_rd: 0, bps_wr: 0, iops: 0, iops_rd: 0, iops_wr: 0};
    return settled(await qmp.execute('block_set_io_throttle', {device: diskNode(disk), bps, ...none}));
  };

  /** A blkdebug node comes between the device and its file, and goes again: the guest sees the same disk. */
  const screen = async (qmp: Qmp, disk: number): Promise<Result<void>> => {
    const path = `/machine/peripheral/${bay(disk)}`;
    const file = `${diskNode(disk)}-file`;
    const screenNode = `${diskNode(disk)}-bad`;
    if (screened.has(disk)) {
      // QEMU 7.2 ends itself when a device is given the node that it has.
      const whole = await qmp.execute('qom-set', {path, property: 'drive', value: file});
      if (!whole.ok) return whole;
      screened.delete(disk);
      const gone = await qmp.execute('blockdev-del', {'node-name': screenNode});
      if (!gone.ok) return gone;
    }
    const refusing = newest(disk, 'refusing-writes');
    if (refusing === undefined) return ok(undefined);
    const added = await qmp.execute('blockdev-add', {
      driver: 'blkdebug',
      'node-name': screenNode,
      image: file,
      'inject-error': ['write', 'write-zeroes', 'discard'].map((iotype): JsonObject => ({
        event: 'none',
        iotype,
        errno: eio,
        ...(refusing.atByte !== undefined && {sector: Math.floor(refusing.atByte / sectorBytes)}),
      })),
    });
    if (!added.ok) return added;
    const set = await qmp.execute('qom-set', {path, property: 'drive', value: screenNode});
    if (set.ok) screened.add(disk);
    return settled(set);
  };

  const apply = (qmp: Qmp, disk: number, {is}: DiskAilment): Promise<Result<void>> =>
    is === 'slow' ? pace(qmp, disk) : screen(qmp, disk);

  return {
    async give(disk, ailment) {
      const dose = [disk, ailment] as const;
      given = [...given, dose];
      const heal = async (): Promise<void> => {
        given = given.filter((each) => each !== dose);
        if (machine) await apply(machine, disk, ailment);
      };
      const applied = machine ? await apply(machine, disk, ailment) : ok(undefined);
      if (applied.ok) return ok(heal);
      await heal();
      return applied;
    },
    async attach(qmp) {
      machine = qmp;
      for (let disk = 0; disk < disks; disk++)
        for (const is of ['slow', 'refusing-writes'] as const) {
          const ailment = newest(disk, is);
          const applied = ailment ? await apply(qmp, disk, ailment) : ok(undefined);
          if (!applied.ok) return applied;
        }
      return ok(undefined);
    },
    detach() {
      machine = undefined;
      screened.clear();
    },
  };
}

const settled = (reply: Result<unknown>): Result<void> => (reply.ok ? ok(undefined) : reply);
