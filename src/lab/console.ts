import {open} from 'node:fs/promises';
import {systemClock} from '../clock.ts';

// Escape sequences as ECMA-48 shapes them: CSI with its parameters, OSC and its kin up to their end, and the short ones.
const sequences = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|[ -/]*[0-Z\\^-~])/g;

/** A sequence that the text so far has begun and not ended. An endless one is no sequence. */
const begun = /\x1b(?:\[[0-?]{0,64}[ -/]*|[\]PX^_][^\x07\x1b]{0,256}\x1b?|[ -/]*)?$/;

/**
 * Makes plain text of a serial console: escape sequences are gone, a carriage return ends a line, every other control
 * character is spelled out. The machine on it is not to be trusted with a terminal.
 */
export class PlainConsole {
  #rest = '';

  /** The plain text of the next bytes; what may still become an escape sequence waits for more. */
  push(bytes: Uint8Array): string {
    const text = this.#rest + Buffer.from(bytes).toString('latin1');
    const open = begun.exec(text)?.index ?? (text.endsWith('\r') ? text.length - 1 : text.length);
    this.#rest = text.slice(open);
    return plain(text.slice(0, open));
  }

  /** What was still waiting when the console ended. */
  end(): string {
    const rest = this.#rest;
    this.#rest = '';
    return plain(rest);
  }
}

const plain = (text: string): string =>
  text
    .replace(sequences, '')
    .replace(/\r+\n|\r/g, '\n')
    .replace(/[^\n\t\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);

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
