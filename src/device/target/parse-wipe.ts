import {ok, type Result} from '../../result.ts';
import type {WipeCall, WipeState, WipeTrace, WipeWitness} from '../../step/world/target.ts';
import {garbled, type Answer} from './answer.ts';
import {count} from './parse.ts';

/** The state of a disk's erase: one `wipe` record, and what belongs to it. */
export function parseWipe(answers: readonly Answer[]): Result<WipeState> {
  const [head, ...rest] = answers;
  const more = readMore(rest);
  if (head?.key !== 'wipe' || more === undefined) return garbled('wipe-state', 'not one state');
  const [state, second, third, fourth] = head.values;
  const shape = `${state}/${head.values.length}`;
  const {call, seen, trace} = more;
  if (shape === 'absent/1') return ok({state: 'absent', ...(trace && {trace})});
  if (shape === 'done/2' && second)
    return ok({state: 'done', method: second, ...(call && {call}), ...(seen && {seen})});
  if (shape === 'failed/3' && second && third) return ok({state: 'failed', method: second, says: third});
  // As light systems of runs that an older version began tell it.
  if (shape === 'failed/2' && second) return ok({state: 'failed', says: second});
  const [doneBytes, sizeBytes] = [count(third), count(fourth)];
  return shape === 'running/4' && second && doneBytes !== undefined && sizeBytes !== undefined
    ? ok({state: 'running', method: second, doneBytes, sizeBytes, ...(call && {call})})
    : garbled('wipe-state', head.values.join(' '));
}

interface More {
  call?: WipeCall;
  seen?: WipeWitness;
  trace?: WipeTrace;
}

const witnesses = ['accepted', 'progress', 'erased', 'canary-gone'] as const;
const traces = ['canary', 'sanitizing', 'sanitized'] as const;

function readMore(answers: readonly Answer[]): More | undefined {
  const more: More = {};
  for (const {key, values} of answers) {
    const [first = '', second = ''] = values;
    if (key === 'call' && values.length === 2 && !more.call) more.call = {tool: first, argv: second};
    else if (key === 'seen' && !more.seen && values.every((value) => isOneOf(witnesses, value)))
      more.seen = {
        accepted: values.includes('accepted'),
        progress: values.includes('progress'),
        erasedFlag: values.includes('erased'),
        canaryGone: values.includes('canary-gone'),
      };
    else if (key === 'trace' && values.length === 1 && isOneOf(traces, first))
      more.trace = {...(more.trace ?? {canary: false, sanitizing: false, sanitized: false}), [first]: true};
    else return undefined;
  }
  return more;
}

const isOneOf = <T extends string>(all: readonly T[], value: string): value is T =>
  (all as readonly string[]).includes(value);
