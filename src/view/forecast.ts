import type {MediumForecast} from '../plan/forecast/forecast.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import {bytes, rate} from './bytes.ts';
import {atMost, duration} from './duration.ts';
import {cut} from './escape.ts';

const columns = 79;

type Hopeless = Extract<MediumForecast['verdict'], {readonly is: 'hopeless'}>;

/**
 * A medium's forecast in one to three lines of at most 79 columns. `light`: the forecast of the light ISO over the same
 * path, named where the medium itself is not likely to get through, beside what resuming would give.
 */
export function forecastText(medium: MediumForecast, light?: MediumForecast): readonly string[] {
  return lines(medium, light).map((line) => cut(line, columns));
}

function lines(medium: MediumForecast, light: MediumForecast | undefined): readonly string[] {
  const {verdict, losses} = medium;
  const takes = `${crossing(medium)} takes ${long(medium.wholeSeconds)}`;
  const instead = light && lightText(light);
  switch (verdict.is) {
    case 'likely':
      return losses.known === 'session'
        ? [`${takes}; a session lasts ${long(losses.seconds)}`]
        : [beforeUnmount(medium, takes), ...withRetries(medium)];
    case 'doubtful':
      return [beforeUnmount(medium, takes), ...otherwise(medium, instead ?? withRetries(medium)[0])];
    case 'unknown':
      return [
        verdict.because === 'unwatched'
          ? `${takes}; how often it unmounts is not known`
          : `${takes}; no unmount seen, but in ${watchedFor(losses)} only`,
        ...(instead === undefined ? [] : [instead]),
      ];
    case 'hopeless':
      return [`hopeless: ${hopeless(verdict, medium, takes)}`, ...otherwise(medium, instead)];
    default:
      return verdict satisfies never;
  }
}

const crossing = ({sizeBytes, bytesPerSecond}: MediumForecast): string =>
  `${bytes(sizeBytes)} at ${rate(bytesPerSecond)}`;

function beforeUnmount({onePiece = 0}: MediumForecast, takes: string): string {
  const said = `${takes}; ${chance(onePiece)} to get through before the next unmount`;
  return said.length <= columns ? said : `${takes}; ${chance(onePiece)} before an unmount`;
}

function withRetries({restart, byDeadline, deadlineSeconds}: MediumForecast): readonly string[] {
  const within =
    byDeadline === undefined || deadlineSeconds === undefined
      ? undefined
      : `${chance(byDeadline)} within ${long(deadlineSeconds)}`;
  const mean = restart.is === 'seconds' ? `${long(restart.seconds)} in the mean` : undefined;
  const parts = [mean, within].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`started again at each unmount: ${parts.join(', ')}`];
}

function hopeless({because, chance: left}: Hopeless, medium: MediumForecast, takes: string): string {
  const {losses, deadlineSeconds = 0, restart} = medium;
  switch (because) {
    case 'still':
      return `${bytes(medium.sizeBytes)} over a path on which nothing moves`;
    case 'deadline':
      return `${takes} undisturbed; ${long(deadlineSeconds)} are left`;
    case 'session': {
      const {inSessionBytes = 0} = medium.largest;
      return `${takes}; a session of ${watchedFor(losses)} carries ${bytes(inSessionBytes)}`;
    }
    case 'losses':
      return restart.is === 'seconds'
        ? `${takes}, with restarts ${long(restart.seconds)}`
        : `${takes}; a chance of ${chance(left)}`;
    default:
      return because satisfies never;
  }
}

const watchedFor = (losses: Losses): string => (losses.known === 'nothing' ? 'no time' : long(losses.seconds));

function lightText(light: MediumForecast): string {
  const {verdict, onePiece, losses} = light;
  const name = `the light ISO, ${bytes(light.sizeBytes)}`;
  if (verdict.is === 'hopeless' && verdict.because === 'still') return `${name}, is hopeless too`;
  const head = `${name}, takes ${long(light.wholeSeconds)}`;
  return verdict.is === 'hopeless'
    ? `${head}, and is hopeless too`
    : onePiece === undefined
      ? head
      : losses.known === 'session'
        ? `${head}: it fits a session`
        : `${head}: ${chance(onePiece)} before the next unmount`;
}

/** What else there is: `first`, and what resuming would give; where neither is known, how large an image could be. */
function otherwise({resume, largest, deadlineSeconds}: MediumForecast, first: string | undefined): readonly string[] {
  const resumed =
    resume.is === 'seconds'
      ? `sent in pieces that resume it would take ${long(resume.seconds)} in the mean`
      : undefined;
  const both = [first, resumed].filter((line) => line !== undefined);
  if (both.length > 0) return both;
  return largest.byDeadlineBytes === undefined || deadlineSeconds === undefined
    ? ['only a smaller image can get through']
    : [`at most ${bytes(largest.byDeadlineBytes)} can get through within ${long(deadlineSeconds)}`];
}

/** `88 %`; at the ends what it says is still true: `over 99 %`, `1 in 2,300`, `under 1 in a million`. */
export function chance(probability: number): string {
  if (probability > 0.99) return 'over 99 %';
  if (probability >= 0.01) return `${Math.round(probability * 100)} %`;
  return probability < 1e-6 ? 'under 1 in a million' : `1 in ${grouped(1 / probability)}`;
}

const day = 86_400;
const year = 365.25 * day;

/** `40s`, `20min`, `8h58m`, `12d`, `4,370 years`, `a million years`. */
export function long(seconds: number): string {
  if (seconds < 3600) return atMost(seconds);
  if (seconds < 2 * day) return duration(seconds);
  if (seconds < 2 * year) return `${grouped(seconds / day)}d`;
  return seconds < 1e6 * year ? `${grouped(seconds / year)} years` : 'a million years';
}

/** Three figures and the thousands marked: `4,370`. */
function grouped(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Math.round(rounded).toLocaleString('en');
}
