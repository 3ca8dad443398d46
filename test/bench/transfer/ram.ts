import {mkdtemp, rmdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {leftover} from '../leftovers.ts';

/**
 * Runs `work` with a file system in RAM as the folder for temporary files: disks are there, so that what is measured is
 * the link and not whatever else this machine's disk has to do.
 */
export async function inRam<T>(work: () => Promise<T>): Promise<T> {
  const usual = process.env['TMPDIR'];
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-bench-'));
  await execa('mount', ['-t', 'tmpfs', '-o', 'mode=700', 'rebuild-bench', folder]);
  process.env['TMPDIR'] = folder;
  const remove = leftover(async () => {
    await execa('umount', ['--lazy', folder]);
    await rmdir(folder);
  });
  try {
    return await work();
  } finally {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    await remove();
  }
}
