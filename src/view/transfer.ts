import type {Expected, MediumForecast} from '../plan/forecast/forecast.ts';
import type {TransferOutlook} from '../plan/transfer.ts';
import {wrap} from './escape.ts';
import {chance, long} from './forecast.ts';

const columns = 79;

/** What an image takes over the link, and what it would take otherwise: sentences, each wrapped to 79 columns. */
export function transferText(step: string, {transfer, direct}: TransferOutlook): readonly string[] {
  const lines = transfer
    ? linkText(transfer, direct === undefined)
    : [`unknown until ${step} measures it; a runbook can say it: link: {rate, cuts}`];
  return [...lines, ...(direct ? directText(direct) : [])].flatMap((line) => wrap(line, columns));
}

function linkText(transfer: MediumForecast, alone: boolean): readonly string[] {
  const {wholeSeconds, resume, restart, losses} = transfer;
  if (!Number.isFinite(wholeSeconds)) return ['nothing moves over it'];
  const whole = long(wholeSeconds);
  if (losses.known === 'nothing')
    return [
      `${whole} undisturbed${held(wholeSeconds, transfer)}`,
      'how often it is cut is not known: each cut costs what was on its way',
    ];
  if (resume.is !== 'seconds') return [`${whole} undisturbed; with resume ${mean(resume)}`];
  return [
    `about ${long(resume.seconds)} with resume (${whole} undisturbed)${held(resume.seconds, transfer)}`,
    ...(alone ? [`begun anew at each cut: ${mean(restart)}`] : []),
  ];
}

/** Held against what users were told. */
function held(seconds: number, {deadlineSeconds}: MediumForecast): string {
  if (deadlineSeconds === undefined) return '';
  const promised = `the ${long(deadlineSeconds)} promised`;
  return seconds > deadlineSeconds ? `, LONGER than ${promised}` : `, within ${promised}`;
}

function directText({path, medium}: NonNullable<TransferOutlook['direct']>): readonly string[] {
  const head = 'straight from the virtual CD';
  if (!medium) return [`${head}: nobody has measured its path yet`];
  const {wholeSeconds, onePiece, restart, verdict} = medium;
  if (verdict.is === 'hopeless' && verdict.because === 'still') return [`${head}: nothing moves over its path`];
  if (onePiece === undefined || path.losses.known === 'nothing')
    return [`${head}: ${long(wholeSeconds)}; how often it unmounts is not known`];
  if (path.losses.known === 'session' && onePiece === 0) return [`${head}: no session carries it`];
  return [`${head}: ${chance(onePiece)}; with restarts ${mean(restart)}`];
}

function mean(expected: Expected): string {
  switch (expected.is) {
    case 'seconds':
      return long(expected.seconds);
    case 'unbounded':
      return 'no bound, by what was seen of it';
    case 'never':
      return 'no end';
    case 'unknown':
      return 'nobody knows';
    default:
      return expected satisfies never;
  }
}
