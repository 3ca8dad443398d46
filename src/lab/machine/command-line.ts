import type {Blueprint, LabDisk} from '../blueprint.ts';
import {firmwareArguments} from './firmware.ts';

export interface MachinePaths {
  readonly monitor: string;
  readonly serialConsole: string;
  readonly firmwareVariables: string;
}

export interface Start {
  /** What the firmware tries first. */
  readonly from: 'cd' | 'disk';
  /** The medium in the drive, as a URL that this machine can read; a USB drive exists only while it holds one. */
  readonly medium?: string;
  readonly card: readonly string[];
  /** What the battery-backed clock shows, UTC; this machine's own time unless given. */
  readonly clock?: Date;
}

/** Names of the parts that the chassis talks about with QEMU. */
export const part = {drive: 'cd0', port: 'cdport', usb: 'usb'} as const;
export const mediumNode = (count: number): string => `medium${count}`;
/** A disk's back end, and the device that the guest sees. */
export const diskNode = (index: number): string => `disk${index}`;
export const bay = (index: number): string => `bay${index}`;

// QEMU reads a comma as the end of a value; two stand for one.
const value = (text: string): string => text.replaceAll(',', ',,');

/**
 * QEMU's arguments for one start of the machine. Every boot is a process of its own: OVMF hangs now and then in a warm
 * reset, and a boot order given at the start holds for SeaBIOS and OVMF alike. `-S`: it waits for `cont`.
 */
export function machineArguments(machine: Blueprint, paths: MachinePaths, start: Start): readonly string[] {
  return [
    ['-name', `guest=${value(machine.host)}`, '-uuid', machine.uuid],
    machine.accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi'],
    firmwareArguments(machine, paths.firmwareVariables),
    ['-m', String(machine.memoryMiB), '-smp', String(machine.cpus)],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-device', 'VGA', '-device', 'virtio-rng-pci'],
    // Write Zeroes moves no bytes, so an NVMe disk's counters do not show it: each is a line in the machine's log.
    ['-trace', 'bdrv_co_pwrite_zeroes'],
    ['-S', '-action', 'reboot=shutdown', '-action', 'shutdown=pause'],
    ['-smbios', `type=1,manufacturer=rebuild,product=lab,serial=${value(machine.serial)}`],
    ['-qmp', `unix:${value(paths.monitor)},server=on,wait=off`],
    ['-chardev', `file,id=serial,path=${value(paths.serialConsole)},append=on`, '-serial', 'chardev:serial'],
    machine.disks.flatMap(diskArguments),
    driveArguments(machine.cdDrive, start),
    start.card,
    start.clock === undefined ? [] : ['-rtc', `base=${start.clock.toISOString().slice(0, 19)}`],
  ].flat();
}

function diskArguments({bus, path, serial}: LabDisk, index: number): readonly string[] {
  const id = diskNode(index);
  const device = {virtio: 'virtio-blk-pci', nvme: 'nvme', sata: 'ide-hd'}[bus];
  return [
    '-drive',
    // `unsafe` leaves written data in this machine's page cache: the guest's flushes cost nothing, a killed QEMU
    // loses nothing, and only the loss of this machine itself would.
    `if=none,id=${id},node-name=${id}-file,file=${value(path)},format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap`,
    '-device',
    [device, `id=${bay(index)}`, `drive=${id}`, `serial=${value(serial)}`, `bootindex=${index + 1}`]
      .concat(bus === 'sata' ? `bus=ide.${index}` : [])
      .join(','),
  ];
}

/** A q35 has six SATA ports, `ide.0` to `ide.5`; the disks come first. */
const lastSataPort = 'ide.5';

function driveArguments(kind: Blueprint['cdDrive'], {from, medium}: Start): readonly string[] {
  const first = from === 'cd' ? ',bootindex=0' : '';
  if (kind === 'ide') return ['-device', `ide-cd,id=${part.drive},bus=${lastSataPort}${first}`];
  const controller = ['-device', `qemu-xhci,id=${part.usb}`];
  if (medium === undefined) return controller;
  return [
    controller,
    ['-blockdev', JSON.stringify(mediumNodeOptions(medium, 0))],
    ['-device', `usb-bot,id=${part.port},bus=${part.usb}.0`],
    ['-device', `scsi-cd,id=${part.drive},bus=${part.port}.0,drive=${mediumNode(0)}${first}`],
  ].flat();
}

/** A block node that reads the ISO over HTTP, only what the guest asks for. Wants Debian's qemu-block-extra. */
export const mediumNodeOptions = (url: string, count: number) => ({
  driver: 'raw',
  'node-name': mediumNode(count),
  'read-only': true,
  file: {driver: 'http', url, timeout: 5, readahead: 262_144},
});
