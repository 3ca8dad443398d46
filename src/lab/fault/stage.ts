import {open} from 'node:fs/promises';
import {systemClock} from '../../clock.ts';
import {until} from '../../pace.ts';

/** A stage as the light system prints it on the serial console. */
export const showsStage = (text: string, stage: string): boolean =>
  new RegExp(String.raw`\bstage=${stage}(?![a-z0-9-])`).test(text);

/** Resolves when the console shows `stage` after now; false when `signal` aborts first. */
export async function stageShown(console_: string, stage: string, signal: AbortSignal): Promise<boolean> {
  let at: number | undefined;
  let tail = '';
  const shown = await until(
    async () => {
      const read = await readFrom(console_, at);
      at = read.at;
      // A stage may stand across two readings.
      tail = (tail + read.text).slice(-4096 - read.text.length);
      return showsStage(tail, stage) ? true : undefined;
    },
    {everyMs: 50, deadlineMs: Infinity, clock: systemClock, signal},
  );
  return shown.end === 'met';
}

async function readFrom(path: string, at: number | undefined): Promise<{readonly text: string; readonly at: number}> {
  try {
    await using file = await open(path, 'r');
    const {size} = await file.stat();
    // The first look only finds the end; a console that shrank was begun anew.
    const start = at === undefined ? size : Math.min(at, size);
    const {buffer, bytesRead} = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return {text: buffer.subarray(0, bytesRead).toString('latin1'), at: start + bytesRead};
  } catch {
    return {text: '', at: at ?? 0};
  }
}
