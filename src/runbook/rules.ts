import type {Json} from '../json.ts';
import type {Finding} from './finding.ts';
import type {Runbook} from './runbook.ts';
import {didYouMean} from './suggest.ts';
import {mapping} from './value-at.ts';

/** A gate before a step that is not there would hold nothing back. */
export function mistakesInGate(gate: Json | undefined, steps: Json | undefined): readonly Finding[] {
  const wanted = mapping(gate)['for'];
  const named: readonly Json[] = Array.isArray(wanted) ? wanted : [];
  const ids = (Array.isArray(steps) ? steps : []).flatMap((step: Json) => {
    const {id} = mapping(step);
    return typeof id === 'string' ? [id] : [];
  });
  return named.flatMap((step, index): Finding[] => {
    if (typeof step !== 'string') return [];
    const at = {on: 'value', path: ['gate', 'for', index]} as const;
    if (named.indexOf(step) < index)
      return [{at, says: `gate.for names "${step.slice(0, 40)}" twice`, explain: 'gate'}];
    if (ids.includes(step)) return [];
    const hint = didYouMean(step, ids) ?? (ids.length > 0 ? `there is: ${ids.join(', ')}` : undefined);
    return [{at, says: `gate.for: no step is called "${step.slice(0, 40)}"`, ...(hint && {hint}), explain: 'gate'}];
  });
}

/** A partition's disk is named too: what else is on it can be marked as kept. */
function mistakesInPartitions({disks}: Runbook): readonly Finding[] {
  const serials = new Set(Object.values(disks).map(({serial}) => serial));
  return Object.values(disks).flatMap(({name, partition}): Finding[] =>
    partition === undefined || partition.of === '' || serials.has(partition.of)
      ? []
      : [
          {
            at: {on: 'value', path: ['disks', name, 'serial']},
            says: `disks.${name}.serial: the disk of this partition is not under disks by itself`,
            hint: 'name it there too, with keep: true for what else is on it',
          },
        ],
  );
}

/** Two names for one serial number: a step could then erase a disk under one name that is kept under the other. */
export function mistakesInDisks(runbook: Runbook): readonly Finding[] {
  const {disks} = runbook;
  const names = new Map<string, string>();
  const findings: Finding[] = [];
  for (const {name, serial} of Object.values(disks)) {
    if (serial === '') continue;
    const key = serial.toUpperCase();
    const other = names.get(key);
    if (other !== undefined)
      findings.push({
        at: {on: 'value', path: ['disks', name, 'serial']},
        says: `disks.${name}.serial: disk "${other}" has the same serial number`,
      });
    names.set(key, name);
  }
  return [...findings, ...mistakesInPartitions(runbook)];
}
