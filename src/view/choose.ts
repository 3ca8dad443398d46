import type {Clock} from '../clock.ts';
import type {Stored} from '../engine/event.ts';
import type {Forecast} from './block.ts';
import {jsonReporter} from './json.ts';
import {liveReporter} from './live.ts';
import {paintFor} from './paint.ts';
import {plainReporter} from './plain.ts';
import {quietReporter} from './quiet.ts';
import type {Reporter} from './reporter.ts';
import {isSet, type Environment, type Stream} from './terminal.ts';

export type ViewKind = 'live' | 'plain' | 'json' | 'quiet';

export interface Surroundings {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Environment;
}

/** A screen is redrawn only where a person looks at it and can take it. */
export function viewKind({json, quiet, stdout, stderr, env}: Surroundings): ViewKind {
  if (json) return 'json';
  if (quiet) return 'quiet';
  const live =
    stdout.isTTY === true &&
    stderr.isTTY === true &&
    (stderr.columns ?? 0) >= 60 &&
    env['TERM'] !== 'dumb' &&
    !isSet(env, 'CI') &&
    !isSet(env, 'ACCESSIBLE');
  return live ? 'live' : 'plain';
}

export interface ViewOptions extends Surroundings {
  readonly clock: Clock;
  /** Events of earlier sittings of a resumed run: known, not shown again. */
  readonly earlier?: readonly Stored[];
  readonly forecast?: Forecast;
  /** What Ctrl-C does; shown at the foot of a live view. */
  readonly hint?: string;
}

export function chooseView(options: ViewOptions): Reporter {
  const {stdout, stderr, env, clock, earlier = [], forecast = new Map()} = options;
  const {hint = 'Ctrl-C: stop after this step. Checkpoints are kept.'} = options;
  const kind = viewKind(options);
  switch (kind) {
    case 'json':
      return jsonReporter({stdout, stderr, earlier});
    case 'quiet':
      return quietReporter({stdout, stderr, earlier});
    case 'plain':
      return plainReporter({stdout, stderr, clock, earlier});
    case 'live':
      return liveReporter({stdout, stderr, clock, paint: paintFor(stderr, env), earlier, forecast, hint});
    default:
      return kind satisfies never;
  }
}
