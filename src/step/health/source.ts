import {createHash} from 'node:crypto';
import {ok, type Result} from '../../result.ts';
import {readControllerLog, type LogReading} from './controller-log.ts';
import type {ControllerLog} from './drive.ts';
import type {DriveMap} from './drive-map.ts';
import type {Look} from '../world.ts';

/** A log that the operator has saved: of which controller, and where it lies, counted from the runbook's folder. */
export interface SavedLog {
  readonly controller: string;
  readonly file: string;
}

/** One log as far as it is text. */
export interface LogFound extends LogReading {
  readonly controller: string;
  readonly sha256: string;
}

/** What others than the drives and the light system tell of the drives. */
export interface Testimony {
  readonly logs: readonly LogFound[];
  readonly maps: readonly DriveMap[];
  /** What could not be read, with the reason. */
  readonly unread: readonly string[];
}

/**
 * The BMC's word, and that of the controllers whose logs were saved. A BMC's log is history: where a drive is now, its
 * inventory tells; a controller's log ends with what holds now.
 */
export async function hearOthers(look: Look, saved: readonly SavedLog[]): Promise<Result<Testimony>> {
  const own: LogFound[] = [];
  for (const {controller, file} of saved) {
    const bytes = await look.shelf.saved(file);
    if (!bytes.ok) return bytes;
    own.push(logFound({controller, bytes: bytes.value}));
  }
  const bmc = await look.bmc.health();
  if (!bmc.ok) return bmc;
  return ok({
    logs: [...own, ...bmc.value.logs.map(logFound)],
    maps: [
      ...own.flatMap(({controller, slots}) =>
        Object.keys(slots).length === 0 ? [] : [{source: `controller ${controller}`, slots}],
      ),
      ...bmc.value.maps,
    ],
    unread: bmc.value.unread,
  });
}

export const logFound = ({controller, bytes}: ControllerLog): LogFound => ({
  controller,
  sha256: digestOf(bytes),
  ...readControllerLog(bytes),
});

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
