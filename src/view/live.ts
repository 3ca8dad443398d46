import type {Clock} from '../clock.ts';
import type {Stored} from '../engine/event.ts';
import {block, type Forecast} from './block.ts';
import {escape, wrap} from './escape.ts';
import {ending} from './ending.ts';
import {happening} from './happening.ts';
import {extend, type History} from './history.ts';
import {metered, type Meter} from './meter.ts';
import type {Paint} from './paint.ts';
import type {Reporter} from './reporter.ts';
import {screenColumns} from './row.ts';
import type {Stream} from './terminal.ts';

export interface LiveOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly clock: Clock;
  readonly paint: Paint;
  /** Events of earlier sittings: known, not shown again. */
  readonly earlier: readonly Stored[];
  readonly forecast: Forecast;
  readonly hint: string;
}

const stoppingHint = 'Stops after this step. Ctrl-C: stop now, and resume looks how far it came.';
const frameMs = 250;
const csi = '\x1b[';

/**
 * For a terminal: finished lines scroll up and stay, the running block below them is redrawn in place, each frame in
 * one write and only where it differs. Between frames the cursor rests at the block's beginning: after a resize the
 * terminal may have folded or unfolded lines, and from there whatever became of the block is below the cursor.
 * Nothing is hidden and no mode is set, so a controller that is killed leaves a usable terminal.
 */
export function liveReporter({stdout, stderr, clock, paint, earlier, forecast, hint}: LiveOptions): Reporter {
  let history = earlier.reduce<History | undefined>(extend, undefined);
  let meter: Meter | undefined;
  let drawn: readonly string[] = [];
  let drawnColumns = 0;
  /** Finished lines that a slow terminal has not been given yet. */
  let held: readonly string[] = [];
  let foot = hint;
  const over = new AbortController();

  const columns = (): number => stderr.columns ?? 80;

  function draw(more: readonly string[] = []): void {
    const above = [...held, ...more];
    held = above;
    // A frame that is not drawn is not missed: the next one shows what is the case by then.
    if (stderr.behind && !over.signal.aborted) return;
    held = [];
    const wide = columns();
    const scene = history && {
      history,
      meter,
      now: clock.now(),
      ticks: clock.ticks(),
      forecast,
      columns: wide,
      rows: stderr.rows ?? 24,
      hint: foot,
    };
    const next = scene && !over.signal.aborted ? block(scene, paint) : [];
    const resized = wide !== drawnColumns;
    if (above.length === 0 && !resized && next.length === drawn.length && next.every((line, i) => line === drawn[i]))
      return;
    const lines = [...above, ...next];
    // Each line erases what it does not cover, and the last one what is below: nothing is blank in between.
    const text = lines.map((line) => `${line}${csi}K\n`).join('');
    const back = next.length > 0 ? `${csi}${next.length}A` : '';
    stderr.write(`\r${resized && drawnColumns > 0 ? `${csi}J` : ''}${text}${csi}J${back}`);
    drawn = next;
    drawnColumns = wide;
  }

  const redraw = (): void => draw();
  stderr.on?.('resize', redraw);
  void (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(frameMs, over.signal);
      if (!over.signal.aborted) draw();
    }
  })();

  return {
    event(stored) {
      if (over.signal.aborted) return;
      history = extend(history, stored);
      if (stored.event.type === 'step.started' || stored.event.type === 'step.done') meter = undefined;
      if (history) draw(happening(history, stored, paint, columns()));
    },
    progress(step, progress) {
      const running = history?.steps.find(({status}) => status.is === 'running');
      // A step that was aborted may still report.
      if (running && (step === undefined || running.heading.id === step))
        meter = metered(meter, progress, clock.ticks());
    },
    say(line) {
      if (!over.signal.aborted) draw(wrap(escape(line), Math.min(columns(), screenColumns) - 1));
    },
    stopping() {
      foot = stoppingHint;
      draw();
    },
    end() {
      if (over.signal.aborted) return;
      over.abort();
      stderr.off?.('resize', redraw);
      const {result, advice} = history ? ending(history, paint) : {result: '', advice: []};
      draw(advice);
      if (advice.length === 0 && result !== '') stdout.write(`${result}\n`);
    },
  };
}
