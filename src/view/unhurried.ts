import {createWriteStream, fstatSync, type WriteStream} from 'node:fs';
import type {Stream} from './terminal.ts';

/** stdout and stderr as a process has them. */
export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * The same streams, for as long as a run goes on. Node writes to a terminal in its main thread and waits until it is
 * taken (https://nodejs.org/api/process.html#a-note-on-process-io): a hung window, a laptop that sleeps behind SSH or
 * one Ctrl-S would stop the run in the middle of a step and let its lease expire. Here a thread of its own waits. What
 * is not a terminal is left as it is.
 */
export function unhurried({stdout, stderr}: Streams): {readonly stdout: Stream; readonly stderr: Stream} {
  const err = stderr.isTTY ? writerTo(2) : undefined;
  // One queue where both are the same terminal, so that what is said last stands last.
  const out = stdout.isTTY ? (err && sameDevice() ? err : writerTo(1)) : undefined;
  return {stdout: out ? through(stdout, out) : stdout, stderr: err ? through(stderr, err) : stderr};
}

const sameDevice = (): boolean => fstatSync(1).rdev === fstatSync(2).rdev;

function writerTo(fd: 1 | 2): WriteStream {
  const writer = createWriteStream('', {fd, autoClose: false});
  // A terminal that is gone must not end a run: the journal has it all.
  writer.on('error', () => {});
  return writer;
}

const through = (stream: NodeJS.WriteStream, writer: WriteStream): Stream => ({
  write: (text) => writer.write(text),
  isTTY: true,
  get columns() {
    return stream.columns;
  },
  get rows() {
    return stream.rows;
  },
  get behind() {
    return writer.writableLength > 0;
  },
  getColorDepth: (env) => stream.getColorDepth(env),
  on: (event, listener) => stream.on(event, listener),
  off: (event, listener) => stream.off(event, listener),
});
