import type {MediumReading} from '../progress.ts';
import {count} from './count.ts';
import {long} from './forecast.ts';

/** How often a medium that is read was lost, and how long it may still take; undefined where there is nothing to say. */
export function readingText({lost, left}: MediumReading): string | undefined {
  const times = lost === 0 ? 'not lost so far' : `lost ${count(lost, 'time')}`;
  switch (left?.expected.is) {
    case 'seconds':
      return `${times}; ${long(left.expected.seconds)} more in the mean, begun anew at each loss`;
    case 'never':
      return `${times}; begun anew at each loss it never ends`;
    case 'unbounded':
      return `${times}; begun anew at each loss it may never end`;
    case 'unknown':
    case undefined:
      return lost === 0 ? undefined : times;
    default:
      return left?.expected satisfies undefined;
  }
}

/** `, chance 88 %` to get through before the next loss; at both ends what it says is still true. */
export function chanceText({left}: MediumReading): string {
  if (!left) return '';
  const percent = Math.round(left.chance * 100);
  return `, chance ${left.chance > 0.99 ? 'over 99' : left.chance < 0.01 ? 'under 1' : percent} %`;
}
