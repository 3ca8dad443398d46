import {spawnSync} from 'node:child_process';
import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Plant} from '../../src/image/os/suspect-plants.ts';

/** Which of the planted things the bundle in a folder holds, each in the item that must hold it. */
export async function findPlanted(
  data: string,
  planted: readonly Plant[],
): Promise<{readonly found: readonly string[]; readonly missed: readonly string[]}> {
  const names = await readdir(data);
  const found: string[] = [];
  const missed: string[] = [];
  for (const {id, item, mark} of planted) {
    const files = names.filter((name) => new RegExp(`^(?:\\d+-${item}|${item}-[0-9a-f]{8})\\.`).test(name));
    const held = await Promise.all(
      files.map(async (name) =>
        name.endsWith('.zst')
          ? packedHolds(join(data, name), mark)
          : holds(await readFile(join(data, name)), name, mark),
      ),
    );
    (held.includes(true) ? found : missed).push(id);
  }
  return {found, missed};
}

/** Records hold what the host controlled in base64; everything else is as it came. */
function holds(content: Buffer, name: string, mark: string): boolean {
  if (!name.endsWith('.tsv')) return content.includes(mark);
  return content
    .toString('latin1')
    .split('\n')
    .some((line) =>
      line
        .split('\t')
        .some(
          (field) =>
            Buffer.from(field, 'base64').includes(mark.replaceAll(' ', '\0')) ||
            Buffer.from(field, 'base64').includes(mark),
        ),
    );
}

/** Gigabytes, once unpacked: with standard programs, as an examiner would. */
const packedHolds = (file: string, mark: string): boolean =>
  spawnSync('sh', ['-c', 'zstd -dc "$0" | grep -q -a -F -e "$1"', file, mark]).status === 0;
