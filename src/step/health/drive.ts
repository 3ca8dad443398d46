/** One drive, as the machine and the drive itself tell of it. */
export type DriveHealth = Seat & (Told | Untold);

interface Seat {
  /** Where it is plugged in: `ata 0000:00:1f.2 port 3`, `nvme 0000:01:00.0`, `megaraid 5`, an enclosure's own name for it. */
  readonly slot: string;
  /** Empty where a RAID controller hides the drive and it gives no answer. */
  readonly serial: string;
  readonly model: string;
  /** Errors that the other end of its cable has counted: the SAS PHYs of its controller or expander. */
  readonly phyErrors?: number;
}

/** What it says of itself, as far as its protocol has it; undefined where it has no such counter. */
export interface Told {
  readonly answer: 'told';
  /** Its own verdict (SMART overall health); undefined where it gives none. */
  readonly passed?: boolean;
  readonly powerOnHours?: number;
  /** Errors on the way to it: UDMA CRC (ATA attribute 199), SAS PHY log. A drive counts them; cables cause them. */
  readonly linkErrors?: number;
  /** Sectors replaced, waiting to be, or that could not be read: errors of the drive itself. */
  readonly mediaErrors?: number;
  /** NVMe critical warning, other than 0. */
  readonly warning?: number;
}

/**
 * It says nothing: as it has no SMART (`unsupported`: a virtual disk, a USB bridge), or though it should (`silent`: it
 * hangs, is gone, or fails the command).
 */
export interface Untold {
  readonly answer: 'unsupported' | 'silent';
  readonly why: string;
}

/** All drives, and what the light system's kernel has logged, at one moment. */
export interface HealthReading {
  readonly drives: readonly DriveHealth[];
  readonly logs: readonly ControllerLog[];
}

/** A log as it came: nothing in it is trusted, or shown as it is. */
export interface ControllerLog {
  readonly controller: string;
  readonly bytes: Uint8Array;
}

/** What two readings with work in between say of the whole, in words; none where nothing is wrong. */
export interface HealthVerdict {
  /** Why the common cause comes before any drive. */
  readonly common: readonly string[];
  /** What is wrong with single drives, and stops nothing. */
  readonly single: readonly string[];
}

/** A drive that fails so young was put in beside others that failed: then it is not the drive. */
export const newHours = 72;

/**
 * One bad drive is a bad drive. Two, or a new one, or several that see errors on their cables, have something in common:
 * power, cable or backplane, until shown otherwise. Nothing is built on such a machine. Counters are held against
 * `before`, places against `first`, the first reading of the whole run.
 */
export function judgeHealth(
  before: readonly DriveHealth[],
  now: readonly DriveHealth[],
  first: readonly DriveHealth[] = before,
): HealthVerdict {
  const failing = now.flatMap((drive) => {
    const why = whyFailing(drive, same(drive, before));
    return why === undefined ? [] : [{drive, says: `${named(drive)}: ${why}`}];
  });
  const noisy = now.filter((drive) => {
    const earlier = same(drive, before);
    return (
      earlier !== undefined && (rise(earlier, drive, 'linkErrors') > 0 || risen(earlier.phyErrors, drive.phyErrors))
    );
  });
  const young = failing.flatMap(({drive, says}) => {
    const hours = hoursOf(drive) ?? hoursOf(same(drive, before));
    return hours !== undefined && hours < newHours ? [`a drive only ${hours} hours old fails (${says})`] : [];
  });
  const common = [
    ...(failing.length >= 2 ? [`${failing.length} drives fail (${failing.map(({says}) => says).join('; ')})`] : []),
    ...young,
    ...(noisy.length >= 2 ? [`transfer errors rise on ${noisy.length} drives (${noisy.map(named).join(', ')})`] : []),
    ...changesOf(first, now),
  ];
  return {common, single: failing.map(({says}) => says)};
}

function whyFailing(now: DriveHealth, before: DriveHealth | undefined): string | undefined {
  if (now.answer !== 'told') return now.answer === 'silent' ? `gives no answer (${now.why})` : undefined;
  if (now.passed === false) return 'says that it fails';
  if (now.warning !== undefined && now.warning !== 0) return `critical warning ${now.warning}`;
  const more = before === undefined ? 0 : rise(before, now, 'mediaErrors');
  return more > 0 ? `${more} more media errors while it was read` : undefined;
}

/** By how much a counter is higher; 0 where it was not told both times. */
function rise(before: DriveHealth, now: DriveHealth, counter: 'linkErrors' | 'mediaErrors'): number {
  if (before.answer !== 'told' || now.answer !== 'told') return 0;
  const [was, is] = [before[counter], now[counter]];
  return was === undefined || is === undefined ? 0 : is - was;
}

const risen = (was: number | undefined, is: number | undefined): boolean =>
  was !== undefined && is !== undefined && is > was;

const hoursOf = (drive: DriveHealth | undefined): number | undefined =>
  drive?.answer === 'told' ? drive.powerOnHours : undefined;

export const named = ({slot, serial}: DriveHealth): string => (serial === '' ? slot : `${slot} ${serial}`);

/** The drive in another reading: by its serial number; where one of the two tells none, by its slot. */
const same = (drive: DriveHealth, among: readonly DriveHealth[]): DriveHealth | undefined =>
  among.find(({serial}) => serial !== '' && serial === drive.serial) ??
  among.find(({serial, slot}) => slot === drive.slot && (serial === '' || drive.serial === ''));

/** Serial numbers by slot that are not what they were: a drive has come, gone, or moved. */
function changesOf(was: readonly DriveHealth[], is: readonly DriveHealth[]): readonly string[] {
  return [
    ...is.flatMap((drive) => {
      const old = same(drive, was);
      if (old === undefined) return [`a drive appeared: ${named(drive)}`];
      return old.slot === drive.slot ? [] : [`${drive.serial} was in ${old.slot} and is in ${drive.slot}`];
    }),
    ...was.flatMap((drive) => (same(drive, is) === undefined ? [`a drive went away: ${named(drive)}`] : [])),
  ];
}

/** Serial numbers by slot, as a step's proof holds them. */
export const slotMap = (drives: readonly DriveHealth[]): Readonly<Record<string, string>> =>
  Object.fromEntries(drives.map(({slot, serial}) => [slot, serial]));
