import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import {checkData, judged, type Check} from './check.ts';
import {readIndicators} from './indicator/read.ts';
import {inFiles} from './indicator/match.ts';
import {installation} from './system/installation.ts';
import type {Step} from './step.ts';
import {byPath, differences, useOf, type TreeEntry} from './system/tree.ts';
import type {Look} from './world.ts';
import type {OsImage} from './world/image.ts';
import type {DiskSpec} from '../runbook/runbook.ts';

const params = z.strictObject({
  indicators: z
    .array(z.string().min(1).max(255))
    .max(16)
    .readonly()
    .default([])
    .describe(
      'Lists of what was seen on the compromised host: CSV with type and value, or a STIX 2.1 bundle; no file may have ' +
        'one of their names, paths or SHA-256. Paths count from the runbook’s folder.',
    ),
});
type Params = z.infer<typeof params>;

/**
 * Before the new system is first started: whatever is on its disk then was put there by this run, and nobody but the
 * light system reads it.
 */
export const filesVerify: Step<Params, Readonly<Record<string, never>>> = {
  kind: 'files.verify',
  summary:
    'Reads every file of the installed system from the light one, and holds it against the image’s own list: content, owner, mode.',
  irreversible: false,
  heldUntil: ['network.restore'],
  params,

  check: (_, runbook) =>
    installation(runbook) ? [] : [{path: ['do'], says: 'no os.install step says what should be there'}],

  probe: async () => ok({}),

  plan: () => [
    {
      id: 'files',
      says: 'read every file of the new system, compare with the image',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 3, to: 120},
    },
  ],

  async apply(world, params, hand) {
    const indicators = await readIndicators(world, {...params, contacts: []});
    if (!indicators.ok) return indicators;
    const place = await placeOf(world);
    if (!place.ok) return place;
    const {image, disk} = place.value;
    hand.progress({says: 'reading every file of the new system'});
    const [golden, found] = await Promise.all([world.shelf.tree(image), world.target.tree(disk.serial, image)]);
    if (!golden.ok) return golden;
    if (!found.ok) return found;
    const checks = [
      ...fileChecks(golden.value, found.value),
      ...(indicators.value.usable.length > 0
        ? [
            judged(
              'indicators',
              inFiles(indicators.value.usable, found.value),
              `none of ${indicators.value.usable.length} in a file`,
            ),
          ]
        : []),
      ...indicators.value.checks,
    ];
    const wrong = checks.filter(({verdict}) => verdict === 'failed');
    const [first] = wrong;
    if (first)
      return failed(
        fault('host.differs', first.says, {
          detail: {differences: wrong.flatMap((check) => check.differences ?? []), checks: checkData(checks)},
        }),
      );
    const files = found.value.filter(({type}) => type === 'file').length;
    return ok({
      says: `${files} files are the image’s and this run’s own`,
      data: {files, entries: found.value.length, checks: checkData(checks)},
    });
  },

  /** What was read stays so while the light system runs; that it is still this installation is asked again. */
  async verify(look) {
    const place = await placeOf(look);
    if (!place.ok) return place;
    const {image, disk} = place.value;
    const latch = await look.target.latch(disk.serial);
    if (!latch.ok) return latch;
    return latch.value?.run === look.run.id && latch.value.state === 'installed'
      ? ok({says: `the files of ${image.name} are as listed`, data: {image: image.digest}})
      : failed(fault('host.differs', `disk ${disk.serial} no longer says that this run installed it`));
  },
};

/** Those for which somebody could stay are told apart; the rest is one check. */
export function fileChecks(golden: readonly TreeEntry[], found: readonly TreeEntry[]): readonly Check[] {
  const all = differences(byPath(golden), found);
  const suid = found.filter((entry) => useOf(entry) === 'suid').length;
  return [judged('files', all, `${golden.length} entries, ${suid} of them SUID or SGID, as the image has them`)];
}

async function placeOf(look: Look): Promise<Result<{readonly image: OsImage; readonly disk: DiskSpec}>> {
  const installed = installation(look.runbook);
  if (!installed) return failed(fault('disk.not-found', 'no os.install step says which disk holds the new system'));
  const image = await look.shelf.os(installed.image);
  return image.ok ? ok({image: image.value, disk: installed.disk}) : image;
}
