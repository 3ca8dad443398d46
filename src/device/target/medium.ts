import {ok, type Result} from '../../result.ts';
import type {Ability, Extent, MediumFacts} from '../../step/wipe/medium.ts';
import {garbled, type Answer} from './answer.ts';
import {ataAbilities, ataIdentity} from './ata.ts';
import {nvmeAbilities, nvmeErasedFlag} from './nvme.ts';
import {count} from './parse.ts';
import {scsiAbilities} from './scsi.ts';

const buses = ['nvme', 'ata', 'scsi', 'virtio', 'other'] as const;
const texts = ['vendor', 'model', 'firmware', 'wwn'] as const;
const binaries = ['identify', 'sanitize-log', 'sanitize-01', 'sanitize-02', 'sanitize-03', 'format'];

/**
 * What the agent's `medium` tells of a disk. The disk's own tables come as they are and are interpreted here: a table
 * that is not there, or too short, is an ability that the disk does not have.
 */
export function parseMedium(answers: readonly Answer[]): Result<MediumFacts> {
  const [head, ...rest] = answers;
  const [bus, bytes, rotational] = head?.values ?? [];
  const sizeBytes = count(bytes);
  const known = buses.find((one) => one === bus);
  if (head?.key !== 'bus' || head.values.length !== 3 || !known || !sizeBytes || !/^[01]$/.test(rotational ?? ''))
    return garbled('medium', 'what it is');
  const fields = new Map<string, string>();
  const partitions: Extent[] = [];
  for (const {key, values} of rest) {
    if (key === 'partition') {
      const [offset, length] = values.map(count);
      if (values.length !== 2 || offset === undefined || length === undefined) return garbled('medium', 'a partition');
      partitions.push({offset, length});
    } else if (values.length !== 1 || fields.has(key)) return garbled('medium', `${key} ${values.length}`);
    else fields.set(key, values[0] ?? '');
  }
  const unknown = [...fields.keys()].find((key) => !allowed.has(key));
  if (unknown !== undefined) return garbled('medium', `${unknown} is not known`);
  const binary = (key: string): Buffer => Buffer.from(fields.get(key) ?? '', 'base64');
  const identity = ataIdentity(fields.get('identify-words') ?? '');
  const text = (key: (typeof texts)[number]): string => (fields.get(key) ?? '').trim();
  const flash = rotational === '0';
  const own: Readonly<Record<(typeof buses)[number], () => readonly Ability[]>> = {
    nvme: () => nvmeAbilities(binary('identify'), binary('sanitize-log')),
    ata: () => ataAbilities(identity, fields.get('sanitize') ?? 'none'),
    scsi: () =>
      scsiAbilities(
        [1, 2, 3].map((action) => binary(`sanitize-0${action}`)),
        binary('format'),
      ),
    virtio: () => [],
    other: () => [],
  };
  const native = count(fields.get('native-sectors'));
  return ok({
    bus: known,
    vendor: text('vendor'),
    model: text('model'),
    firmware: identity?.firmware || text('firmware'),
    wwn: text('wwn'),
    rotational: !flash,
    sizeBytes,
    ...(native !== undefined && known === 'ata' ? {nativeBytes: native * 512} : {}),
    can: [
      ...own[known](),
      ...(flash && fields.has('discard') ? [{method: 'discard'} as const] : []),
      {method: 'overwrite'},
      {method: 'signatures'},
    ],
    erasedFlag: known === 'nvme' && nvmeErasedFlag(binary('sanitize-log')),
    partitions,
  });
}

const allowed = new Set<string>([...texts, ...binaries, 'identify-words', 'sanitize', 'native-sectors', 'discard']);
