import {fast} from '../link/shape.ts';
import {row, type Row} from '../result.ts';
import type {Section} from '../section.ts';
import {describeCondition} from '../transfer/compete.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {benchImage} from '../transfer/image.ts';
import {attempt, type Attempted, type Condition} from '../transfer/measure.ts';
import {inRam} from '../transfer/ram.ts';

const condition: Condition = {shape: fast, congestion: 'cubic', cutEveryMs: 4000, patience: 5, memory: true};

/** What the target needs beside the system that it runs from. */
export const memory: Section = {
  name: 'memory',
  about: 'the target’s memory while the image comes: processes of its agent and its SSH server, and their files in RAM',
  measure: ({rounds, quick, seed, say}) =>
    inRam(async () => {
      const image = await benchImage(quick ? 128 : 256, say);
      const rows: Row[] = [];
      for (const way of ['push', 'pull'] as const) {
        const tried: Attempted[] = [];
        for (let round = 0; round < rounds; round++)
          tried.push(await attempt(ours(way), image, condition, seed + round));
        const peaks = tried.flatMap(({peak}) => peak ?? []);
        rows.push(
          row({
            name: `rebuild, ${way}: peak`,
            unit: 'bytes',
            conditions: `${describeCondition(condition)}; the light system’s own agent and SSH server; proportional set sizes every 25 ms`,
            values: peaks.map(({total}) => total),
            target: {below: 96e6},
            detail: peaks.map(({processes, files}) => ({processes, files})),
          }),
        );
      }
      return rows;
    }),
};
