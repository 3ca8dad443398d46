import {fault, type Fault} from '../fault.ts';

// Primary result codes, https://sqlite.org/rescode.html
const unwritable: Readonly<Record<number, string>> = {
  3: 'access is denied; make it ours, or change REBUILD_HOME',
  5: 'another process has kept it locked; see who with `rebuild status`',
  6: 'another process has kept it locked; see who with `rebuild status`',
  7: 'there is no memory left',
  8: 'it is read-only; make it and its directory writable, or change REBUILD_HOME',
  10: 'reading or writing failed; look at the disk and the kernel log',
  13: 'the disk is full; make room, or change REBUILD_HOME',
  14: 'it cannot be opened; look at its directory, or change REBUILD_HOME',
  22: 'its file system cannot hold a file this large',
};
const broken: Readonly<Record<number, string>> = {
  11: 'its pages are damaged',
  26: 'it is not a database',
};

/** What an error of node:sqlite tells an operator; undefined where it is a bug of ours (a constraint, bad SQL). */
export function sqliteFault(file: string, error: unknown): Fault | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  const primary = error.errcode & 0xff;
  const detail = {file, sqlite: error.errcode, message: error.message};
  const why = unwritable[primary];
  if (why !== undefined) return fault('journal.unwritable', `${file}: ${why}`, {detail});
  const how = broken[primary];
  if (how !== undefined) return fault('journal.broken', `${file}: ${how}`, {detail});
  return undefined;
}

/** Whether another connection held a lock that this one needed. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;

/** What an error of the file system tells an operator who wants a journal at `file`. */
export function fileFault(file: string, error: NodeJS.ErrnoException): Fault {
  const why: Readonly<Record<string, string>> = {
    EACCES: unwritable[3]!,
    EPERM: unwritable[3]!,
    EROFS: unwritable[8]!,
    ENOSPC: unwritable[13]!,
    EDQUOT: 'the quota is used up; make room, or change REBUILD_HOME',
    // Also what Node answers where a directory is to be made on a read-only file system.
    ENOENT: 'its directory cannot be made; look at its file system, or change REBUILD_HOME',
    ENOTDIR: 'a part of its path is not a directory; change REBUILD_HOME',
    EISDIR: 'it is a directory; change REBUILD_HOME',
  };
  const code = error.code ?? '';
  return fault('journal.unwritable', `${file}: ${why[code] ?? `it cannot be opened (${code || error.message})`}`, {
    detail: {file, error: code},
  });
}
