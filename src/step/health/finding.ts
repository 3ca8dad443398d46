import {fault, type Fault} from '../../fault.ts';
import {notMade, passed, type Check} from '../check.ts';
import {judgeHealth, named, slotMap, type DriveHealth} from './drive.ts';
import {changes, hold} from './drive-map.ts';
import type {HealthRecord} from './record.ts';
import type {Testimony} from './source.ts';

/** All that is known when the drives are judged. */
export interface Seen extends Testimony {
  readonly drives: readonly DriveHealth[];
  /** The reading that counters are held against. */
  readonly before: readonly DriveHealth[];
  /** The first of the whole run: who was in which slot. */
  readonly first: HealthRecord;
}

export interface Finding {
  /** Why nothing is built on this machine; the gravest, where there are several. */
  readonly fault?: Fault;
  /** What is wrong with single drives, and stops nothing. */
  readonly single: readonly string[];
  readonly checks: readonly Check[];
}

/** A controller that writes garbage comes first: nothing that it says of its drives is believed. */
export function judge({drives, before, first, logs, maps, unread}: Seen): Finding {
  const {common, single} = judgeHealth(before, drives, first.drives);
  const held = maps.map((map) => ({map, is: hold(map, drives)}));
  const disputes = held.flatMap(({is}) => (is.is === 'held' ? is.disputes : []));
  const found = [
    distrust(logs),
    cause([...common, ...changes(first.maps, maps)], drives),
    disputes.length > 0 ? fault('disk.map-disputed', disputes.join('; '), {detail: {disputes}}) : undefined,
  ].find((one) => one !== undefined);
  return {
    ...(found && {fault: found}),
    single,
    checks: [
      passed('drives', `all ${drives.length} in the slots of the first reading`),
      ...drives.flatMap((drive) =>
        drive.answer === 'unsupported' ? [notMade(`SMART of ${named(drive)}`, drive.why)] : [],
      ),
      ...logs.map(({controller, lines}) => passed(`log of ${controller}`, `text to its end, lines: ${lines}`)),
      ...held.map(({map: {source, slots}, is}) =>
        is.is === 'held'
          ? passed(`map of ${source}`, `all ${Object.keys(slots).length} of its drives are here`)
          : notMade(`map of ${source}`, `the light system reaches none of its ${Object.keys(slots).length} drives`),
      ),
      ...unread.map((says) => notMade('the BMC’s record', says)),
    ],
  };
}

function distrust(logs: Testimony['logs']): Fault | undefined {
  const bad = logs.flatMap(({controller, quarantined}) => (quarantined ? [{controller, ...quarantined}] : []));
  if (bad.length === 0) return undefined;
  return fault(
    'disk.controller-distrusted',
    bad.map(({controller, why, line}) => `${controller} wrote ${why} in line ${line} of its log`).join('; '),
    {detail: {controllers: bad.map(({controller}) => controller)}},
  );
}

function cause(common: readonly string[], drives: readonly DriveHealth[]): Fault | undefined {
  if (common.length === 0) return undefined;
  return fault('disk.common-cause', `power, cable or backplane until shown otherwise: ${common.join('; ')}`, {
    detail: {common, slots: slotMap(drives)},
  });
}
