import {createHash} from 'node:crypto';
import type {InstallFile} from '../../step/world/target.ts';
import type {TreeEntry} from '../../step/system/tree.ts';

/** The image's entries with files of ours put in, as the light system puts them: owned by root, below folders of 0755. */
export function withFiles(entries: readonly TreeEntry[], files: readonly InstallFile[]): readonly TreeEntry[] {
  const tree = new Map(entries.map((entry) => [entry.path, entry]));
  for (const {path, mode, content} of files) {
    for (const folder of foldersOf(path))
      if (!tree.has(folder)) tree.set(folder, {path: folder, type: 'folder', mode: 0o755, uid: 0, gid: 0});
    const sha256 = createHash('sha256').update(content).digest('hex');
    tree.set(path, {path, type: 'file', mode, uid: 0, gid: 0, size: Buffer.byteLength(content), sha256});
  }
  return [...tree.values()];
}

const foldersOf = (path: string): readonly string[] => {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
};
