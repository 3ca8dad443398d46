import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec, Runbook} from '../../runbook/runbook.ts';
import {sizeText} from '../../runbook/size.ts';
import {sizeDiffers} from '../disk.ts';
import type {WritableDisk} from '../world/target.ts';

/** So many are named in one line; the fault's detail has all. */
const mostNamed = 4;

/**
 * Holds all that could be written to in a machine against the disks that its runbook declares, before any is erased. One
 * that nobody declared says that this is not the machine, or not the cabling, that people agreed on: whoever had the host
 * may have left it, and a new system may start from it. Disks that are declared are there once, in their size and under
 * their world wide name; whether one is missing is for the step that wants it. A disk that was forgone is what it is.
 * Faults: `disk.undeclared`, `disk.ambiguous`, `disk.size-differs`, `disk.wwn-differs`.
 */
export function asDeclared(
  seen: readonly WritableDisk[],
  {disks}: Pick<Runbook, 'disks'>,
  forgone: (spec: DiskSpec) => boolean = () => false,
): Result<void> {
  const all = Object.values(disks);
  const declared = new Set<string>(all.map(({serial, partition}) => partition?.of ?? serial));
  const strangers = seen.filter(({serial}) => serial === undefined || !declared.has(serial));
  if (strangers.length > 0) return failed(undeclared(strangers));
  for (const spec of all.filter((one) => !one.partition && !one.ram && !forgone(one))) {
    const [found, twin] = seen.filter(({serial}) => serial === spec.serial);
    if (twin) return failed(fault('disk.ambiguous', `two disks report serial ${spec.serial}`));
    const wrong = found && (sizeDiffers(found, spec) ?? wwnDiffers(found, spec));
    if (wrong) return failed(wrong);
  }
  return ok(undefined);
}

function undeclared(strangers: readonly WritableDisk[]): Fault {
  const texts = strangers.map(
    ({serial, model, sizeBytes, transport, name}) =>
      `${serial ?? 'one without a serial number'} (${model}, ${sizeText(sizeBytes)}, ${transport}, ${name})`,
  );
  const more = texts.length > mostNamed ? ` and ${texts.length - mostNamed} more` : '';
  return fault('disk.undeclared', `not in the runbook: ${texts.slice(0, mostNamed).join(', ')}${more}`, {
    state: 'this attempt has erased nothing',
    next: waysOn(strangers),
    detail: {
      disks: strangers.map(({serial = null, name, model, sizeBytes, transport, wwn = null}) => ({
        serial,
        name,
        model,
        sizeBytes,
        transport,
        wwn,
      })),
    },
  });
}

function waysOn(strangers: readonly WritableDisk[]): string {
  const [named] = strangers.filter(({serial}) => serial !== undefined);
  const nameless = strangers.some(({serial}) => serial === undefined);
  return [
    `pull it${nameless ? ', or switch it off in the firmware’s setup' : ''}, then: rebuild resume HOST`,
    ...(named
      ? [
          `or, if it is to stay, declare it under disks, {serial: ${named.serial}, size: ${sizeText(named.sizeBytes)}, keep: true}, and begin anew: rebuild abandon HOST -m REASON`,
        ]
      : ['without a serial number it cannot be declared']),
  ].join('; ');
}

function wwnDiffers({wwn}: WritableDisk, spec: DiskSpec): Fault | undefined {
  if (spec.wwn === undefined || bare(wwn ?? '') === bare(spec.wwn)) return undefined;
  return fault(
    'disk.wwn-differs',
    `${spec.serial} shows ${wwn === undefined ? 'no world wide name' : `world wide name ${wwn}`}, the runbook says ${spec.wwn}`,
  );
}

/** The kernel writes `naa.5000c500a1b2c3d4` where lsblk prints `0x5000c500a1b2c3d4`. */
const bare = (wwn: string): string =>
  wwn
    .toLowerCase()
    .replace(/^(?:0x|naa\.|eui\.|uuid\.)/, '')
    .replaceAll('-', '');
