import type {Plan, PlannedStep} from '../plan/plan.ts';
import type {StepTime} from '../plan/times.ts';
import type {Effect} from '../step/step.ts';
import {count} from './count.ts';
import {atMost, duration, roughly, span} from './duration.ts';
import {cut, escape, pad, padLeft, wrap} from './escape.ts';
import type {Paint} from './paint.ts';
import {diskText} from './plan-disks.ts';
import {screenColumns} from './row.ts';

type Mark = '!' | '.' | '?' | ' ';

interface Line {
  readonly mark: Mark;
  readonly says: string;
  readonly undo: string;
}

const takesColumns = 8;
const undoColumns = 4;

/** Every step with its effects, in order. `!` loses data, `.` is not done, `?` waits for a person or is known only later. */
export function planTable(plan: Plan, paint: Paint): readonly string[] {
  const nameColumns = Math.min(16, Math.max(9, ...plan.steps.map(({id}) => id.length)));
  const columns = screenColumns - 1 - 5 - nameColumns - 1 - 1 - undoColumns - 1 - takesColumns;
  const head = ` #   ${pad('step', nameColumns)} ${pad('what happens', columns)} undo ${padLeft('takes', takesColumns)}`;
  return [
    head,
    ...plan.steps.flatMap((step, index) => stepLines(plan, step, index + 1, {nameColumns, columns}, paint)),
  ];
}

function stepLines(
  plan: Plan,
  step: PlannedStep,
  number: number,
  {nameColumns, columns}: {readonly nameColumns: number; readonly columns: number},
  paint: Paint,
): readonly string[] {
  const failed = plan.errors.find((error) => error.step === step.id);
  const lines: readonly Line[] = failed
    ? [{mark: '!', says: `cannot be planned: ${failed.fault.code}`, undo: ''}]
    : [...gateLines(plan, step), ...step.effects.flatMap(effectLines)];
  const time = failed ? undefined : plan.moving?.times.steps[step.id];
  const idle = step.effects.every(({certainty}) => certainty.is === 'not');
  // Beside what is done, not beside the wait for people: their time is in no forecast.
  const timed = Math.max(
    0,
    lines.findIndex(({undo}) => undo !== ''),
  );
  return lines.flatMap(({mark, says, undo}, index) => {
    const takes = index === timed && time && !idle ? timeText(time) : '';
    const bare = undo === '' && takes === '';
    const [first = '', ...rest] = wrap(escape(says), bare ? columns + 1 + undoColumns + 1 + takesColumns : columns);
    const label =
      index === 0
        ? `${padLeft(String(number), 2)} ${mark} ${pad(cut(step.id, nameColumns), nameColumns)}`
        : `   ${mark} ${pad('', nameColumns)}`;
    const line = `${label} ${pad(first, columns)} ${pad(undo, undoColumns)} ${padLeft(takes, takesColumns)}`.trimEnd();
    const all = [line, ...rest.map((more) => `   ${mark} ${pad('', nameColumns)} ${more}`)];
    return mark === '!' || mark === '.' ? all.map((each) => paint(mark === '!' ? 'care' : 'faint', each)) : all;
  });
}

/** `3-5min`; `>2min` where nothing bounds it, `<90min` where both ends have no room. */
function timeText(time: StepTime): string {
  if (time.is === 'unknown') return 'unknown';
  const {from, to} = time;
  const most = to === undefined ? `>${roughly(from)}` : span({from, to});
  const text = most.length > takesColumns && to !== undefined ? `<${atMost(to)}` : most;
  return text.length <= takesColumns ? text : '>99d';
}

/** That people must agree before the step begins. */
function gateLines({gate}: Plan, {id}: PlannedStep): readonly Line[] {
  if (!gate?.steps.includes(id)) return [];
  const says = `waits for ${count(gate.approvers, 'approval')}, each good for ${duration(gate.withinSeconds)}`;
  return [{mark: '?', says, undo: ''}];
}

function effectLines({says, certainty, undo, irreversible, disk}: Effect): readonly Line[] {
  switch (certainty.is) {
    case 'not':
      return [{mark: '.', says: `${says} (${certainty.because})`, undo: ''}];
    case 'unknown': {
      const mark = irreversible ? '!' : '?';
      return [{mark, says: `unknown until ${certainty.until}: ${says} (${certainty.because})`, undo: ''}];
    }
    case 'will': {
      const mark = irreversible ? '!' : ' ';
      const line: Line = {mark, says, undo: undo ? 'yes' : 'NO'};
      return disk ? [line, {mark, says: `${diskText(disk)}  ${disk.name}`, undo: ''}] : [line];
    }
    default:
      return certainty satisfies never;
  }
}
