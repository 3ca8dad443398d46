import type {Entry} from '../cpio.ts';

/** The entries with the directories they need, in the order of their paths' bytes. */
export function inFolders(entries: readonly Entry[]): readonly Entry[] {
  const all = new Map(entries.map((entry) => [entry.path, entry]));
  for (const {path} of entries)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const above = path.slice(0, at);
      if (!all.has(above)) all.set(above, {type: 'directory', path: above, mode: 0o755});
    }
  return [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
