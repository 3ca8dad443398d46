import type {TreeEntry} from './tree.ts';

const folder = '/run/systemd/generator/';
const mounts = /^[^/]+\.(?:mount|swap)$/;

/**
 * What systemd's own generators make at each start and no image can hold: mounts out of fstab, which run no program, and
 * links that start one of those or a unit that is itself on the list (systemd.generator(7)). Nothing else there is
 * taken for theirs.
 */
export function isGenerated(
  {path, type, uid, gid, mode, to = ''}: TreeEntry,
  golden: ReadonlyMap<string, TreeEntry>,
): boolean {
  if (!path.startsWith(folder) || uid !== 0 || gid !== 0) return false;
  const name = path.slice(folder.length);
  if (type === 'file') return mounts.test(name) && mode === 0o644;
  // Debian's /lib is a link to /usr/lib.
  return type === 'link' && (mounts.test(to.replace(/^\.\.\//, '')) || golden.has(to.replace(/^\/lib\//, '/usr/lib/')));
}
