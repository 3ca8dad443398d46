import {z} from 'zod';
import {fault} from '../fault.ts';
import {outlook, type MediumOutlook} from '../plan/outlook.ts';
import {failed, ok, type Result} from '../result.ts';
import {unaudited} from './bmc/unaudited.ts';
import {insertMedium} from './medium/insert.ts';
import {isoDigest, light, mediumName, mistakesInMedium, ownIso, type MediumParams} from './medium/own-iso.ts';
import {megabytes} from './megabytes.ts';
import type {Step} from './step.ts';
import type {Look} from './world.ts';
import type {LightIso, Medium} from './world/image.ts';

const params = z.strictObject({
  image: mediumName
    .default(light)
    .describe(
      'The image to mount: `light`, made for this run, or an ISO of your own, its path from the runbook’s folder.',
    ),
  force: z
    .string()
    .min(8)
    .max(200)
    .optional()
    .describe('Why an ISO of your own is mounted although the forecast calls it hopeless. Goes into the plan.'),
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(5)
    .describe('How often it is inserted, each time after a longer wait, before a person is asked.'),
  sha256: isoDigest.optional().describe('For an ISO of your own: its SHA-256, as its vendor publishes it.'),
});

/** `isoBytes`: of an operator's own ISO. */
type Facts = {readonly serial: string; readonly profile: string; readonly isoBytes?: number};

export const mediaMount: Step<z.infer<typeof params>, Facts> = {
  kind: 'media.mount',
  summary: 'Powers the host off and mounts an ISO as the BMC’s virtual CD, then sees that it is really there.',
  irreversible: false,
  heldUntil: ['target.boot', 'installer.boot'],
  params,

  check: (params) => [
    ...mistakesInMedium(params),
    ...(params.force !== undefined && params.image === light
      ? [{path: ['force'], says: 'the light iso is never refused: force is for an iso of your own'}]
      : []),
  ],

  async probe(look, params) {
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
    const own = ownIso(params);
    if (!own) return ok({serial, profile});
    const iso = await look.shelf.iso(own);
    return iso.ok ? ok({serial, profile, isoBytes: iso.value.bytes}) : iso;
  },

  plan: ({image}, {isoBytes}, runbook) => [
    ...unaudited(runbook),
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
      says: `virtual cd <- ${isoBytes === undefined ? 'light iso of this run' : `${image}, ${megabytes(isoBytes)}`}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 1, to: 60},
    },
  ],

  forecast: (look, params, {isoBytes}) => expectations(look, params, isoBytes),

  async apply(world, params, hand) {
    const iso = await mediumOf(world, params);
    if (!iso.ok) return iso;
    // What was planned an hour ago may have been lost in this run since.
    const expected = await expectations(world, params, ownIso(params) && iso.value.bytes);
    if (expected?.refusal) return failed(expected.refusal);
    const inserts = await insertMedium(world, iso.value.url, params.attempts, hand);
    if (!inserts.ok) return inserts;
    const {sha256, bytes} = iso.value;
    return ok({
      says: 'mounted',
      data: {iso: sha256, isoBytes: bytes, inserts: inserts.value, ...('base' in iso.value && {base: iso.value.base})},
    });
  },

  async verify(look, params) {
    const iso = await mediumOf(look, params);
    if (!iso.ok) return iso;
    const now = await look.bmc.media();
    if (!now.ok) return now;
    return now.value.state === 'attached' && now.value.image === iso.value.url
      ? ok({says: `virtual cd holds ${iso.value.sha256.slice(0, 12)}, digest checked`, data: {}})
      : failed(fault('media.not-mounted', `the virtual CD is ${now.value.state}`));
  },
};

function mediumOf(look: Look, params: MediumParams): Promise<Result<LightIso | Medium>> {
  const own = ownIso(params);
  return own ? look.shelf.iso(own) : look.shelf.light();
}

/** `isoBytes`: of an ISO of the operator's own, all of which is read; of the light one, what every start reads. */
async function expectations(
  look: Look,
  {image, force}: z.infer<typeof params>,
  isoBytes: number | undefined,
): Promise<MediumOutlook | undefined> {
  const {runbook, shelf} = look;
  const {path} = await look.record();
  const {promiseSeconds} = runbook.host;
  const lighter = await shelf.lightBytes();
  if (isoBytes !== undefined)
    return outlook(path, {
      name: image,
      bytes: isoBytes,
      promiseSeconds,
      own: {...(lighter.ok && {lightBytes: lighter.value}), force},
    });
  return lighter.ok ? outlook(path, {name: 'light iso', bytes: lighter.value, promiseSeconds}) : undefined;
}
