import {inChunks, whole, type LossModel, type Losses, type Parts} from './losses.ts';
import {memoryless} from './memoryless.ts';
import {seen} from './seen.ts';
import {session} from './session.ts';
import {judge, type Verdict} from './verdict.ts';

/** What a medium, or an image, has to get through. */
export interface Crossing {
  readonly sizeBytes: number;
  /** The measured rate of the path; 0 where nothing moves. */
  readonly bytesPerSecond: number;
  readonly losses: Losses;
  /** Until when it must be through; without one, the question is whether it gets through before the next loss. */
  readonly deadlineSeconds?: number;
  /** What a loss costs where it starts from zero, besides the work: noticed, inserted again, booted again. */
  readonly restartSeconds?: number;
  /** What a loss costs a transfer that resumes, besides the work: noticed, connected again. */
  readonly reconnectSeconds?: number;
  /** What a loss may cost a transfer that resumes. */
  readonly chunkBytes?: number;
}

/** A mean time. `never`: not within any time a number holds. `unbounded`: the losses seen set no bound to it. */
export type Expected =
  | {readonly is: 'seconds'; readonly seconds: number}
  | {readonly is: 'never' | 'unbounded' | 'unknown'};

/** The forecast of one medium. Numbers of `Losses` that are not known are left out, never guessed. */
export interface MediumForecast extends Crossing {
  readonly restartSeconds: number;
  readonly reconnectSeconds: number;
  readonly chunkBytes: number;
  /** In one piece, undisturbed. Infinity where nothing moves. */
  readonly wholeSeconds: number;
  /** P(through before the next loss). */
  readonly onePiece?: number;
  /** P(through by the deadline), where each loss starts it from zero. */
  readonly byDeadline?: number;
  readonly restart: Expected;
  readonly resume: Expected;
  readonly largest: {
    /** Whose mean time with restarts is within the deadline. */
    readonly byDeadlineBytes?: number;
    /** That one session carries; only where sessions have a hard limit. */
    readonly inSessionBytes?: number;
  };
  readonly verdict: Verdict;
}

export const usual = {restartSeconds: 300, reconnectSeconds: 60, chunkBytes: 1_048_576} as const;

/**
 * Whether a medium can get through a path that is cut now and then, before it is tried. Pure.
 * Throws a RangeError for a size, rate or time that is negative or no number: a caller's bug.
 */
export function forecast(crossing: Crossing): MediumForecast {
  const costs = {...usual, ...crossing};
  assertSound(costs);
  const {restartSeconds, reconnectSeconds, chunkBytes} = costs;
  const {sizeBytes, bytesPerSecond, losses, deadlineSeconds} = crossing;
  const wholeSeconds = sizeBytes === 0 ? 0 : sizeBytes / bytesPerSecond;
  const model = modelOf(losses);
  const onePiece = model?.onePiece(wholeSeconds);
  const byDeadline =
    deadlineSeconds === undefined
      ? undefined
      : wholeSeconds > deadlineSeconds
        ? 0
        : model?.byDeadline(wholeSeconds, deadlineSeconds, restartSeconds);
  const expected = (parts: Parts, cost: number): Expected =>
    asExpected(model?.expected(parts, cost), losses, wholeSeconds);
  return {
    ...crossing,
    restartSeconds,
    reconnectSeconds,
    chunkBytes,
    wholeSeconds,
    ...(onePiece === undefined ? {} : {onePiece}),
    ...(byDeadline === undefined ? {} : {byDeadline}),
    restart: expected(whole(wholeSeconds), restartSeconds),
    resume: expected(inChunks(wholeSeconds, chunkBytes / bytesPerSecond), reconnectSeconds),
    largest: {
      ...(model === undefined || deadlineSeconds === undefined
        ? {}
        : {byDeadlineBytes: bytesPerSecond * model.longest(deadlineSeconds, restartSeconds)}),
      ...(losses.known === 'session' ? {inSessionBytes: bytesPerSecond * losses.seconds} : {}),
    },
    verdict: judge({
      seconds: wholeSeconds,
      deadlineSeconds,
      losses,
      chance: deadlineSeconds === undefined ? onePiece : byDeadline,
    }),
  };
}

/** Undefined where nothing is known. */
export function modelOf(losses: Losses): LossModel | undefined {
  switch (losses.known) {
    case 'nothing':
      return undefined;
    case 'mean':
      return memoryless(losses.seconds);
    case 'session':
      return session(losses.seconds);
    case 'seen':
      return losses.seconds === 0 ? undefined : seen(losses.losses, losses.seconds);
    default:
      return losses satisfies never;
  }
}

export function asExpected(seconds: number | undefined, losses: Losses, wholeSeconds: number): Expected {
  if (!Number.isFinite(wholeSeconds)) return {is: 'never'};
  if (seconds === undefined) return {is: 'unknown'};
  if (Number.isFinite(seconds)) return {is: 'seconds', seconds};
  return {is: losses.known === 'seen' ? 'unbounded' : 'never'};
}

type Costed = Crossing & Required<Pick<Crossing, 'restartSeconds' | 'reconnectSeconds' | 'chunkBytes'>>;

function assertSound(given: Costed): void {
  const {sizeBytes, bytesPerSecond, losses, deadlineSeconds = 0, restartSeconds, reconnectSeconds, chunkBytes} = given;
  const notNegative = {sizeBytes, bytesPerSecond, restartSeconds, reconnectSeconds, deadlineSeconds};
  for (const [name, value] of Object.entries(notNegative))
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`${name} must be 0 or more, not ${value}`);
  if (!(chunkBytes > 0)) throw new RangeError(`chunkBytes must be more than 0, not ${chunkBytes}`);
  if (losses.known === 'nothing') return;
  if (!((losses.seconds > 0 || losses.known === 'seen') && losses.seconds >= 0 && losses.seconds < Infinity))
    throw new RangeError(`losses.seconds must be a time, not ${losses.seconds}`);
  if (losses.known === 'seen' && !(Number.isSafeInteger(losses.losses) && losses.losses >= 0))
    throw new RangeError(`losses.losses must be a whole number, not ${losses.losses}`);
}
