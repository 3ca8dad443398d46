import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import type {Ability, MediumFacts} from './medium.ts';
import {methodFacts, type WipeMethod} from './method.ts';

/**
 * How well a disk is erased. `metadata` and `express` are no sanitization; `clear` and `purge` are those of NIST SP
 * 800-88r2. A level is reached or refused, never lowered.
 */
export const wipeLevels = ['metadata', 'express', 'clear', 'purge'] as const;
export type WipeLevel = (typeof wipeLevels)[number];

/** By level, the best first. Every one of them reaches it; which of them a medium has decides. */
const preference: Readonly<Record<WipeLevel, readonly WipeMethod[]>> = {
  metadata: ['signatures'],
  express: ['nvme-format', 'nvme-format-crypto', 'discard', 'signatures'],
  clear: [
    'nvme-format',
    'overwrite',
    'nvme-format-crypto',
    'ata-secure-erase-enhanced',
    'ata-secure-erase',
    'scsi-format',
  ],
  purge: [
    'nvme-sanitize-block',
    'nvme-sanitize-crypto',
    'nvme-sanitize-overwrite',
    'ata-sanitize-block',
    'ata-sanitize-crypto',
    'ata-sanitize-overwrite',
    'scsi-sanitize-block',
    'scsi-sanitize-crypto',
    'scsi-sanitize-overwrite',
  ],
};

/**
 * The method by which a medium reaches a level; `wanted` where the runbook names one. Refused with what is possible
 * instead, which a person must then ask for.
 */
export function chooseMethod(
  {name, serial}: DiskSpec,
  medium: MediumFacts,
  level: WipeLevel,
  wanted?: WipeMethod,
): Result<Ability> {
  const ability = (method: WipeMethod): Ability | undefined => medium.can.find((each) => each.method === method);
  const candidates = wanted ? [wanted] : preference[level].filter((method) => !methodFacts(method).lastResort);
  const usable = candidates.flatMap((method) => ability(method) ?? []).find(({blocked}) => blocked === undefined);
  // What a host protected area hides, no host can write to.
  const hidden = medium.nativeBytes !== undefined && medium.nativeBytes > medium.sizeBytes;
  if (usable && hidden && methodFacts(usable.method).by === 'host' && level === 'clear')
    return failed(
      fault(
        'disk.hidden-area',
        `${name} ${serial} hides ${(medium.nativeBytes ?? 0) - medium.sizeBytes} bytes from the host, which ${usable.method} would leave`,
        {detail: {serial, sizeBytes: medium.sizeBytes, nativeBytes: medium.nativeBytes ?? 0}},
      ),
    );
  if (usable) return ok(usable);
  const blocked = candidates.flatMap((method) => {
    const found = ability(method);
    return found?.blocked === undefined ? [] : [`${method} (${found.blocked})`];
  });
  const possible = possibleLevels(medium);
  const what = wanted ? `no ${wanted}` : `no method that reaches ${level}`;
  return failed(
    fault(
      'disk.method-missing',
      `${name} ${serial} has ${what}${blocked.length ? `; blocked: ${blocked.join(', ')}` : ''}; it can: ${possible}`,
      {detail: {serial, level, ...(wanted && {method: wanted}), blocked}},
    ),
  );
}

/** Levels that the medium can reach, each with its methods, in words. */
function possibleLevels({can}: MediumFacts): string {
  const free = can.filter(({blocked}) => blocked === undefined).map(({method}) => method);
  return wipeLevels
    .flatMap((level) => {
      const methods = preference[level].filter((method) => free.includes(method));
      return methods.length ? [`${level} (${methods.join(', ')})`] : [];
    })
    .join('; ');
}
