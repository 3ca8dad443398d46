import {readdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';

export interface Peak {
  /** Bytes: proportional set sizes of all processes, and the files that would lie in the target's RAM. */
  readonly total: number;
  readonly processes: number;
  readonly files: number;
}

/**
 * Watches what the target's end takes of memory while `work` runs: every process that `pids` names, sshd among them, and
 * every file below `ram`. Pages that processes share are counted once.
 */
export async function watchMemory<T>(
  pids: () => Promise<readonly number[]>,
  ram: string,
  work: () => Promise<T>,
): Promise<{readonly value: T; readonly peak: Peak}> {
  let peak: Peak = {total: 0, processes: 0, files: 0};
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const sizes = await Promise.all((await pids()).map(residentBytes));
      const processes = sizes.reduce((sum, size) => sum + size, 0);
      const files = await bytesBelow(ram);
      if (processes + files > peak.total) peak = {total: processes + files, processes, files};
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  try {
    return {value: await work(), peak};
  } finally {
    over.abort();
    await watching;
  }
}

async function residentBytes(pid: number): Promise<number> {
  // It may have ended since it was listed.
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, {recursive: true}).catch(() => []);
  const sizes = await Promise.all(
    // Blocks, not lengths: a file may have holes.
    names.map((name) =>
      stat(join(folder, name)).then(
        ({blocks}) => blocks * 512,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
