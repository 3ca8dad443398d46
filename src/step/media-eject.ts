import {z} from 'zod';
import {enduring} from '../endure.ts';
import {fault} from '../fault.ts';
import {failed, ok} from '../result.ts';
import type {Step} from './step.ts';

const params = z.strictObject({});

export const mediaEject: Step<z.infer<typeof params>, {readonly slot: string}> = {
  kind: 'media.eject',
  summary: 'Empties the virtual CD and takes any boot override back, so that the next start is from the disk.',
  irreversible: false,
  heldUntil: [],
  params,

  async probe(look) {
    const media = await look.bmc.media();
    return media.ok ? ok({slot: 'virtual cd'}) : media;
  },

  plan: () => [
    {
      id: 'eject',
      says: 'virtual cd -> empty, boot order back to normal',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 1, to: 30},
    },
  ],

  async apply(world, _, hand) {
    const now = await enduring(() => world.bmc.media(), world.clock, hand.signal);
    if (!now.ok) return now;
    const gone = now.value.state === 'detached';
    if (!gone) {
      const ejected = await world.bmc.eject(hand.signal);
      if (!ejected.ok) return ejected;
    }
    const normal = await world.bmc.bootNormally(hand.signal);
    if (!normal.ok) return normal;
    return ok({says: 'empty', data: {byItself: gone}});
  },

  async verify(look) {
    const now = await look.bmc.media();
    if (!now.ok) return now;
    return now.value.state === 'detached'
      ? ok({says: 'virtual cd is empty', data: {}})
      : failed(fault('bmc.refused', `the virtual CD is still ${now.value.state}`));
  },
};
