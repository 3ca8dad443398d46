import {open, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
import type {SignedLoaders} from '../debian/signed-loaders.ts';
import {biosBoot, espImage} from './boot-loader.ts';
import {makeRoot, rootBytes} from './ext4.ts';
import {diskBytes, layout, tableScript, writeTable} from './layout.ts';
import type {Tree} from './tree.ts';
import {uuidOf} from './uuid.ts';
import {isZero} from '../chunks.ts';

export interface RawDisk {
  readonly path: string;
  readonly rootUuid: string;
}

/** Puts a tree, both boot loaders and a partition table into a raw disk image; no root, loop device or mount needed. */
export async function makeDisk(
  tree: Tree,
  loaders: SignedLoaders,
  seed: string,
  work: string,
): Promise<Result<RawDisk>> {
  const path = join(work, 'disk.raw');
  const rootUuid = uuidOf(`${seed}/root`);
  const size = rootBytes((await stat(tree.tar)).size);
  const root = await makeRoot(tree, rootUuid, size, work);
  if (!root.ok) return root;
  const esp = await espImage(work, rootUuid, loaders);
  if (!esp.ok) return esp;
  const bios = await biosBoot(work);
  if (!bios.ok) return bios;

  const disk = await open(path, 'w+');
  try {
    await disk.truncate(diskBytes(size));
    const uuids = {
      disk: uuidOf(`${seed}/disk`),
      parts: ['bios', 'esp', 'rootpart'].map((part) => uuidOf(`${seed}/${part}`)),
    };
    const table = await writeTable(path, tableScript(size, uuids));
    if (!table.ok) return table;
    await disk.write(bios.value.code, 0, bios.value.code.length, 0);
    if (bios.value.core.length > layout.biosBoot.size) throw new Error('GRUB’s core does not fit its partition');
    await disk.write(bios.value.core, 0, bios.value.core.length, layout.biosBoot.start);
    await copySparse(esp.value, disk, layout.esp.start);
    await copySparse(root.value, disk, layout.rootStart);
    await disk.sync();
  } finally {
    await disk.close();
  }
  return ok({path, rootUuid});
}

async function copySparse(from: string, to: Awaited<ReturnType<typeof open>>, start: number): Promise<void> {
  const source = await open(from);
  try {
    const buffer = Buffer.alloc(1 << 20);
    for (let at = 0; ;) {
      const {bytesRead} = await source.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      const part = buffer.subarray(0, bytesRead);
      if (!isZero(part)) await to.write(part, 0, bytesRead, start + at);
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}
