import type {JsonObject} from '../json.ts';
import {escape, wrap} from './escape.ts';
import type {History} from './history.ts';
import {screenColumns} from './row.ts';
import type {StepHistory} from './step-history.ts';

/**
 * What a run that ends before its end leaves as it is, from the record alone: what keeps the host out of reach, what it
 * stands on, and what its disks have lost. One sentence a thing.
 */
export function leftBehind({steps, facts, host}: History): readonly string[] {
  const of = (kind: string): StepHistory | undefined => steps.findLast(({heading}) => heading.kind === kind);
  const begun = (kind: string): boolean => (of(kind)?.attempts.length ?? 0) > 0;
  const done = (kind: string): boolean => of(kind)?.status.is === 'done';
  const unsure = (kind: string): string => (done(kind) ? '' : ', as far as is known');
  const serials = (kind: string): readonly string[] =>
    (of(kind)?.effects ?? []).flatMap(({effect, is}) =>
      effect.startsWith('wipe:') && is !== 'absent' ? [escape(effect.slice('wipe:'.length))] : [],
    );
  const wiped = serials('disk.wipe');
  const erasedAll = done('disk.wipe');
  return [
    ...(begun('network.restore')
      ? [`Edge: ${host} is behind the rules of network.restore${unsure('network.restore')}.`]
      : begun('port.isolate')
        ? [`Edge: ${host} stays in quarantine${unsure('port.isolate')}; nothing lifts it by itself.`]
        : []),
    ...(begun('media.mount') && !done('media.eject')
      ? ['Medium: the virtual CD stays mounted, and nobody serves it; take it out at the BMC.']
      : []),
    ...powerText(begun, done),
    ...(wiped.length > 0
      ? [
          `Disks: ${wiped.join(', ')} ${erasedAll ? 'erased' : 'were being erased; how far is for the light system to say'}.`,
          `Latch: ${wiped.join(', ')} ${erasedAll ? (wiped.length === 1 ? 'carries' : 'carry') : 'may carry'} this run’s record that it wiped them; a new run wipes anew.`,
        ]
      : []),
    ...(begun('os.install') && !done('os.install') ? ['System: half written; the disk starts nothing.'] : []),
    ...(done('os.install') && !begun('network.restore') ? ['System: the new one is on its disk, never started.'] : []),
    ...keptText(facts),
  ];
}

/** The same as a list of at most 79 columns. */
export const leftText = (history: History): readonly string[] =>
  leftBehind(history).flatMap((text) =>
    wrap(text, screenColumns - 3).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`),
  );

function powerText(begun: (kind: string) => boolean, done: (kind: string) => boolean): readonly string[] {
  if (begun('network.restore'))
    return [
      done('network.restore')
        ? 'Power: on, with the new system.'
        : 'Power: on, going from the light to the new system.',
    ];
  if (begun('target.boot'))
    return [
      done('target.boot')
        ? 'Power: on, with the light system in RAM; it waits for this run and no other.'
        : 'Power: it was being started from the medium; the boot override may still stand.',
    ];
  return begun('media.mount') ? ['Power: off.'] : [];
}

function keptText(facts: JsonObject): readonly string[] {
  const {keeps} = facts;
  const kept = Array.isArray(keeps) ? keeps.filter((serial) => typeof serial === 'string') : [];
  return kept.length > 0 ? [`Kept disks: ${kept.map((serial) => escape(serial)).join(', ')}, not written to.`] : [];
}
