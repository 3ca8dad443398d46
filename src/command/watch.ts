import type {HostName} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import {failed, type Result} from '../result.ts';
import {frameOn} from '../view/frame.ts';
import {jsonText} from '../view/json.ts';
import {statusDocument} from '../view/status-document.ts';
import {statusText, type Standing} from '../view/status.ts';
import type {Stream} from '../view/terminal.ts';
import {standingLine} from '../view/standing-line.ts';
import {refuse, type Reading} from './reading.ts';
import {standingsOf} from './standings.ts';

export interface WatchOptions {
  /** Opens the journal anew: one that is not there yet, or cannot be followed from this disk, is seen once it can be. */
  readonly open: () => Result<Pick<Reading, 'journal'>>;
  readonly signal: AbortSignal;
  /** Where the screen is redrawn; undefined where there is none, and lines are written. */
  readonly terminal: Stream | undefined;
}

const everyMs = 1000;
// A resume takes over within seconds; a host that nobody holds for longer is one that nobody comes to.
const freePolls = 4;

/**
 * `rebuild status [HOST] --watch`: on a terminal the status, redrawn in place; else a line, or with `json` a document on a
 * line, whenever something changed. Of one host it ends with exit code 0 once nobody works on its run any more: it is done,
 * failed, waits for people, or its controller is gone; Ctrl-C before that gives 130. Of all hosts it goes on until Ctrl-C,
 * which is then how it is meant to end: 0.
 */
export async function watch(
  host: HostName | undefined,
  {open, signal, terminal}: WatchOptions,
  reading: Reading,
): Promise<ExitCode> {
  const {clock, out, err, json, paint, lab} = reading;
  const frame = terminal && frameOn(terminal);
  const shown = new Map<HostName, string>();
  let last: string | undefined;
  let free = 0;

  const show = (standings: readonly Standing[], goesOn: boolean): void => {
    const now = clock.now();
    if (frame) {
      const hint = goesOn ? ['', paint('faint', 'Ctrl-C ends the watch; the run goes on.')] : [];
      return frame.draw([...statusText(standings, {now, one: host, ...(lab && {lab})}, paint), ...hint]);
    }
    const lines = standings.map((standing) => [standing.host, standingLine(standing)] as const);
    const all = lines.map(([, line]) => line).join('\n');
    if (all === last) return;
    last = all;
    if (json) return out(`${jsonText(statusDocument(standings, now))}\n`);
    for (const [name, line] of lines) {
      if (shown.get(name) !== line) out(`${now.slice(0, 19)}Z ${line}\n`);
      shown.set(name, line);
    }
  };

  try {
    for (;;) {
      const found = await look(host, open);
      if (!found.ok) return refuse(reading, found.fault, host);
      const only = host === undefined ? undefined : found.value[0];
      free = only && !only.holder ? free + 1 : 0;
      const ended = only?.history !== undefined && only.history.end.is !== 'open';
      show(found.value, !ended && !only?.fault && free < freePolls);
      if (only) {
        if (only.fault) return refuse({...reading, json: false}, only.fault, host);
        if (ended) return exit.done;
        if (free >= freePolls) {
          if (!frame && !json) err(`nobody works on ${only.run} now: rebuild resume ${host}${lab ? ' --lab' : ''}\n`);
          return exit.done;
        }
      }
      await clock.sleep(everyMs, signal);
      if (signal.aborted) return host === undefined ? exit.done : exit.interrupted;
    }
  } finally {
    frame?.end();
  }
}

async function look(host: HostName | undefined, open: WatchOptions['open']): Promise<Result<readonly Standing[]>> {
  const opened = open();
  if (!opened.ok) return failed(opened.fault);
  const {journal} = opened.value;
  try {
    return await standingsOf(journal, host);
  } finally {
    journal.close();
  }
}
