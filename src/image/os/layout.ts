import {ok, type Result} from '../../result.ts';
import {runTool} from '../debian/tool.ts';

export const sector = 512;
const mebibyte = 1 << 20;

/** Where the partitions lie, in bytes. */
export const layout = {
  biosBoot: {start: 1 * mebibyte, size: 1 * mebibyte},
  esp: {start: 2 * mebibyte, size: 64 * mebibyte},
  rootStart: 66 * mebibyte,
  // The backup partition table.
  tail: 1 * mebibyte,
} as const;

const biosBootType = '21686148-6449-6E6F-744E-656564454649';
const espType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
// Linux root (x86-64), of the Discoverable Partitions Specification.
const rootType = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';

export const diskBytes = (rootBytes: number): number => layout.rootStart + rootBytes + layout.tail;

const line = (start: number, size: number, type: string, uuid: string | undefined, name: string) =>
  `start=${start / sector}, size=${size / sector}, type=${type}, uuid=${uuid}, name=${name}`;

/** What `sfdisk` reads. Every identifier is given, so that the same image has the same table. */
export function tableScript(
  rootBytes: number,
  uuids: {readonly disk: string; readonly parts: readonly string[]},
): string {
  const [bios, esp, root] = uuids.parts;
  return [
    'label: gpt',
    `label-id: ${uuids.disk}`,
    'unit: sectors',
    'first-lba: 34',
    '',
    line(layout.biosBoot.start, layout.biosBoot.size, biosBootType, bios, 'bios'),
    line(layout.esp.start, layout.esp.size, espType, esp, 'esp'),
    line(layout.rootStart, rootBytes, rootType, root, 'root'),
    '',
  ].join('\n');
}

/** Writes the partition table, and the protective MBR, into a disk image. */
export async function writeTable(disk: string, script: string): Promise<Result<void>> {
  const made = await runTool(['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', disk], {input: script});
  return made.ok ? ok(undefined) : made;
}

/** Moves the backup table to the end of a disk image that was made larger. */
export async function moveBackupTable(disk: string): Promise<Result<void>> {
  const moved = await runTool([
    'sfdisk',
    '--quiet',
    '--no-reread',
    '--no-tell-kernel',
    '--relocate',
    'gpt-bak-std',
    disk,
  ]);
  return moved.ok ? ok(undefined) : moved;
}
