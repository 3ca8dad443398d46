import type {Losses} from '../plan/forecast/losses.ts';
import type {MediumOutlook, Outlook} from '../plan/outlook.ts';
import type {Way} from '../plan/path.ts';
import type {TransferOutlook} from '../plan/transfer.ts';
import {bytes, rate} from './bytes.ts';
import {count} from './count.ts';
import {atMost, duration} from './duration.ts';
import {escape, wrap} from './escape.ts';
import {forecastText} from './forecast.ts';
import {screenColumns} from './row.ts';
import {transferText} from './transfer.ts';

/** What may be expected of the media a plan mounts and of the images it brings, each after the way it comes by. */
export function outlookText(outlooks: Readonly<Record<string, Outlook>>): readonly string[] {
  return Object.entries(outlooks).flatMap(([step, outlook]) =>
    outlook.is === 'medium' ? mediumText(step, outlook) : imageText(step, outlook),
  );
}

const mediumText = (
  step: string,
  {name, bytes: size, path, medium, light, forced}: MediumOutlook,
): readonly string[] => [
  ...paragraph(`Forecast of ${step}: ${name}, ${bytes(size)}, ${wayText('path', path)}`),
  ...(medium ? forecastText(medium, light) : []),
  ...(forced === undefined ? [] : paragraph(`Mounted all the same: ${forced}`)),
];

const imageText = (step: string, outlook: TransferOutlook): readonly string[] => [
  ...paragraph(
    `Forecast of ${step}: ${outlook.name}, ${bytes(outlook.bytes)} packed, ${wayText('link', outlook.path)}`,
  ),
  ...transferText(step, outlook),
];

const columns = screenColumns - 1;

const paragraph = (text: string): readonly string[] => wrap(escape(text), columns);

const words = {
  path: {
    unmeasured: 'over a path whose rate nobody has measured yet',
    every: 'that loses a medium every',
    none: 'that lost none in',
    seen: 'that lost one',
  },
  link: {
    unmeasured: 'over a link whose rate nobody has measured yet',
    every: 'that is cut every',
    none: 'that was not cut in',
    seen: 'that was cut',
  },
} as const;

function wayText(way: keyof typeof words, {bytesPerSecond, rateFrom, losses}: Way): string {
  const from = {runbook: 'as the runbook says', 'earlier runs': 'measured in earlier runs', nothing: ''}[rateFrom];
  return bytesPerSecond === undefined
    ? words[way].unmeasured
    : `over a ${way} of ${rate(bytesPerSecond)}, ${from}${lossesText(way, losses)}`;
}

function lossesText(way: keyof typeof words, losses: Losses): string {
  const {every, none, seen} = words[way];
  switch (losses.known) {
    case 'nothing':
      return '';
    case 'mean':
      return `, ${every} ${atMost(losses.seconds)}`;
    case 'session':
      return `, that ends every session after ${atMost(losses.seconds)}`;
    case 'seen':
      return losses.losses === 0
        ? `, ${none} ${duration(losses.seconds)}`
        : `, ${seen} ${count(losses.losses, 'time')} in ${duration(losses.seconds)}`;
    default:
      return losses satisfies never;
  }
}
