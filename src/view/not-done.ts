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
    'Accounts and settings of the BMC: not changed.',
    'Evidence: no copy of the old disks or memory was taken by this run.',
    'Data: nothing was restored from a backup.',
  ];
}
