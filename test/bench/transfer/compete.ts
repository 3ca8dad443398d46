import {congestions} from '../link/link.ts';
import {describeShape} from '../link/shape.ts';
import {median, notMeasured, row, type Row, type Target} from '../result.ts';
import type {Effort} from '../section.ts';
import type {Contestant} from './contestant/contestant.ts';
import type {BenchImage} from './image.ts';
import {attempt, idealSeconds, type Attempted, type Condition} from './measure.ts';

export interface Competition {
  readonly condition: Condition;
  /** Who takes turns. Those in one turn run side by side, each over a link of its own: only where no processor notices. */
  readonly turns: readonly (readonly Contestant[])[];
  /** Ours: at most so many times the ideal. */
  readonly target?: Target;
  /** Every one of ours must be faster than every peer. */
  readonly againstPeers?: boolean;
}

export const describeCondition = ({shape, congestion, cutEveryMs}: Condition): string =>
  `${describeShape(shape)}, ${cutEveryMs === undefined ? 'no cuts' : `a cut every ${cutEveryMs / 1000} s`}, ${congestion}`;

/** Each condition as it is called in the rows' names. */
export const shortName = ({called, congestion, cutEveryMs}: Condition): string =>
  called ?? `${congestion}, ${cutEveryMs === undefined ? 'uncut' : 'cut'}`;

export const isOurs = ({name}: Pick<Contestant, 'name'>): boolean => name.startsWith('rebuild');
const label = ({name, sends}: Contestant): string => (sends === 'raw' ? `${name} (raw)` : name);

/**
 * Lets all contestants take their turn in every round of every condition, so that whatever else the machine does falls
 * on all of them; who begins changes from round to round.
 */
export async function compete(
  image: BenchImage,
  competitions: readonly Competition[],
  {rounds, seed, say}: Effort,
): Promise<readonly Row[]> {
  const tried = new Map<string, Attempted[]>();
  const possible = competitions.filter(({condition}) => congestions().includes(condition.congestion));
  for (let round = 0; round < rounds; round++)
    for (const {condition, turns} of possible) {
      const take = async (contestant: Contestant): Promise<void> => {
        const key = `${shortName(condition)}: ${label(contestant)}`;
        const one = await attempt(contestant, image, condition, seed + round);
        tried.set(key, [...(tried.get(key) ?? []), one]);
        const figures = `${one.seconds.toFixed(1)} s, ${one.ratio.toFixed(2)}, ${one.cuts} cuts`;
        say(`round ${round + 1} of ${rounds}, ${key}: ${one.end}, ${figures}`);
      };
      const first = round % turns.length;
      for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) await Promise.all(turn.map(take));
    }
  return competitions.flatMap((competition) => rowsOf(image, competition, tried));
}

function rowsOf(
  image: BenchImage,
  {condition, turns, target, againstPeers}: Competition,
  tried: ReadonlyMap<string, readonly Attempted[]>,
): readonly Row[] {
  const ideal = idealSeconds(image, condition.shape);
  const over = `our compressed bytes at the link's rate: ${image.packedBytes} bytes, ${ideal.toFixed(2)} s`;
  const short = shortName(condition);
  const of = (contestant: Contestant): readonly Attempted[] => tried.get(`${short}: ${label(contestant)}`) ?? [];
  const contestants = turns.flat();
  const rows = contestants.map((contestant): Row => {
    const attempts = of(contestant);
    const conditions = `${describeCondition(condition)}; ${contestant.sends}: ${contestant.types}`;
    const name = `${short}: ${label(contestant)}`;
    const wanted = isOurs(contestant) ? target : undefined;
    if (attempts.length === 0)
      return notMeasured(name, 'ratio', conditions, `this kernel has no ${condition.congestion}`, wanted);
    return row({
      name,
      unit: 'ratio',
      over,
      conditions,
      values: attempts.map(({ratio}) => ratio),
      givenUp: attempts.map(({end}) => end === 'given up'),
      ...(wanted && {target: wanted}),
      detail: attempts.map(({end, seconds, cuts, wire, counts}) => ({
        end,
        seconds: round(seconds),
        cuts,
        ...wire,
        ...counts,
      })),
    });
  });
  return againstPeers ? [...rows, ...races(condition, contestants, of)] : rows;
}

/** Each of ours over the fastest peer of the same round. */
function races(
  condition: Condition,
  contestants: readonly Contestant[],
  of: (contestant: Contestant) => readonly Attempted[],
): readonly Row[] {
  const peers = contestants.filter((one) => !isOurs(one));
  const [fastest] = peers
    .map((peer) => ({peer, middle: median(of(peer).map(({ratio}) => ratio))}))
    .filter(({middle}) => middle !== undefined)
    .toSorted((a, b) => (a.middle ?? 0) - (b.middle ?? 0));
  if (!fastest) return [];
  const against = of(fastest.peer);
  return contestants.filter(isOurs).flatMap((one) => {
    const values = of(one).flatMap(({ratio}, place) => (against[place] ? [ratio / against[place].ratio] : []));
    return row({
      name: `${shortName(condition)}: ${one.name} over the fastest peer`,
      unit: 'ratio',
      over: fastest.peer.name,
      conditions: describeCondition(condition),
      values,
      target: {below: 1},
    });
  });
}

const round = (seconds: number): number => Number(seconds.toFixed(3));
