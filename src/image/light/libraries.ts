import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {libraryPath} from './contents.ts';
import {neededLibraries} from './elf.ts';

/** The shared libraries that these files need, and those need, by the name they are asked for. */
export async function librariesOf(files: Iterable<Buffer>, root: string): Promise<Result<ReadonlyMap<string, Buffer>>> {
  const found = new Map<string, Buffer>();
  const wanted = [...files].flatMap(neededLibraries);
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    // The loader itself is named by its path in each program.
    if (found.has(name) || name.startsWith('ld-linux')) continue;
    const library = await readFile(join(root, libraryPath, name)).catch(() => undefined);
    if (!library) return failed(fault('image.build-failed', `no package brings the library ${name}`));
    found.set(name, library);
    wanted.push(...neededLibraries(library));
  }
  return ok(found);
}
