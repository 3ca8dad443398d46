import type {Blueprint, LabDisk} from '../blueprint.ts';

/** The machine's disk bays. A swapped disk has what its bay had before, under another serial number. */
export interface Bays {
  /** The machine with what is in its bays now: its next start has these disks, its BMC shows them at once. */
  readonly machine: Blueprint;
  /** Puts another disk into a bay; what it gives puts the first one back. */
  swap(disk: number, serial: string): () => void;
}

export function bays(machine: Blueprint): Bays {
  let disks: readonly LabDisk[] = machine.disks;
  return {
    machine: {
      ...machine,
      get disks() {
        return disks;
      },
    },
    swap(disk, serial) {
      disks = disks.map((each, index) => (index === disk ? {...each, serial} : each));
      return () => {
        disks = disks.map((each, index) => machine.disks[index === disk ? index : -1] ?? each);
      };
    },
  };
}
