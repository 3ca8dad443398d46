import {fault as trouble} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {LabDisk} from '../blueprint.ts';
import type {Chassis} from '../machine/chassis.ts';
import type {DiskAilment} from '../machine/disk-ailments.ts';
import type {Acts, Mend} from './act.ts';

export interface MachineParts {
  readonly chassis: Chassis;
  readonly disks: readonly LabDisk[];
}

type Name = 'power-loss' | 'machine-reset' | 'machine-freeze' | 'disk-slow' | 'disk-errors' | 'clock-jump';

export function machineActs({chassis, disks}: MachineParts): Acts<Name> {
  const ail = async (named: string, ailment: DiskAilment): Promise<Result<Mend>> => {
    const disk = disks.findIndex(({name, serial}) => named === name || named === serial);
    if (disk !== -1) return chassis.ail(disk, ailment);
    const known = disks.map(({name, serial}) => `${name} (${serial})`).join(', ');
    return failed(trouble('lab.failed', `the machine has no disk "${named}"; it has ${known}`));
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
    async 'clock-jump'({bySeconds}) {
      chassis.setClock(bySeconds);
      return ok(() => chassis.setClock(0));
    },
  };
}
