import type {JsonObject} from '../json.ts';
import {list, number, text} from '../shape.ts';
import {checksIn, objects} from './checks.ts';
import {count} from './count.ts';
import {escape} from './escape.ts';
import type {StepSummary} from './summary.ts';

/**
 * What the isolation was seen to hold off, and what the rebuilt host was held against, each with its verdict: from the
 * proofs of the steps alone. Empty where no step left any. All of it once came from the host or its network.
 */
export function verificationText(steps: readonly StepSummary[]): readonly string[] {
  return steps.flatMap(({id, kind, proof}) => {
    const data = proof?.data ?? {};
    const lines = [...isolation(data), ...checks(data)];
    return lines.length === 0 ? [] : [`${id} (${kind})`, ...lines.map((line) => `    ${line}`)];
  });
}

const texts = list(text);

function isolation({openBefore, refusedPackets, refused}: JsonObject): readonly string[] {
  const tried = objects(refused).flatMap(({to, packets}) =>
    text(to) && number(packets) ? [`refused      ${escape(to)}, ${count(packets, 'packet')}`] : [],
  );
  return [
    ...(texts(openBefore) ? openBefore.map((path) => `open before  ${escape(path)}`) : []),
    ...tried,
    ...(number(refusedPackets) && tried.length > 0 ? [`refused      ${count(refusedPackets, 'packet')} in all`] : []),
  ];
}

const checks = (data: JsonObject): readonly string[] =>
  checksIn(data).map(({check, verdict, says}) => `${verdict.padEnd(8)}  ${escape(check)}: ${escape(says)}`);
