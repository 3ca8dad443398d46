import {fast} from '../link/shape.ts';
import type {Section} from '../section.ts';
import {compete} from '../transfer/compete.ts';
import {ours} from '../transfer/contestant/ours.ts';
import {aria2, bmaptool, curl} from '../transfer/contestant/pulls.ts';
import {rsync, sftp} from '../transfer/contestant/pushes.ts';
import {benchImage} from '../transfer/image.ts';
import {inRam} from '../transfer/ram.ts';

const peers = [curl('raw'), aria2('raw'), rsync('raw'), sftp('raw'), bmaptool('raw')];

/** The peers as they are mostly used, with the image as it is. */
export const raw: Section = {
  name: 'raw',
  about: 'the same with the peers given the raw image, smaller so that they end',
  measure: (effort) =>
    inRam(async () =>
      compete(
        await benchImage(effort.quick ? 64 : 128, effort.say),
        [
          {
            condition: {shape: fast, congestion: 'bbr', cutEveryMs: 4000, patience: 10},
            turns: [ours('push'), ours('pull'), ...peers].map((one) => [one]),
            againstPeers: true,
          },
        ],
        effort,
      ),
    ),
};
