import {systemClock} from '../clock.ts';
import type {Tell} from '../progress.ts';
import {viewKind} from '../view/choose.ts';
import {paintFor} from '../view/paint.ts';
import {openWork} from '../view/work.ts';

/** Does what takes its time, for a command that carries out no run: told on stderr, and over when this resolves. */
export async function atWork<T>(
  {json = false, quiet = false}: {readonly json?: boolean; readonly quiet?: boolean},
  work: (tell: Tell) => Promise<T>,
): Promise<T> {
  const {stderr: stream, env} = process;
  const kind = viewKind({json, quiet, ...process, env});
  const told = openWork({stream, clock: systemClock, paint: paintFor(stream, env), kind});
  try {
    return await work(told.tell);
  } finally {
    told.pause();
  }
}
