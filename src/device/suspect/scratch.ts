/** Where on a Linux host programs may lie in memory: tried in this order, `/run` last because many forbid it programs. */
const places = ['/dev/shm', '/run/shm', '/tmp', '/run'] as const;

/**
 * A place in memory that takes programs, by the host's own table of mounts (`/proc/self/mounts`, hostile text): a tmpfs
 * that is writable and not noexec. Undefined where there is none; a disk is never used.
 */
export function scratchPlace(mounts: string): string | undefined {
  const found = new Map<string, {readonly type: string; readonly options: readonly string[]}>();
  for (const line of mounts.split('\n')) {
    const [, point = '', type = '', options = ''] = line.split(' ');
    // A later mount on the same point hides the earlier one.
    found.set(point, {type, options: options.split(',')});
  }
  return places.find((place) => {
    const mount = found.get(place);
    return (
      mount !== undefined &&
      (mount.type === 'tmpfs' || mount.type === 'ramfs') &&
      mount.options.includes('rw') &&
      !mount.options.includes('noexec')
    );
  });
}
