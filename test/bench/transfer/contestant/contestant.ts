import {execa} from 'execa';
import type {End} from '../../link/link.ts';
import type {Place} from '../place.ts';

/** One way to bring the image to the target's disk. */
export interface Contestant {
  readonly name: string;
  /** The command a person would type, for the record. */
  readonly types: string;
  /** What goes over the link. */
  readonly sends: 'raw' | 'compressed';
  /** Whether an SSH login at the target leads to the light system's agent, and to nothing else. */
  readonly needs?: 'agent';
  /** Everything that would be there already: nothing of it is timed. */
  ready(place: Place): Promise<Attempt>;
}

export interface Attempt {
  /** Resolves once the image is on the disk, flushed. Interrupted, it may throw or resolve. */
  go(signal: AbortSignal): Promise<Record<string, number>>;
  close?(): Promise<void>;
  /** Where the disk is, where it is not the place's own. */
  readonly disk?: string;
}

/** `until COMMAND; do :; done`: tried again at once until it succeeds. Gives how often it was started. */
export async function untilDone(place: Place, end: End, argv: readonly string[], signal: AbortSignal): Promise<number> {
  for (let starts = 1; ; starts++) {
    const done = await once(place, end, argv, signal);
    if (done.exitCode === 0) return starts;
    if (signal.aborted) throw new Error('interrupted');
    // What ends at once without having tried must not fill the machine.
    if (starts > 500) throw new Error(`${argv[0]} ended ${starts} times: ${done.stderr}`);
  }
}

export async function once(place: Place, end: End, argv: readonly string[], signal: AbortSignal) {
  const [program, ...words] = place.link.at(end, argv);
  return execa(program, words, {
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: 200,
    stdin: 'ignore',
    env: {LC_ALL: 'C.UTF-8'},
  });
}

/** What follows a compressed download: unpacked onto the disk, and flushed. Gives the seconds it took. */
export async function unpackTo(place: Place, file: string, signal: AbortSignal): Promise<number> {
  const begun = performance.now();
  const done = await once(
    place,
    'target',
    [
      'sh',
      '-c',
      'zstd -dcq "$1" | dd of="$2" bs=4M iflag=fullblock conv=notrunc,fsync status=none',
      'sh',
      file,
      place.disk,
    ],
    signal,
  );
  if (done.exitCode !== 0) throw new Error(`unpacking: ${done.stderr}`);
  return Number(((performance.now() - begun) / 1000).toFixed(3));
}

export const flush = (place: Place, file: string, signal: AbortSignal) => once(place, 'target', ['sync', file], signal);
