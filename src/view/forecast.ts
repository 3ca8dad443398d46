import type {MediumForecast} from '../plan/forecast/forecast.ts';
import {bytes, rate} from './bytes.ts';
import {atMost, duration} from './duration.ts';
import {cut} from './escape.ts';

/**
 * A medium's forecast in one or two lines of at most 79 columns. `light`: the forecast of the light image over the same
 * path, named where the medium itself is not likely to get through.
 */
export function forecastText(medium: MediumForecast, light?: MediumForecast): readonly string[] {
  return lines(medium, light).map((line) => cut(line, 79));
}

function lines(medium: MediumForecast, light: MediumForecast | undefined): readonly string[] {
  const {verdict, losses} = medium;
  const takes = `${crossing(medium)} takes ${long(medium.wholeSeconds)}`;
  const instead = light && lightText(light);
  switch (verdict.is) {
    case 'likely':
      return losses.known === 'session'
        ? [`${takes}; a session lasts ${long(losses.seconds)}`]
        : [`${takes}; ${beforeUnmount(medium)}`, ...withRetries(medium)];
    case 'doubtful':
      return [`${takes}; ${beforeUnmount(medium)}`, instead ?? withRetries(medium)[0] ?? resumed(medium)];
    case 'unknown':
      return [
        verdict.because === 'unwatched'
          ? `${takes}; how often it is unmounted is not known`
          : `${takes}; no unmount seen, but watched for ${watched(medium)} only`,
        ...(instead === undefined ? [] : [instead]),
      ];
    case 'hopeless':
      return [`hopeless: ${hopeless(medium, takes)}`, instead ?? resumed(medium)];
    default:
      return verdict satisfies never;
  }
}

const crossing = ({sizeBytes, bytesPerSecond}: MediumForecast): string =>
  `${bytes(sizeBytes)} at ${rate(bytesPerSecond)}`;

const beforeUnmount = ({onePiece = 0}: MediumForecast): string =>
  `${chance(onePiece)} to get through before the next unmount`;

function withRetries({restart, byDeadline, deadlineSeconds}: MediumForecast): readonly string[] {
  const within =
    byDeadline === undefined || deadlineSeconds === undefined
      ? undefined
      : `${chance(byDeadline)} within ${long(deadlineSeconds)}`;
  const mean = restart.is === 'seconds' ? `${long(restart.seconds)} in the mean` : undefined;
  const parts = [mean, within].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`started again at each unmount: ${parts.join(', ')}`];
}

function hopeless(medium: MediumForecast, takes: string): string {
  const {verdict, losses, deadlineSeconds, restart} = medium;
  if (verdict.is !== 'hopeless') return takes;
  switch (verdict.because) {
    case 'still':
      return `${bytes(medium.sizeBytes)} over a path on which nothing moves`;
    case 'deadline':
      return `${takes}, even undisturbed; ${long(deadlineSeconds ?? 0)} are left`;
    case 'session': {
      const {inSessionBytes = 0} = medium.largest;
      return `${takes}; a session ends after ${watchedOrLimit(losses)}, ${bytes(inSessionBytes)}`;
    }
    case 'losses': {
      const mean = restart.is === 'seconds' ? `; with restarts ${long(restart.seconds)}` : '';
      return `${takes}, ${chance(verdict.chance)} to get through${mean}`;
    }
    default:
      return verdict.because satisfies never;
  }
}

const watchedOrLimit = (losses: MediumForecast['losses']): string =>
  losses.known === 'nothing' ? 'an unknown time' : long(losses.seconds);

const watched = ({losses}: MediumForecast): string => (losses.known === 'seen' ? long(losses.seconds) : 'no time');

function lightText(light: MediumForecast): string {
  const {verdict, onePiece} = light;
  const head = `the light image, ${bytes(light.sizeBytes)}, takes ${long(light.wholeSeconds)}`;
  return verdict.is === 'hopeless'
    ? `${head}, and is hopeless too`
    : onePiece === undefined
      ? head
      : `${head}: ${chance(onePiece)} before the next unmount`;
}

const resumed = ({resume, largest: {byDeadlineBytes}, deadlineSeconds}: MediumForecast): string =>
  resume.is === 'seconds'
    ? `sent in pieces that resume it would take ${long(resume.seconds)} in the mean`
    : byDeadlineBytes === undefined || deadlineSeconds === undefined
      ? 'only a smaller image can get through'
      : `at most ${bytes(byDeadlineBytes)} can get through within ${long(deadlineSeconds)}`;

/** `88 %`; at the ends what it says is still true: `over 99 %`, `1 in 2,300`, `less than 1 in a million`. */
function chance(probability: number): string {
  if (probability === 1) return '100 %';
  if (probability > 0.99) return 'over 99 %';
  if (probability >= 0.01) return `${Math.round(probability * 100)} %`;
  if (probability === 0) return 'no chance';
  return probability < 1e-6 ? 'less than 1 in a million' : `1 in ${grouped(1 / probability)}`;
}

const day = 86_400;
const year = 365.25 * day;

/** `40s`, `20min`, `8h58m`, `12d`, `4,370 years`, `over a million years`. */
function long(seconds: number): string {
  if (seconds < 3600) return atMost(seconds);
  if (seconds < 2 * day) return duration(seconds);
  if (seconds < 2 * year) return `${grouped(seconds / day)}d`;
  return seconds < 1e6 * year ? `${grouped(seconds / year)} years` : 'over a million years';
}

/** Three figures and the thousands marked: `4,370`. */
function grouped(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Math.round(rounded).toLocaleString('en');
}
