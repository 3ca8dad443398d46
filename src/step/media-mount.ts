import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok} from '../result.ts';
import type {Step} from './step.ts';

const params = z.strictObject({
  image: z.literal('light').default('light').describe('The image to mount: the light ISO made for this run.'),
});

export const mediaMount: Step<z.infer<typeof params>, {readonly serial: string; readonly profile: string}> = {
  kind: 'media.mount',
  summary: 'Powers the host off and mounts the light ISO as the BMC’s virtual CD, then sees that it is really there.',
  irreversible: false,
  heldUntil: ['target.boot'],
  params,

  async probe(look) {
    const system = await look.bmc.system();
    if (!system.ok) return system;
    const {serial, profile} = system.value;
    if (serial !== look.runbook.host.serial)
      return failed(
        fault(
          'bmc.not-this-machine',
          `the BMC reports system serial ${serial}, the runbook ${look.runbook.host.serial}`,
        ),
      );
    return ok({serial, profile});
  },

  plan: () => [
    {
      id: 'off',
      says: 'power off, hard: the old system gets no farewell',
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
      seconds: {from: 1, to: 30},
    },
    {
      id: 'insert',
      says: 'virtual cd <- light iso of this run',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 1, to: 60},
    },
  ],

  async apply(world, _, hand) {
    const iso = await world.shelf.light();
    if (!iso.ok) return iso;
    const now = await world.bmc.media();
    if (!now.ok) return now;
    if (now.value.state !== 'attached' || now.value.image !== iso.value.url) {
      // Ejecting under a running system left file system errors on consoles, and hangs some BMCs: the host goes off first.
      const off = await world.bmc.power('off', hand.signal);
      if (!off.ok) return off;
      const inserted = await world.bmc.insert(iso.value.url, hand.signal);
      if (!inserted.ok) return inserted;
    }
    return ok({
      says: 'mounted',
      data: {iso: iso.value.sha256, isoBytes: iso.value.bytes, base: iso.value.base},
    });
  },

  async verify(look) {
    const iso = await look.shelf.light();
    if (!iso.ok) return iso;
    const now = await look.bmc.media();
    if (!now.ok) return now;
    return now.value.state === 'attached' && now.value.image === iso.value.url
      ? ok({says: `virtual cd holds ${iso.value.sha256.slice(0, 12)}, digest checked`, data: {}})
      : failed(fault('media.not-mounted', `the virtual CD is ${now.value.state}`));
  },
};
