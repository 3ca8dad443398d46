import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';

const root = join(import.meta.dirname, '../../..');

/** The program as it is installed: built, and anew where a source is newer. */
export async function builtProgram(): Promise<string> {
  const bin = join(root, 'dist/bin.js');
  const built = await stat(bin).then(
    ({mtimeMs}) => mtimeMs,
    () => 0,
  );
  const names = await readdir(join(root, 'src'), {recursive: true});
  const changed = await Promise.all(names.map(async (name) => (await stat(join(root, 'src', name))).mtimeMs));
  if (Math.max(...changed) > built) await execa('npm', ['run', 'build'], {cwd: root});
  return bin;
}
