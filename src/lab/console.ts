import {open} from 'node:fs/promises';
import {systemClock} from '../clock.ts';
import {PlainConsole} from './plain-console.ts';

export interface ConsoleReading {
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Where to begin, in bytes from the end; from the beginning unless given. */
  readonly lastBytes?: number;
}

/** The console's text as plain pieces; with `follow` until `signal` aborts. A missing console is an empty one. */
export async function* readConsole(path: string, {follow, signal, lastBytes}: ConsoleReading): AsyncGenerator<string> {
  const plainConsole = new PlainConsole();
  const buffer = Buffer.alloc(64 * 1024);
  let at: number | undefined;
  for (;;) {
    const bytes = await readAt(path, at, lastBytes, buffer);
    at = bytes.at;
    if (bytes.read.length > 0) {
      const text = plainConsole.push(bytes.read);
      if (text !== '') yield text;
      continue;
    }
    if (!follow || signal.aborted) break;
    await systemClock.sleep(100, signal);
  }
  const rest = plainConsole.end();
  if (rest !== '') yield rest;
}

async function readAt(
  path: string,
  at: number | undefined,
  lastBytes: number | undefined,
  buffer: Buffer,
): Promise<{readonly read: Uint8Array; readonly at: number | undefined}> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return {read: new Uint8Array(), at};
  await using _ = file;
  const {size} = await file.stat();
  const begin = at ?? (lastBytes === undefined ? 0 : Math.max(0, size - lastBytes));
  // A console that shrank was begun anew.
  const start = begin > size ? 0 : begin;
  const {bytesRead} = await file.read(buffer, 0, buffer.length, start);
  return {read: buffer.subarray(0, bytesRead), at: start + bytesRead};
}
