import {forecast, type MediumForecast} from './forecast/forecast.ts';
import type {Way} from './path.ts';

/** What may be expected of so many bytes over a way; undefined where its rate is not known. */
export function over(
  {bytesPerSecond, losses}: Way,
  sizeBytes: number,
  promiseSeconds: number | undefined,
): MediumForecast | undefined {
  if (bytesPerSecond === undefined) return undefined;
  const deadline = promiseSeconds === undefined ? {} : {deadlineSeconds: promiseSeconds};
  return forecast({sizeBytes, bytesPerSecond, losses, ...deadline});
}
