import {text} from './tree.ts';

export type TaskState =
  | {readonly is: 'running'}
  | {readonly is: 'completed'}
  | {readonly is: 'failed'; readonly state: string};

const failures = new Set(['Exception', 'Killed', 'Cancelled', 'Cancelling', 'Interrupted']);

/** What a task monitor's answer says. Tasks vanish once read on some BMCs, so 404 is an end; the state then decides. */
export function taskState(status: number, body: unknown): TaskState {
  if (status === 404 || status === 410) return {is: 'completed'};
  const state = text(body, 'TaskState');
  if (state !== undefined && failures.has(state)) return {is: 'failed', state};
  const health = text(body, 'TaskStatus');
  if (state === 'Completed' && health !== undefined && !['OK', 'Warning'].includes(health))
    return {is: 'failed', state: health};
  if (state === 'Completed') return {is: 'completed'};
  if (status === 202 || state !== undefined) return {is: 'running'};
  // The monitor has turned into the operation's own answer.
  return status < 400 ? {is: 'completed'} : {is: 'failed', state: `HTTP ${status}`};
}
