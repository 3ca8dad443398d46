import {plotText, type Bar, type Panel} from '../plot.ts';
import {notMeasured, row, type Row} from '../result.ts';
import type {Section} from '../section.ts';
import {compete, describeCondition, shortName, type Competition} from '../transfer/compete.ts';
import {cut, cutEveryMs, kinds, uncut} from '../transfer/conditions.ts';
import type {Contestant} from '../transfer/contestant/contestant.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {aria2, bmaptool, curl} from '../transfer/contestant/pulls.ts';
import {rsync, sftp} from '../transfer/contestant/pushes.ts';
import {benchImage} from '../transfer/image.ts';
import {inRam} from '../transfer/ram.ts';
import {mostStreams} from '../../../src/device/target/push.ts';
import {largestPiece, pullStreams} from '../../agent-figures.ts';

/** Our two ways, and how many connections each has at most. */
const streams = {push: mostStreams, pull: pullStreams} as const;
const ways = ['push', 'pull'] as const;
const mine = ways.map(ours);
const alone = (contestants: readonly Contestant[]) => contestants.map((one) => [one]);
const single = [curl, rsync, sftp, bmaptool].map((peer) => peer('compressed'));
const several = aria2('compressed');

/** Where the plot's axis ends. */
const longest = 5;

/** How long the image takes to the target's disk over a common link with a common fault, against what people use. */
export const transfer: Section = {
  name: 'transfer',
  about: '100 Mbit/s, 20 ms, 0.1 % loss, with and without cuts: our two ways and what people use instead',
  measure: (effort) =>
    inRam(async () => {
      const image = await benchImage(effort.quick ? 256 : 512, effort.say);
      const competitions: Competition[] = [
        {
          condition: cut.bbr,
          turns: alone([...mine, several, ...single]),
          target: {atMost: 1.15},
          againstPeers: true,
        },
        {
          condition: cut.cubic,
          // A single connection under CUBIC gets a fifth of the link: four of them take as much of a processor as one of the others.
          turns: [...alone([...mine, several]), single],
          target: {atMost: 1.15},
          againstPeers: true,
        },
        ...kinds.map((kind) => ({
          condition: uncut[kind],
          turns: alone([...mine, several]),
          target: {atMost: 1.05},
        })),
      ];
      const rows = await compete(image, competitions, effort);
      return [...rows, ...twice(rows)];
    }),
  plot: (rows) =>
    plotText(
      kinds.map((kind): Panel => ({
        title: `${kind.toUpperCase()} at the sender, a cut every ${cutEveryMs / 1000} s`,
        bars: rows.flatMap((one) => bar(one, `${shortName(cut[kind])}: `)),
      })),
      {
        title: 'A Debian image to the disk over 100 Mbit/s, 20 ms, 0.1 % loss',
        axis: 'wall time over the ideal (compressed bytes / bandwidth); the bar is the median, the line the spread',
        marks: [
          {at: 1, says: 'ideal'},
          {at: 1.15, says: '1.15'},
        ],
        upTo: longest,
      },
    ),
};

function bar({name, median, values, atLeast, over}: Row, prefix: string): readonly Bar[] {
  if (!name.startsWith(prefix) || median === null || !over?.startsWith('our compressed')) return [];
  const who = name.slice(prefix.length);
  const ours = who.startsWith('rebuild');
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [{name: who, value: median, low, high, ...(ours && {ours}), ...(atLeast && {atLeast})}];
}

/**
 * What cuts make go over the wire twice: bytes towards the target with cuts less those of the same contestant without,
 * for each cut; new handshakes are in it. Each stream may lose the one piece that it waits for, which is less than a chunk.
 * A verified chunk that is asked for again is counted where it is asked for.
 */
function twice(rows: readonly Row[]): readonly Row[] {
  return kinds.flatMap((kind) =>
    ways.flatMap((way) => {
      const {name} = ours(way);
      const [with_, without] = [cut[kind], uncut[kind]].map((one) => doneIn(rows, `${shortName(one)}: ${name}`));
      const conditions = describeCondition(cut[kind]);
      const [perCut, again] = [`${kind}: ${name}: sent twice per cut`, `${kind}: ${name}: verified and sent again`];
      if (!with_?.length || !without?.length) return [notMeasured(perCut, 'bytes', conditions, 'no round was ended')];
      const usual = without.reduce((sum, {toTarget}) => sum + Number(toTarget), 0) / without.length;
      return [
        row({
          name: perCut,
          unit: 'bytes',
          conditions: `${conditions}; on the wire, over the mean without cuts`,
          values: with_.map(({toTarget, cuts}) => (Number(toTarget) - usual) / Math.max(1, Number(cuts))),
          target: {atMost: largestPiece * streams[way]},
        }),
        row({
          name: again,
          unit: 'bytes',
          conditions,
          values: with_.map(({verifiedBytesAgain}) => Number(verifiedBytesAgain)),
          target: {atMost: 0},
        }),
      ];
    }),
  );
}

const doneIn = (rows: readonly Row[], wanted: string): Row['detail'] =>
  rows.find(({name}) => name === wanted)?.detail?.filter(({end}) => end === 'done');
