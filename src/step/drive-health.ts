/** What a drive tells of itself, as far as its protocol has it; undefined where it has no such counter. */
export interface DriveHealth {
  /** Where it is plugged in: `ata3`, `nvme 0000:01:00.0`, `megaraid,5`, an enclosure's own name for the slot. */
  readonly slot: string;
  readonly serial: string;
  readonly model: string;
  /** Its own verdict (SMART overall health); undefined where it gives none. */
  readonly passed?: boolean;
  readonly powerOnHours?: number;
  /** Errors on the way to it: UDMA CRC (ATA attribute 199), PHY errors of SAS. A drive counts them; cables cause them. */
  readonly linkErrors?: number;
  /** Sectors replaced, waiting to be, or that could not be read: errors of the drive itself. */
  readonly mediaErrors?: number;
  /** NVMe critical warning, other than 0. */
  readonly warning?: number;
}

/** All drives, and what the controllers have to say, at one moment. */
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
 * power, cable or backplane, until shown otherwise. Nothing is built on such a machine.
 */
export function judgeHealth(before: readonly DriveHealth[], now: readonly DriveHealth[]): HealthVerdict {
  const failing = now.flatMap((drive) => {
    const why = whyFailing(
      drive,
      before.find(({serial}) => serial === drive.serial),
    );
    return why === undefined ? [] : [{drive, says: `${drive.slot} ${drive.serial}: ${why}`}];
  });
  const noisy = now.filter(({serial, linkErrors = 0}) => {
    const earlier = before.find((one) => one.serial === serial)?.linkErrors;
    return earlier !== undefined && linkErrors > earlier;
  });
  const young = failing.filter(({drive: {powerOnHours}}) => powerOnHours !== undefined && powerOnHours < newHours);
  const common = [
    ...(failing.length >= 2 ? [`${failing.length} drives fail (${failing.map(({says}) => says).join('; ')})`] : []),
    ...young.map(({drive, says}) => `a drive only ${drive.powerOnHours} hours old fails (${says})`),
    ...(noisy.length >= 2
      ? [
          `transfer errors rise on ${noisy.length} drives (${noisy.map(({slot, serial}) => `${slot} ${serial}`).join(', ')})`,
        ]
      : []),
    ...changesOf(before, now),
  ];
  return {common, single: failing.map(({says}) => says)};
}

function whyFailing(now: DriveHealth, before: DriveHealth | undefined): string | undefined {
  if (now.passed === false) return 'says that it fails';
  if (now.warning !== undefined && now.warning !== 0) return `critical warning ${now.warning}`;
  const rise = (now.mediaErrors ?? 0) - (before?.mediaErrors ?? now.mediaErrors ?? 0);
  if (rise > 0) return `${rise} more media errors while it was read`;
  return undefined;
}

/** Serial numbers by slot that are not what they were: a drive has come, gone, or moved. */
function changesOf(before: readonly DriveHealth[], now: readonly DriveHealth[]): readonly string[] {
  const place = (drives: readonly DriveHealth[]): ReadonlyMap<string, string> =>
    new Map(drives.map(({serial, slot}) => [serial, slot]));
  const [was, is] = [place(before), place(now)];
  return [
    ...[...is].flatMap(([serial, slot]) => {
      const old = was.get(serial);
      if (old === undefined) return [`a drive appeared: ${slot} ${serial}`];
      return old === slot ? [] : [`${serial} was in ${old} and is in ${slot}`];
    }),
    ...[...was].flatMap(([serial, slot]) => (is.has(serial) ? [] : [`a drive went away: ${slot} ${serial}`])),
  ];
}

/** Serial numbers by slot, as a step's proof holds them. */
export const slotMap = (drives: readonly DriveHealth[]): Readonly<Record<string, string>> =>
  Object.fromEntries(drives.map(({slot, serial}) => [slot, serial]));
