import {bytes} from './bytes.ts';
import {count} from './count.ts';
import {clockTime, duration, span} from './duration.ts';
import type {Down, Figures, ForecastFigure, PromiseFigure} from './figures.ts';

/** A number with its name and what it is made of; every form of the report shows the same. Safe text. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly says: string;
}

/** What is not known or does not apply is left out, but for what a reader would look for. */
export function figureTexts(figures: Figures): readonly Figure[] {
  const {machineDown, serviceDown, lost, lostSeconds, gateWaitedSeconds, pausedSeconds, promise, forecast} = figures;
  const sum = {name: 'work lost', value: duration(lostSeconds)};
  return [
    down('machine down', machineDown, 'from the old system to the first answer of the new one'),
    down('service down', serviceDown, 'from the quarantine to the proof from outside'),
    lost.length === 0
      ? {...sum, says: 'nothing broke in'}
      : {
          ...sum,
          says: lost
            .map(
              ({cause, times, seconds}) =>
                `${cause} ${seconds > 0 ? duration(seconds) : 'at no cost'}${times > 1 ? ` (${count(times, 'time')})` : ''}`,
            )
            .join(', '),
        },
    ...traffic(figures.bytes),
    ...(gateWaitedSeconds > 0
      ? [{name: 'people', value: duration(gateWaitedSeconds), says: 'waited for approvals at the gate'}]
      : []),
    ...(pausedSeconds > 0 ? [{name: 'paused', value: duration(pausedSeconds), says: 'because somebody chose to'}] : []),
    promise
      ? {name: 'promise', value: duration(promise.promisedSeconds), says: promiseText(promise)}
      : {name: 'promise', value: 'none', says: 'nothing was promised in the runbook'},
    forecast
      ? {
          name: 'forecast',
          value: span({from: forecast.fromSeconds, to: forecast.toSeconds}),
          says: forecastText(forecast),
        }
      : {name: 'forecast', value: 'none', says: 'nothing was known beforehand of how long it would take'},
  ];
}

function down(name: string, figure: Down | null, says: string): Figure {
  if (figure === null) return {name, value: '0s', says: 'it was not taken away by this run'};
  const {from, to, seconds} = figure;
  return to === null
    ? {name, value: `${duration(seconds)}+`, says: `since ${clockTime(from)}, and still so where the record ends`}
    : {name, value: duration(seconds), says: `${clockTime(from)} to ${clockTime(to)}: ${says}`};
}

function traffic({isoServed, imageSent, staged, again}: Figures['bytes']): readonly Figure[] {
  const known = [
    isoServed === null ? '' : `${bytes(isoServed)} of the light ISO served`,
    imageSent === null ? '' : `${bytes(imageSent)} of the image sent`,
    staged === null ? '' : `${bytes(staged)} of an own ISO sent`,
  ].filter(Boolean);
  const all = (isoServed ?? 0) + (imageSent ?? 0) + (staged ?? 0);
  return [
    {name: 'bytes', value: known.length ? bytes(all) : 'unknown', says: known.join(', ') || 'no step that counts them'},
    {name: 'bytes again', value: bytes(again), says: again === 0 ? 'none' : 'read or sent a second time'},
  ];
}

/** `kept, 11h51m sooner`; `broken, 2h10m later`. */
export function promiseText({errorSeconds, tookSeconds, kept}: PromiseFigure): string {
  const off = duration(Math.abs(errorSeconds));
  const late = errorSeconds > 0 ? `${off} later than promised` : `${off} sooner than promised`;
  if (kept === null) return `open: ${duration(tookSeconds)} so far, ${off} left`;
  return kept || errorSeconds > 0
    ? `${kept ? 'kept' : 'broken'}: took ${duration(tookSeconds)}, ${late}`
    : `broken: given up after ${duration(tookSeconds)}`;
}

export function forecastText({tookSeconds, errorSeconds, steps, without}: ForecastFigure): string {
  const off = duration(Math.abs(errorSeconds));
  const held = errorSeconds === 0 ? 'as forecast' : errorSeconds > 0 ? `${off} longer` : `${off} shorter`;
  const rest = without.length ? `; nothing was known of ${without.join(', ')}` : '';
  return `${count(steps.length, 'step')} took ${duration(tookSeconds)}, ${held}${rest}`;
}
