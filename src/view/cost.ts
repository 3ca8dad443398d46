import {bytes} from './bytes.ts';
import {duration} from './duration.ts';

/** ` (12 MB in vain)`, ` (34s, 8.4 MB again)`; nothing where it cost nothing, or nobody knows yet. */
export function costText(cost: {
  readonly seconds: number;
  readonly bytesAgain: number;
  readonly over: boolean;
}): string {
  const {seconds, bytesAgain, over} = cost;
  const parts = [
    ...(over && seconds > 0 ? [duration(seconds)] : []),
    ...(bytesAgain > 0 ? [`${bytes(bytesAgain)} ${over ? 'again' : 'in vain'}`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
