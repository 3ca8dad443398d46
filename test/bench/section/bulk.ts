import type {Section} from '../section.ts';
import {compete} from '../transfer/compete.ts';
import {kinds, uncut} from '../transfer/conditions.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {aria2} from '../transfer/contestant/pulls.ts';
import {bulkImage} from '../transfer/image.ts';
import {inRam} from '../transfer/ram.ts';

/** An image large enough for what is paid once, at the start and at the end, to count for little. */
export const bulk: Section = {
  name: 'bulk',
  about: '100 Mbit/s, 20 ms, 0.1 % loss, no cuts: a large image by our pull and by the fastest peer',
  measure: (effort) =>
    inRam(async () =>
      compete(
        await bulkImage(effort.quick ? 128 : 768, effort.say),
        kinds.map((kind) => ({
          condition: {...uncut[kind], called: `${kind}, uncut, bulk`},
          turns: [ours('pull'), ...(effort.quick ? [] : [aria2('compressed')])].map((one) => [one]),
          target: {atMost: 1.05},
        })),
        effort,
      ),
    ),
};
