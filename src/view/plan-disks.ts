import type {KeptDisk, Plan, PlannedStep} from '../plan/plan.ts';
import type {PlannedDisk} from '../step/step.ts';
import {bytes} from './bytes.ts';
import {escape, wrap} from './escape.ts';
import type {Paint} from './paint.ts';
import {screenColumns} from './row.ts';

/** Disks that a plan would write to. */
export const writtenDisks = ({steps}: Pick<Plan, 'steps'>): readonly PlannedDisk[] => {
  const disks = steps.flatMap(({effects}) =>
    effects.flatMap(({disk, certainty}) => (disk && certainty.is !== 'not' ? [disk] : [])),
  );
  return [...new Map(disks.map((disk) => [disk.serial, disk])).values()];
};

/** `480 GB  SAMSUNG MZ7LH480  S3Z8NB0K412345`; what the BMC does not show is left out. */
export function diskText(disk: Pick<KeptDisk, 'serial' | 'sizeBytes' | 'vendor' | 'model'>): string {
  return [bytes(disk.sizeBytes), makeText(disk), disk.serial].filter(Boolean).join('  ');
}

/** Many models begin with the vendor's name. */
export function makeText({vendor = '', model = ''}: Pick<KeptDisk, 'vendor' | 'model'>): string {
  return model.toLowerCase().startsWith(vendor.toLowerCase()) ? model : `${vendor} ${model}`.trim();
}

/** What cannot be undone, before all else: each disk that loses its data, what else is for good, and the disks left alone. */
export function forGoodText(plan: Plan, paint: Paint): readonly string[] {
  const written = writtenDisks(plan);
  const lines = (mark: '!' | '.', text: string): readonly string[] =>
    wrap(escape(text), columns - 3).map((line, index) =>
      paint(mark === '!' ? 'care' : 'faint', `${index === 0 ? ` ${mark} ` : '   '}${line}`),
    );
  const erased = written.flatMap((disk) =>
    lines('!', `${diskText(disk)}  ${disk.name}: ${stepsOn(plan.steps, disk).join(', ')}`),
  );
  const alone = plan.keptDisks.flatMap((disk) => lines('.', `${diskText(disk)}  ${aloneText(disk)}`));
  const others = plan.steps.flatMap(({id, effects}) =>
    effects.flatMap(({says, undo, disk, certainty}) =>
      !undo && !disk && certainty.is === 'will' ? [`${id}: ${says}`] : [],
    ),
  );
  return [
    ...(erased.length ? [paint('strong', 'Loses its data for good:'), ...erased] : []),
    ...(alone.length ? ['Left alone:', ...alone] : []),
    ...(others.length ? ['Cannot be taken back either:', ...others.flatMap((text) => lines('!', text))] : []),
  ];
}

const columns = screenColumns - 1;

const stepsOn = (steps: readonly PlannedStep[], {serial}: PlannedDisk): readonly string[] =>
  steps.filter(({effects}) => effects.some(({disk}) => disk?.serial === serial)).map(({id}) => id);

function aloneText({name, unseen}: KeptDisk): string {
  if (name === undefined) return 'not in the runbook';
  return unseen ? `${name}: the BMC does not list it` : name;
}
