import type {MediumOutlook} from '../plan/outlook.ts';
import type {Plan, PlannedStep} from '../plan/plan.ts';
import type {Effect} from '../step/step.ts';
import type {Forecast} from './block.ts';
import {bytes} from './bytes.ts';
import {count} from './count.ts';
import {clockTime, duration, span} from './duration.ts';
import {escape, pad, padLeft, wrap} from './escape.ts';
import {faultScreen} from './fault.ts';
import {outlookText} from './outlook.ts';
import type {Paint} from './paint.ts';
import {nameColumnsOf, screenColumns} from './row.ts';

export interface PlanOptions {
  /** The file the plan was saved to. */
  readonly savedAs?: string;
  /** Whether it is for the lab's machine. */
  readonly lab?: boolean;
  /** It is read by someone who is about to approve it, not to run it. */
  readonly approving?: boolean;
}

type Mark = '!' | '.' | '?' | ' ';

interface Line {
  readonly mark: Mark;
  readonly says: string;
  readonly undo: string;
  readonly takes: string;
}

/**
 * A plan to be read before anything happens. `!` cannot be undone, `.` is left alone, `?` waits for a person or is known
 * only while running.
 */
export function planText(plan: Plan, options: PlanOptions, paint: Paint): readonly string[] {
  const {system, host, steps, readAt} = plan;
  const facts = Object.values(plan.facts).reduce((sum, facts) => sum + Object.keys(facts).length, 0);
  const nameColumns = nameColumnsOf(steps.map(({id}) => id)) - 1;
  const file = steps[0]?.place.file;
  return [
    `${paint('strong', host)}  ${escape(`${system.vendor} ${system.model}`.trim())}  serial ${escape(system.serial)}${file ? `  runbook ${escape(file)}` : ''}`,
    `Read ${facts} facts at ${clockTime(readAt)}. Nothing was changed.`,
    '',
    ` #   ${pad('step', nameColumns)} ${pad('what happens', saysColumns(nameColumns))} ${pad('undo', 4)} ${padLeft('takes', 8)}`,
    ...steps.flatMap((step, index) => stepLines(plan, step, index + 1, nameColumns, paint)),
    '',
    ...outlookText(plan.outlooks ?? {}),
    ...(Object.keys(plan.outlooks ?? {}).length ? [''] : []),
    ...paragraph(consequences(plan)),
    ...unknowns(plan),
    ...(plan.errors.length ? refusal(plan, options, paint) : options.approving ? [] : goOn(plan, options)),
  ];
}

/** Serial numbers of the disks that a plan would write to. */
export const writtenDisks = ({steps}: Plan): readonly NonNullable<Effect['disk']>[] => {
  const disks = steps.flatMap(({effects}) =>
    effects.flatMap(({disk, certainty}) => (disk && certainty.is !== 'not' ? [disk] : [])),
  );
  return [...new Map(disks.map((disk) => [disk.serial, disk])).values()];
};

/** What a live view may say of steps that have not run yet; those of which a part is unknown are left out. */
export const forecasts = (plan: Plan): Forecast =>
  new Map(
    plan.steps.flatMap((step, index) => {
      const own = stepTime(plan, step);
      // A medium is read by the step after the one that mounts it.
      const media = mediaTime([plan.outlooks?.[plan.steps[index - 1]?.id ?? ''] ?? []].flat());
      const [from, to] = [own.from + media.from, own.to + media.to];
      return Number.isFinite(to) && to > 0 && own.by !== 'nothing' ? [[step.id, {from, to}] as const] : [];
    }),
  );

interface StepTime {
  readonly from: number;
  readonly to: number;
  /** What tells the rest, where an effect does not: how long the step took in the last run, or nothing. */
  readonly by: 'effects' | 'last run' | 'nothing';
}

// The same work on the same disks over another evening's link.
const spread = 1.5;

function stepTime({took = {}}: Plan, {id, effects}: PlannedStep): StepTime {
  const willed = effects.filter(({certainty}) => certainty.is !== 'not');
  const from = willed.reduce((sum, {seconds}) => sum + (seconds?.from ?? 0), 0);
  const to = willed.reduce((sum, {seconds}) => sum + (seconds?.to ?? 0), 0);
  if (willed.every(({seconds}) => seconds !== undefined)) return {from, to, by: 'effects'};
  const last = took[id];
  if (last === undefined) return {from, to, by: 'nothing'};
  return {from: Math.max(from, last / spread), to: Math.max(to, last * spread), by: 'last run'};
}

/** Seconds of everything a plan will do, how many steps say nothing of it, and which go by the last run. */
function planTime(plan: Plan): {
  readonly from: number;
  readonly to: number;
  readonly silent: number;
  readonly before: readonly string[];
} {
  const media = mediaTime(Object.values(plan.outlooks ?? {}));
  const steps = plan.steps.map((step) => ({id: step.id, ...stepTime(plan, step)}));
  return {
    from: steps.reduce((sum, {from}) => sum + from, media.from),
    to: steps.reduce((sum, {to}) => sum + to, media.to),
    silent: steps.filter(({by}) => by === 'nothing').length,
    before: steps.flatMap(({id, by}) => (by === 'last run' ? [id] : [])),
  };
}

const saysColumns = (nameColumns: number): number => screenColumns - 1 - 5 - nameColumns - 1 - 1 - 4 - 1 - 8;

function stepLines(
  plan: Plan,
  step: PlannedStep,
  number: number,
  nameColumns: number,
  paint: Paint,
): readonly string[] {
  const columns = saysColumns(nameColumns);
  const firstWrite = plan.steps.find(({effects}) => effects.some(({disk}) => disk));
  const kept: readonly Line[] =
    step === firstWrite
      ? plan.keptDisks.map(({name, serial, sizeBytes}) => ({
          mark: '.',
          says: `${serial}  ${bytes(sizeBytes)}  ${name}: left alone`,
          undo: '',
          takes: '',
        }))
      : [];
  const failed = plan.errors.find((error) => error.step === step.id);
  const lines: readonly Line[] = failed
    ? [{mark: '!', says: `cannot be planned: ${failed.fault.code}`, undo: '', takes: ''}]
    : [...gateLines(plan, step), ...step.effects.flatMap(effectLines), ...kept];
  return lines.flatMap(({mark, says, undo, takes}, index) => {
    const bare = undo === '' && takes === '';
    const [first = '', ...rest] = wrap(escape(says), bare ? columns + 1 + 4 + 1 + 8 : columns);
    const label =
      index === 0
        ? `${padLeft(String(number), 2)} ${mark} ${pad(step.id, nameColumns)}`
        : `   ${mark} ${pad('', nameColumns)}`;
    const line = `${label} ${pad(first, columns)} ${pad(undo, 4)} ${padLeft(takes, 8)}`.trimEnd();
    const all = [line, ...rest.map((more) => `   ${mark} ${pad('', nameColumns)} ${more}`)];
    return mark === '!' || mark === '.' ? all.map((each) => paint(mark === '!' ? 'care' : 'faint', each)) : all;
  });
}

/** That people must agree before the step begins. */
function gateLines({gate}: Plan, {id}: PlannedStep): readonly Line[] {
  if (!gate?.steps.includes(id)) return [];
  const says = `waits for ${count(gate.approvers, 'approval')}, each good for ${duration(gate.withinSeconds)}`;
  return [{mark: '?', says, undo: '', takes: ''}];
}

function effectLines({says, certainty, undo, irreversible, disk, seconds}: Effect): readonly Line[] {
  const takes = seconds ? span(seconds) : '';
  switch (certainty.is) {
    case 'not':
      return [{mark: '.', says: `${says} (${certainty.because})`, undo: '', takes: ''}];
    case 'unknown':
      return [
        {mark: irreversible ? '!' : '?', says: `${says} (known ${certainty.until})`, undo: undoText(undo), takes},
      ];
    case 'will': {
      const mark = irreversible ? '!' : ' ';
      const line: Line = {mark, says, undo: undoText(undo), takes};
      if (!disk) return [line];
      const model = disk.model ? `  ${disk.model}` : '';
      return [
        line,
        {mark, says: `${disk.serial}  ${bytes(disk.sizeBytes)}  ${disk.name}${model}`, undo: '', takes: ''},
      ];
    }
    default:
      return certainty satisfies never;
  }
}

const undoText = (undo: boolean): string => (undo ? 'yes' : 'NO');

/** What reading the media adds: undisturbed at the least, with restarts in the mean at the most. Infinite: no bound is known. */
function mediaTime(outlooks: readonly MediumOutlook[]): {readonly from: number; readonly to: number} {
  const media = outlooks.flatMap(({medium}) => medium ?? []);
  return {
    from: media.reduce((sum, {wholeSeconds}) => sum + wholeSeconds, 0),
    to: media.reduce((sum, {wholeSeconds, restart, verdict}) => {
      const mean = restart.is === 'seconds' ? restart.seconds : restart.is === 'unknown' ? wholeSeconds : Infinity;
      return sum + (verdict.is === 'hopeless' ? Infinity : Math.max(wholeSeconds, mean));
    }, 0),
  };
}

function consequences(plan: Plan): string {
  const written = writtenDisks(plan).length;
  const {from, to, silent, before} = planTime(plan);
  const long = Number.isFinite(to)
    ? span({from, to})
    : Number.isFinite(from)
      ? `${duration(from)} at the least, with no end in sight`
      : 'for ever';
  const disks =
    written === 0
      ? 'No disk loses its data'
      : `${count(written, 'disk')} ${written === 1 ? 'loses its' : 'lose their'} data`;
  const time =
    to === 0
      ? 'Nothing is known of how long it takes'
      : silent === 0
        ? `It takes ${long}`
        : `It takes ${long} and ${count(silent, 'step')} of unknown length`;
  const by = before.length ? `, going by the last run for ${before.join(', ')}` : '';
  const promise = plan.promiseSeconds;
  // Only a forecast without gaps can be held against a promise; one that is late already is late with them too.
  const held =
    promise === undefined
      ? ''
      : from > promise
        ? `, LONGER than the ${duration(promise)} promised`
        : silent === 0 && to <= promise
          ? `, within the ${duration(promise)} promised`
          : `; promised are ${duration(promise)}`;
  return `${disks}, ${plan.keptDisks.length} ${plan.keptDisks.length === 1 ? 'is' : 'are'} left alone. ${time}${by}${held}.`;
}

function unknowns(plan: Plan): readonly string[] {
  const open = plan.steps.flatMap(({effects}) =>
    effects.flatMap(({certainty, says}) => (certainty.is === 'unknown' ? [says] : [])),
  );
  const models = writtenDisks(plan).flatMap(({serial, model}) => (model ? [] : [`the model of ${serial}`]));
  const all = [...open, ...models];
  return all.length ? paragraph(`Known only while running: ${all.join(', ')}.`) : [];
}

function refusal({errors, host, steps}: Plan, {lab}: PlanOptions, paint: Paint): readonly string[] {
  return [
    '',
    paint('bad', `This plan cannot be run: ${count(errors.length, 'fault')}.`),
    ...errors.flatMap(({step, fault}) => {
      const place = steps.find(({id}) => id === step)?.place;
      return ['', ...faultScreen(fault, {host, ...(lab && {lab}), ...(place && {place})}, paint)];
    }),
  ];
}

function goOn({host, digest}: Plan, {savedAs, lab}: PlanOptions): readonly string[] {
  const run = `    rebuild run ${host}${lab ? ' --lab' : ''}`;
  return savedAs === undefined
    ? ['', `Digest ${digest.slice(0, 8)}. To do this:`, run]
    : [
        '',
        `Saved ${escape(savedAs)} (digest ${digest.slice(0, 8)}). To do exactly this:`,
        `${run} --plan ${escape(savedAs)}`,
      ];
}

const paragraph = (text: string): readonly string[] => wrap(escape(text), screenColumns - 1);
