import {fault, type Fault, type FaultCode} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {printable} from '../ssh/printable.ts';
import type {Exit, Output} from '../ssh/session.ts';

/** One record of the agent's answer. Values are printable ASCII; what they mean is the caller's to check. */
export interface Answer {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * The agent's output as records. Anything but the protocol (`src/image/light/system/target` writes it) is a fault:
 * another version, a byte outside printable ASCII, an end that is missing.
 */
export function parseAnswers(verb: string, {code, stderr, stdout}: Output): Result<readonly Answer[]> {
  const fault = exitFault(verb, {code, stderr});
  if (fault) return failed(fault);
  const lines = stdout.split('\n');
  if (lines[0] !== head || lines.at(-1) !== '' || lines.at(-2) !== 'end')
    return garbled(verb, 'head or end is missing');
  return collect(lines.slice(1, -2).map((line) => parseAnswer(verb, line)));
}

export const head = 'rebuild-target\t1';

export function parseAnswer(verb: string, line: string): Result<Answer> {
  const [key = '', ...values] = line.split('\t');
  return /^[\x20-\x7e\t]*$/.test(line) && /^[a-z][a-z-]*$/.test(key)
    ? ok({key, values})
    : garbled(verb, `a line is no record: ${printable(line)}`);
}

/** What an exit code of the agent means; undefined where it is 0. */
export function exitFault(verb: string, {code, stderr}: Exit): Fault | undefined {
  if (code === 0) return undefined;
  const reason = stderr.split('\n').at(-1) || `ended with code ${code}`;
  return fault(meaning.get(code) ?? 'target.failed', `${verb}: ${printable(reason)}`, {detail: {verb, code, stderr}});
}

/** The agent's code for a disk on which another change is under way. */
export const busy = 75;

const meaning: ReadonlyMap<number, FaultCode> = new Map([
  [64, 'target.refused'],
  [66, 'disk.not-found'],
  [67, 'disk.ambiguous'],
  [74, 'disk.write-failed'],
  [76, 'target.superseded'],
]);

export const garbled = (verb: string, says: string): Result<never> =>
  failed(fault('answer.garbled', `the light system’s answer to ${verb}: ${says}`));

/** All values, or the first fault. */
export function collect<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const values: T[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
}
