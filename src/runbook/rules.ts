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

/** Whoever owns the old system sees what logs in there: its key must open nothing else. */
export function mistakesInKeys(value: Json): readonly Finding[] {
  const raw = mapping(value);
  const {key} = mapping(raw['suspect']);
  if (typeof key !== 'string') return [];
  const others: readonly (readonly [string, Json | undefined])[] = [
    ['edge', raw['edge']],
    ...Object.entries(mapping(raw['vantages'])).map(([name, vantage]) => [`vantages.${name}`, vantage] as const),
  ];
  const shared = others.filter(([, login]) => mapping(login)['key'] === key).map(([name]) => `${name}.key`);
  return shared.length === 0
    ? []
    : [
        {
          at: {on: 'value', path: ['suspect', 'key']},
          says: `suspect.key is also ${shared.slice(0, 3).join(' and ')}: the old system is hostile, and its key must open nothing else`,
          hint: 'make a key for it alone, and throw it away afterwards: ssh-keygen -t ed25519',
          explain: 'suspect.key',
        },
      ];
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
