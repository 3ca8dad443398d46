import type {MediumOutlook} from '../plan/outlook.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import type {MediumPath} from '../plan/path.ts';
import {bytes, rate} from './bytes.ts';
import {count} from './count.ts';
import {atMost, duration} from './duration.ts';
import {escape, wrap} from './escape.ts';
import {forecastText} from './forecast.ts';
import {screenColumns} from './row.ts';

/** What may be expected of the media a plan mounts: the path, then each medium over it. Nothing where there is none. */
export function outlookText(outlooks: Readonly<Record<string, MediumOutlook>>): readonly string[] {
  return Object.entries(outlooks).flatMap(([step, outlook]) => [
    ...paragraph(`Forecast of ${step}: ${outlook.name}, ${bytes(outlook.bytes)}, ${pathText(outlook.path)}`),
    ...(outlook.medium ? forecastText(outlook.medium, outlook.light) : []),
    ...(outlook.forced === undefined ? [] : paragraph(`Mounted all the same: ${outlook.forced}`)),
  ]);
}

const columns = screenColumns - 1;

const paragraph = (text: string): readonly string[] => wrap(escape(text), columns);

function pathText({bytesPerSecond, rateFrom, losses}: MediumPath): string {
  const from = {runbook: 'as the runbook says', 'earlier runs': 'measured in earlier runs', nothing: ''}[rateFrom];
  return bytesPerSecond === undefined
    ? 'over a path whose rate nobody has measured yet'
    : `over a path of ${rate(bytesPerSecond)}, ${from}${lossesText(losses)}`;
}

function lossesText(losses: Losses): string {
  switch (losses.known) {
    case 'nothing':
      return '';
    case 'mean':
      return `, that loses a medium every ${atMost(losses.seconds)}`;
    case 'session':
      return `, that ends every session after ${atMost(losses.seconds)}`;
    case 'seen':
      return losses.losses === 0
        ? `, that lost none in ${duration(losses.seconds)}`
        : `, that lost one ${count(losses.losses, 'time')} in ${duration(losses.seconds)}`;
    default:
      return losses satisfies never;
  }
}
