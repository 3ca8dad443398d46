import {slow} from '../link/shape.ts';
import type {Section} from '../section.ts';
import {compete} from '../transfer/compete.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {aria2, curl} from '../transfer/contestant/pulls.ts';
import {benchImage} from '../transfer/image.ts';
import {inRam} from '../transfer/ram.ts';

/** The line of the incident: what matters there is that nothing that came through is asked for again. */
export const slowLink: Section = {
  name: 'slow',
  about: '167 kB/s with a cut every 30 s: our two ways beside curl and aria2c',
  measure: (effort) =>
    inRam(async () =>
      compete(
        await benchImage(effort.quick ? 88 : 96, effort.say),
        [
          {
            condition: {shape: slow, congestion: 'cubic', cutEveryMs: effort.quick ? 10_000 : 30_000, patience: 2},
            turns: [[ours('push'), ours('pull'), curl('compressed'), aria2('compressed')]],
            target: {atMost: 1.1},
          },
        ],
        effort,
      ),
    ),
};
