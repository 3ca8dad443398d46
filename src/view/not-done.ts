import {verdictsIn} from '../step/evidence/verdict.ts';
import type {History} from './history.ts';

/**
 * What a reader could believe was done and was not. A post-mortem that only lists deeds is read as if it listed
 * everything. A statement is left out once a step kind does what it denies.
 */
export function notDone({steps, facts}: History): readonly string[] {
  const kinds = new Set(steps.filter(({status}) => status.is === 'done').map(({heading}) => heading.kind));
  const unfinished = steps.filter(({status}) => status.is !== 'done').map(({heading}) => heading.id);
  const keeps = facts['keeps'];
  const kept = Array.isArray(keeps) ? keeps.filter((serial) => typeof serial === 'string') : [];
  const begun = new Set(steps.filter(({attempts}) => attempts.length > 0).map(({heading}) => heading.kind));
  const absent: readonly (readonly [string, string])[] = [
    ['port.isolate', 'The host was not isolated by this run.'],
    ['disk.wipe', 'No disk was erased.'],
    ['os.install', 'No system was installed.'],
  ];
  return [
    ...(unfinished.length ? [`Steps not finished: ${unfinished.join(', ')}.`] : []),
    // Of a step that was begun nothing is denied here: how far it came is told above.
    ...absent.flatMap(([kind, says]) => (begun.has(kind) ? [] : [says])),
    ...(kinds.has('host.verify') ? [] : ['The new system was not proved from outside.']),
    ...(kept.length
      ? [`Disks kept (${kept.join(', ')}): not erased, and not searched for what the intruder left.`]
      : []),
    ...(begun.has('disk.wipe')
      ? ['Spare and remapped blocks of erased disks: out of reach of this level of erase (NIST SP 800-88r2, Clear).']
      : []),
    'Firmware of the machine, its BMC, its disks and its adapters: neither read nor replaced.',
    ...bmcNotDone(steps),
    ...evidenceNotTaken(steps),
    'Data: nothing was restored from a backup.',
  ];
}

/** The BMC outlives every disk that is erased, and so does whoever has a way into it. */
function bmcNotDone(steps: History['steps']): readonly string[] {
  const done = (kind: string): boolean =>
    steps.some(({heading, status}) => heading.kind === kind && status.is === 'done');
  const begun = (kind: string): string | undefined =>
    steps
      .filter(({heading}) => heading.kind === kind)
      .flatMap(({attempts}) => attempts.map((attempt) => attempt.begun))
      .toSorted()[0];
  const [audited, rotated] = [done('bmc.audit'), done('bmc.rotate')];
  const [trusted, looked] = [begun('media.mount'), begun('bmc.audit')];
  return [
    ...(audited ? [] : ['Accounts and settings of the BMC: not audited.']),
    ...(audited && trusted !== undefined && looked !== undefined && trusted < looked
      ? ['The BMC was trusted with a medium before it was first audited.']
      : []),
    ...(rotated ? [] : ['Password of the BMC: not changed.']),
  ];
}

function evidenceNotTaken(steps: History['steps']): readonly string[] {
  const last = steps.findLast(({heading, status}) => heading.kind === 'evidence.capture' && status.is === 'done');
  const kept = new Set(
    verdictsIn(last?.status.is === 'done' ? last.status.proof : undefined)
      .filter(({standing}) => standing.is === 'verified')
      .map(({profile}) => profile),
  );
  const without = [...(kept.has('image') ? [] : ['the old disks']), ...(kept.has('memory') ? [] : ['the old memory'])];
  return without.length === 0 ? [] : [`Evidence: no copy of ${without.join(' or ')} was taken by this run.`];
}
