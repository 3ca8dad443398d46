import type {StepId} from '../brand.ts';
import type {Plan} from '../plan/plan.ts';
import {stopAfter} from '../plan/until.ts';
import {count} from './count.ts';
import {clockTime, duration} from './duration.ts';
import {escape, wrap} from './escape.ts';
import {faultScreen} from './fault.ts';
import {outlookText} from './outlook.ts';
import type {Paint} from './paint.ts';
import {forGoodText, writtenDisks} from './plan-disks.ts';
import {planTable} from './plan-table.ts';
import {timesText} from './plan-time.ts';
import {screenColumns} from './row.ts';

export interface PlanOptions {
  /** The file the plan was saved to. */
  readonly savedAs?: string | undefined;
  /** Whether it is for the lab's machine. */
  readonly lab?: boolean;
  /** The runbook's file, where the command names it. */
  readonly runbook?: string | undefined;
  /** It is read by someone who is about to approve it, or where it is about to be run: neither types a command next. */
  readonly underWay?: boolean;
  /** The step after which the sitting stops. */
  readonly until?: StepId | undefined;
}

/** A plan to be read before anything happens: first what cannot be undone, then every effect in order, then what it comes to. */
export function planText(whole: Plan, options: PlanOptions, paint: Paint): readonly string[] {
  const plan = stopAfter(whole, options.until);
  const {system, host, steps, readAt, moving} = plan;
  const file = steps[0]?.place.file;
  const from = moving ? ` (BMC ${moving.bmc})` : '';
  return [
    ...paragraph(
      `${host}  ${`${system.vendor} ${system.model}`.trim()}  serial ${system.serial}${file ? `  runbook ${file}` : ''}`,
    ).map((line, index) => (index === 0 ? line.replace(host, paint('strong', host)) : line)),
    ...paragraph(`Read ${count(factsIn(plan), 'fact')} at ${clockTime(readAt)}${from}. Nothing was changed.`),
    '',
    ...spaced(forGoodText(plan, paint)),
    ...planTable(plan, paint),
    '',
    ...spaced(outlookText(moving?.outlooks ?? {})),
    ...paragraph(consequences(plan, whole, options.until)),
    ...unknowns(plan),
    ...(moving ? paragraph(mayMove) : []),
    ...(plan.errors.length ? refusal(plan, options, paint) : options.underWay ? digestText(plan) : goOn(plan, options)),
  ];
}

/** How many facts a plan relies on. */
export const factsIn = ({facts}: Pick<Plan, 'facts'>): number =>
  Object.values(facts).reduce((sum, facts) => sum + Object.keys(facts).length, 0);

const mayMove = 'Expected to move, and not relied on: power, rates and losses, times.';

const spaced = (lines: readonly string[]): readonly string[] => (lines.length ? [...lines, ''] : []);

function consequences(plan: Plan, whole: Plan, until: StepId | undefined): string {
  const written = writtenDisks(plan).length;
  const later = writtenDisks(whole).length - written;
  const disks =
    written === 0
      ? 'No disk loses its data'
      : `${count(written, 'disk')} ${written === 1 ? 'loses its' : 'lose their'} data`;
  const alone = `${plan.keptDisks.length} ${plan.keptDisks.length === 1 ? 'is' : 'are'} left alone`;
  const after = later > 0 ? ` (after ${until}: ${later} more)` : '';
  const waiting = plan.steps.filter(({id}) => plan.gate?.steps.includes(id));
  const waits =
    waiting.length === 0
      ? ''
      : `, ${count(waiting.length, 'step')} ${waiting.length === 1 ? 'waits' : 'wait'} for people: ${waiting.map(({id}) => id).join(', ')}`;
  const times = plan.moving ? ` ${timesText(plan.moving.times, plan.promiseSeconds)}` : promised(plan);
  return `${disks}${after}, ${alone}${waits}.${times}`;
}

const promised = ({promiseSeconds}: Plan): string =>
  promiseSeconds === undefined ? '' : ` Promised are ${duration(promiseSeconds)}.`;

/** What nobody can know yet, by the step that will tell. */
function unknowns({steps}: Plan): readonly string[] {
  const open = steps.flatMap(({effects}) =>
    effects.flatMap(({certainty, says}) => (certainty.is === 'unknown' ? [{until: certainty.until, says}] : [])),
  );
  const tellers = [...new Set(open.map(({until}) => until))];
  return tellers.flatMap((teller) =>
    paragraph(
      `Unknown until ${teller}: ${open
        .filter(({until}) => until === teller)
        .map(({says}) => says)
        .join('; ')}.`,
    ),
  );
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

const digestText = ({digest}: Plan): readonly string[] => ['', `Digest ${digest.slice(0, 8)}.`];

/** The host as a command names it: `marruuk --lab`. */
export const hostAs = (host: string, {lab, runbook}: Pick<PlanOptions, 'lab' | 'runbook'>): string =>
  `${host}${lab ? ' --lab' : ''}${runbook === undefined ? '' : ` --runbook ${escape(runbook)}`}`;

function goOn({host, digest}: Plan, {savedAs, until, ...how}: PlanOptions): readonly string[] {
  const run = `    rebuild run ${hostAs(host, how)}${until === undefined ? '' : ` --until ${until}`}`;
  return savedAs === undefined
    ? ['', `Digest ${digest.slice(0, 8)}. To do this:`, run]
    : [
        '',
        `Saved ${escape(savedAs)} (digest ${digest.slice(0, 8)}). To do exactly this:`,
        `${run} --plan ${escape(savedAs)}`,
      ];
}

const paragraph = (text: string): readonly string[] => wrap(escape(text), screenColumns - 1);
