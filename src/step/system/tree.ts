/** One entry of a file system, as a list of it names it. */
export interface TreeEntry {
  /** Absolute; bytes that are no UTF-8 are replaced. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits, those for SUID, SGID and sticky among them. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file. */
  readonly size?: number;
  readonly sha256?: string;
  /** Of a link: where it leads. */
  readonly to?: string;
}

/** What an entry would be used for by somebody who wants to stay; `file` for all that is nothing of it. */
export type Use = 'suid' | 'key' | 'cron' | 'timer' | 'unit' | 'preload' | 'file';

/** Units of the system and of its users, and who of these have theirs started at boot: systemd.unit(5), loginctl(1). */
const unitFolder = new RegExp(
  [
    String.raw`^/(?:etc|run|usr/lib|usr/local/lib|etc/xdg|run/user/\d+)/systemd/`,
    String.raw`^/usr/(?:local/)?share/systemd/user/`,
    String.raw`^/var/lib/systemd/linger/`,
    String.raw`/\.(?:config|local/share)/systemd/`,
  ].join('|'),
);

const uses: readonly (readonly [Use, RegExp])[] = [
  ['key', /\/\.ssh\/|^\/etc\/ssh\//],
  ['cron', /^\/etc\/(?:cron|anacrontab)|^\/var\/spool\/(?:cron|at)(?:\/|$)/],
  ['timer', new RegExp(`(?:${unitFolder.source}).*\\.timer$`)],
  ['unit', unitFolder],
  ['preload', /^\/etc\/ld\.so\./],
];

export function useOf({path, type, mode}: TreeEntry): Use {
  if (type === 'file' && (mode & 0o6000) !== 0) return 'suid';
  return uses.find(([, shape]) => shape.test(path))?.[0] ?? 'file';
}

/** What is there and should not be, what is missing, and what is not as it should be; one text each. */
export function differences(golden: ReadonlyMap<string, TreeEntry>, found: readonly TreeEntry[]): readonly string[] {
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (const entry of found) {
    seen.add(entry.path);
    const wanted = golden.get(entry.path);
    if (wanted === undefined) wrong.push(`${useOf(entry)} ${entry.path} is not on the list`);
    else {
      const how = difference(wanted, entry);
      if (how !== undefined) wrong.push(`${useOf(wanted)} ${entry.path} ${how}`);
    }
  }
  for (const [path, entry] of golden) if (!seen.has(path)) wrong.push(`${useOf(entry)} ${path} is missing`);
  return wrong;
}

function difference(wanted: TreeEntry, found: TreeEntry): string | undefined {
  if (found.type !== wanted.type) return `is a ${found.type}, not a ${wanted.type}`;
  if (wanted.type === 'link') return found.to === wanted.to ? undefined : `leads to ${found.to ?? 'nowhere'}`;
  if (found.mode !== wanted.mode) return `has mode ${octal(found.mode)}, not ${octal(wanted.mode)}`;
  if (found.uid !== wanted.uid || found.gid !== wanted.gid)
    return `belongs to ${found.uid}:${found.gid}, not ${wanted.uid}:${wanted.gid}`;
  return found.sha256 === wanted.sha256 ? undefined : 'has another content';
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

export const byPath = (entries: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> =>
  new Map(entries.map((entry) => [entry.path, entry]));
