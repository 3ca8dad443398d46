import {fast} from '../link/shape.ts';
import {plotText, type Bar, type Panel} from '../plot.ts';
import {notMeasured, row, type Row} from '../result.ts';
import type {Section} from '../section.ts';
import {compete, describeCondition, shortName, type Competition} from '../transfer/compete.ts';
import type {Contestant} from '../transfer/contestant/contestant.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {aria2, bmaptool, curl} from '../transfer/contestant/pulls.ts';
import {rsync, sftp} from '../transfer/contestant/pushes.ts';
import {benchImage} from '../transfer/image.ts';
import type {Condition} from '../transfer/measure.ts';
import {inRam} from '../transfer/ram.ts';

const mine = [ours('push'), ours('pull')];
const peers: readonly Contestant[] = [
  curl('compressed'),
  aria2('compressed'),
  rsync('compressed'),
  sftp('compressed'),
  bmaptool('compressed'),
];
const cutEveryMs = 4000;
const patience = 2.5;
const cut = (['bbr', 'cubic'] as const).map((congestion): Condition => ({
  shape: fast,
  congestion,
  cutEveryMs,
  patience,
}));
const uncut = (['bbr', 'cubic'] as const).map((congestion): Condition => ({shape: fast, congestion, patience}));

/** How long the image takes to the target's disk over a common link with a common fault, against what people use. */
export const transfer: Section = {
  name: 'transfer',
  about: '100 Mbit/s, 20 ms, 0.1 % loss, with and without cuts: our two ways and what people use instead',
  measure: (effort) =>
    inRam(async () => {
      const image = await benchImage(effort.quick ? 256 : 512, effort.say);
      const competitions: Competition[] = [
        ...cut.map((condition) => ({
          condition,
          contestants: [...mine, ...peers],
          target: {atMost: 1.15},
          againstPeers: true,
        })),
        ...uncut.map((condition) => ({
          condition,
          contestants: [...mine, aria2('compressed'), ...(condition.congestion === 'bbr' ? [curl('compressed')] : [])],
          target: {atMost: 1.05},
        })),
      ];
      const rows = await compete(image, competitions, effort);
      return [
        ...rows,
        ...twice(rows, image.chunks.length === 0 ? 0 : Math.max(...image.chunks.map(({packedLength}) => packedLength))),
      ];
    }),
  plot: (rows) =>
    plotText(
      cut.map((condition): Panel => ({
        title: `${condition.congestion === 'bbr' ? 'BBR' : 'CUBIC'} at the sender, a cut every ${cutEveryMs / 1000} s`,
        bars: rows.flatMap((one) => bar(one, `${shortName(condition)}: `)),
      })),
      {
        title: 'A Debian image to the disk over 100 Mbit/s, 20 ms, 0.1 % loss',
        axis: 'wall time over the ideal (compressed bytes / bandwidth); the bar is the median, the line the spread',
        marks: [
          {at: 1, says: 'ideal'},
          {at: 1.15, says: '1.15'},
        ],
        upTo: patience,
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
 * for each cut; new handshakes are in it. A verified chunk that is sent again is counted where it is sent.
 */
function twice(rows: readonly Row[], largestChunk: number): readonly Row[] {
  return cut.flatMap((condition, place) =>
    mine.flatMap(({name}) => {
      const [with_, without] = [condition, uncut[place] as Condition].map((one) =>
        rows.find((candidate) => candidate.name === `${shortName(one)}: ${name}`),
      );
      const conditions = describeCondition(condition);
      const [perCut, verified] = [
        `${condition.congestion}: ${name}: sent twice per cut`,
        `${condition.congestion}: ${name}: verified bytes sent twice`,
      ];
      if (!with_?.detail?.length || !without?.detail?.length)
        return [notMeasured(perCut, 'bytes', conditions, with_?.notMeasured ?? 'not tried')];
      const usual = without.detail.reduce((sum, {toTarget}) => sum + Number(toTarget), 0) / without.detail.length;
      return [
        row({
          name: perCut,
          unit: 'bytes',
          conditions: `${conditions}; on the wire, over the mean without cuts`,
          values: with_.detail.map(({toTarget, cuts}) => (Number(toTarget) - usual) / Math.max(1, Number(cuts))),
          target: {atMost: largestChunk * streams},
        }),
        row({
          name: verified,
          unit: 'bytes',
          conditions,
          values: with_.detail.map(({verifiedBytesResent}) => Number(verifiedBytesResent)),
          target: {atMost: 0},
        }),
      ];
    }),
  );
}

/** Connections that either way uses at once. */
const streams = 8;
