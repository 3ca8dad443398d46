import type {Proof} from '../step/step.ts';
import type {Stored} from './event.ts';
import type {EffectStatus, OpenRun, RunState, StepRecord, StepStatus} from './state.ts';

export const unborn: RunState = {phase: 'unborn'};

/** The next state. Total: an event that does not fit the state changes nothing, so a damaged history can still be read. */
export function evolve(state: RunState, stored: Pick<Stored, 'event' | 'at'>): RunState {
  const {event, at} = stored;
  if (event.type === 'run.begun') {
    if (state.phase !== 'unborn') return state;
    return {
      phase: 'open',
      run: event.run,
      host: event.host,
      sitting: 1,
      forgone: [],
      steps: event.steps.map((heading) => ({
        heading,
        status: {is: 'waiting'},
        attempts: 0,
        checkpoint: undefined,
        effects: {},
      })),
    };
  }
  if (state.phase === 'away' && event.type === 'run.taken-over') return {...state, phase: 'open'};
  if (state.phase !== 'open') return state;
  switch (event.type) {
    case 'run.resumed':
      return {...state, sitting: state.sitting + 1, steps: state.steps.map(leaveOpen).map(distrust)};
    case 'run.stopped':
      return {...state, steps: state.steps.map(leaveOpen)};
    case 'run.done':
      return {...state, phase: 'done'};
    case 'run.abandoned':
      return {...state, phase: 'abandoned'};
    case 'run.handed-over':
      return {...state, phase: 'away', steps: state.steps.map(leaveOpen)};
    case 'disk.forgone':
      return {...state, forgone: [...new Set([...state.forgone, event.disk])]};
    case 'gate.reached':
      return change(state, event, (step) => ({...step, gate: 'reached'}));
    case 'gate.opened':
      return change(state, event, (step) => ({...step, gate: 'opened'}));
    case 'gate.approved':
    case 'run.stop-asked':
    case 'hold.released':
    case 'run.taken-over':
    case 'step.noted':
    case 'step.interrupted':
    case 'step.regained':
    case 'medium.watched':
      return state;
    case 'step.started':
      return become(state, event, {is: 'running', attempt: event.attempt, since: at}, event.attempt);
    case 'step.done':
      return become(state, event, {is: 'done', proof: event.proof, checked: true});
    case 'step.kept':
      // A check reads back less than the step once found out: what only the step could know stays.
      return change(state, event, (step) => ({
        ...step,
        status: {is: 'done', checked: true, proof: merged(step.status, event.proof)},
      }));
    case 'step.failed':
      return become(state, event, {is: 'failed', fault: event.fault, sitting: state.sitting});
    case 'step.lapsed':
      return change(state, event, (step) => ({
        ...step,
        // What was done for good and no longer shows is for a person to look at, not to be done again.
        status: step.heading.irreversible
          ? {is: 'failed', fault: event.fault, sitting: state.sitting}
          : {is: 'waiting'},
      }));
    case 'step.saved':
      return change(state, event, (step) => ({...step, checkpoint: event.checkpoint}));
    case 'effect.sent':
      return mark(state, event, 'sent');
    case 'effect.settled':
      return mark(state, event, 'settled');
    case 'effect.found':
      return mark(state, event, event.verdict);
    default:
      return event satisfies never;
  }
}

export const fold = (history: readonly Stored[]): RunState => history.reduce(evolve, unborn);

const merged = (before: StepStatus, {says, data}: Proof): Proof => ({
  says,
  data: before.is === 'done' ? {...before.proof.data, ...data} : data,
});

function change(state: OpenRun, {step: id}: {step: string}, next: (step: StepRecord) => StepRecord): RunState {
  return {...state, steps: state.steps.map((step) => (step.heading.id === id ? next(step) : step))};
}

function become(state: OpenRun, event: {step: string}, status: StepStatus, attempts?: number): RunState {
  return change(state, event, (step) => ({...step, status, attempts: attempts ?? step.attempts}));
}

function mark(state: OpenRun, event: {step: string; effect: string}, status: EffectStatus): RunState {
  return change(state, event, (step) => ({...step, effects: {...step.effects, [event.effect]: status}}));
}

const leaveOpen = (step: StepRecord): StepRecord =>
  step.status.is === 'running' ? {...step, status: {is: 'unsure', attempt: step.status.attempt}} : step;

const distrust = (step: StepRecord): StepRecord =>
  step.status.is === 'done' ? {...step, status: {...step.status, checked: false}} : step;
