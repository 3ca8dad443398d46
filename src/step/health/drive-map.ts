import {named, type DriveHealth} from './drive.ts';

/** Which serial number somebody other than the drives has in which slot: a controller in its log, the BMC. */
export interface DriveMap {
  /** `controller ctl0`, `bmc RAID.1`. */
  readonly source: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** A map held against what the drives tell of themselves. */
export type Held =
  /** None of its drives is one that the light system reaches: they are behind a controller’s volumes, or elsewhere. */
  | {readonly is: 'apart'}
  /** `disputes`: drives in it that there are none of, though others of it are there. */
  | {readonly is: 'held'; readonly disputes: readonly string[]};

export function hold({source, slots}: DriveMap, drives: readonly DriveHealth[]): Held {
  const entries = Object.entries(slots);
  const strangers = entries.filter(([, serial]) => !drives.some((drive) => sameSerial(drive.serial, serial)));
  if (strangers.length === entries.length) return {is: 'apart'};
  return {
    is: 'held',
    disputes: strangers.map(
      ([slot, serial]) =>
        `${source} has ${serial} in slot ${slot}, and no drive has that serial number (${drives.map(named).join(', ')})`,
    ),
  };
}

/** Whether anything can be held against the map later: what is in dispute was never so. */
export function agrees(map: DriveMap, drives: readonly DriveHealth[]): boolean {
  const held = hold(map, drives);
  return held.is === 'apart' || held.disputes.length === 0;
}

/** Slots of which a source now says another serial number than it did. One that it no longer tells of is no change. */
export function changes(was: readonly DriveMap[], is: readonly DriveMap[]): readonly string[] {
  return is.flatMap(({source, slots}) =>
    was
      .filter((map) => map.source === source)
      .flatMap((map) =>
        Object.entries(slots).flatMap(([slot, serial]) => {
          const old = Object.hasOwn(map.slots, slot) ? map.slots[slot] : undefined;
          return old === undefined || sameSerial(old, serial)
            ? []
            : [`${source} had ${old} in slot ${slot} and has ${serial}`];
        }),
      ),
  );
}

const leastPart = 8;

/**
 * Sources write a serial number with hyphens and without, and SAS drives by Seagate tell twenty characters of which
 * the label, and whoever goes by it, has the first eight.
 */
export function sameSerial(one: string, other: string): boolean {
  const [a, b] = [bareSerial(one), bareSerial(other)].toSorted((x, y) => x.length - y.length) as [string, string];
  return a !== '' && (a === b || (a.length >= leastPart && b.startsWith(a)));
}

const bareSerial = (serial: string): string => serial.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
