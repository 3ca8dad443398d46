import {fault as trouble} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {LabDisk} from '../blueprint.ts';
import type {Bays} from '../machine/bays.ts';
import type {Chassis} from '../machine/chassis.ts';
import type {DiskAilment} from '../machine/disk-ailments.ts';
import type {Acts, Mend} from './act.ts';

export interface MachineParts {
  readonly chassis: Chassis;
  readonly bays: Pick<Bays, 'swap'>;
  readonly disks: readonly LabDisk[];
}

type Name =
  | 'power-loss'
  | 'machine-reset'
  | 'machine-freeze'
  | 'disk-slow'
  | 'disk-errors'
  | 'disk-swap'
  | 'clock-jump';

export function machineActs({chassis, bays, disks}: MachineParts): Acts<Name> {
  const find = (named: string): Result<number> => {
    const disk = disks.findIndex(({name, serial}) => named === name || named === serial);
    if (disk !== -1) return ok(disk);
    const known = disks.map(({name, serial}) => `${name} (${serial})`).join(', ');
    return failed(trouble('lab.failed', `the machine has no disk "${named}"; it has ${known}`));
  };
  const ail = async (named: string, ailment: DiskAilment): Promise<Result<Mend>> => {
    const disk = find(named);
    return disk.ok ? chassis.ail(disk.value, ailment) : disk;
  };

  return {
    async 'power-loss'({forSeconds}) {
      await chassis.off();
      return ok(forSeconds === undefined ? undefined : async () => void (await chassis.on()));
    },
    async 'machine-reset'() {
      const reset = await chassis.reset();
      return reset.ok ? ok(undefined) : reset;
    },
    async 'machine-freeze'() {
      const frozen = await chassis.freeze();
      return frozen.ok ? ok(async () => void (await chassis.thaw())) : frozen;
    },
    'disk-slow': ({disk, bytesPerSecond}) => ail(disk, {is: 'slow', bytesPerSecond}),
    'disk-errors': ({disk, atByte}) => ail(disk, {is: 'refusing-writes', atByte}),
    async 'disk-swap'({disk: named, serial}) {
      const disk = find(named);
      return disk.ok ? ok(bays.swap(disk.value, serial)) : disk;
    },
    async 'clock-jump'({bySeconds}) {
      chassis.setClock(bySeconds);
      return ok(() => chassis.setClock(0));
    },
  };
}
