import {bytes} from './bytes.ts';
import {count} from './count.ts';
import {clockTime, duration} from './duration.ts';
import {cut, escape, wrap} from './escape.ts';
import {tollOf, type Interruption, type Toll} from './interruptions.ts';
import {screenColumns} from './row.ts';
import {table} from './table.ts';

/** What each interruption cost, one row each and their sum; what was seen of each stands below. */
export function tollTable(all: readonly Interruption[]): readonly string[] {
  const sum = tollOf(all);
  const rows = grouped(all).map(({at, cause, step, seconds, bytesAgain, attempts, over, times}) => [
    clockTime(at),
    times > 1 ? `${cause}, ${count(times, 'time')}` : cause,
    cut(step ?? '', 16),
    seconds === 0 ? (over ? 'nothing' : '') : duration(seconds),
    bytesAgain === 0 ? '' : bytes(bytesAgain),
    attempts === 0 ? '' : String(attempts),
    over ? '' : 'open',
  ]);
  return table(
    [
      {head: 'noticed'},
      {head: 'what'},
      {head: 'in'},
      {head: 'cost', align: 'right'},
      {head: 'again', align: 'right'},
      {head: 'tries', align: 'right'},
      {head: ''},
    ],
    [...rows, ['', 'together', '', duration(sum.seconds), sum.bytesAgain === 0 ? '' : bytes(sum.bytesAgain), '', '']],
  );
}

/** What was seen of each, in a paragraph each. */
export const tollWords = (all: readonly Interruption[]): readonly string[] =>
  grouped(all).flatMap(({at, says}) => {
    const indent = clockTime(at).length + 2;
    const [first = '', ...rest] = wrap(escape(says), screenColumns - 1 - indent);
    return [`${clockTime(at)}  ${first}`, ...rest.map((line) => ' '.repeat(indent) + line)];
  });

/** One interruption, or many alike as one. */
export interface TollRow extends Interruption {
  readonly times: number;
}

// A link that is cut every few seconds would bury what else there was.
const many = 4;

/** Many of a kind in a row, met by one step, as one: with the sum of their costs and the first one's words. */
export function grouped(all: readonly Interruption[]): readonly TollRow[] {
  const runs: Interruption[][] = [];
  for (const each of all) {
    const last = runs.at(-1);
    const [first] = last ?? [];
    const alike = first && first.cause === each.cause && first.step === each.step && first.over === each.over;
    if (last && alike) last.push(each);
    else runs.push([each]);
  }
  return runs.flatMap((run): readonly TollRow[] => {
    const [first] = run;
    if (!first || run.length < many) return run.map((each) => ({...each, times: 1}));
    const attempts = run.reduce((sum, each) => sum + each.attempts, 0);
    const {seconds, bytesAgain} = tollOf(run);
    return [{...first, seconds, bytesAgain, attempts, times: run.length}];
  });
}

/** `3 interruptions cost 4m12s and 24 MB read or sent again`; nothing where there was none. */
export function tollText({count: number, seconds, bytesAgain}: Toll): string {
  if (number === 0) return '';
  const again = bytesAgain === 0 ? '' : ` and ${bytes(bytesAgain)} read or sent again`;
  return `${count(number, 'interruption')} cost ${seconds === 0 && bytesAgain === 0 ? 'nothing' : duration(seconds)}${again}`;
}
