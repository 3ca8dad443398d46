import type {Serial} from '../brand.ts';
import type {DiskSpec} from './runbook.ts';
import {sizeBytes} from './size.ts';

/** What an entry of `disks` says of where it is. */
interface Where {
  readonly serial?: Serial | undefined;
  readonly partition?: number | string | undefined;
  readonly ram?: {readonly from: string} | undefined;
}

/** The name under which the light system knows a whole disk, a partition of one, or a stretch of memory. */
export function placeOf({serial, partition, ram}: Where): Pick<DiskSpec, 'serial' | 'partition' | 'ram'> {
  if (ram) {
    const from = sizeBytes(ram.from) ?? 0;
    return {serial: `ram@${from.toString(16)}` as Serial, ram: {from}};
  }
  const of = serial ?? ('' as Serial);
  if (partition === undefined) return {serial: of};
  const is = String(partition).toLowerCase();
  return {serial: `${of}@${is}` as Serial, partition: {of, is}};
}
