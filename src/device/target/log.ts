import {sha256, type Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import {garbled, head, parseAnswer} from './answer.ts';
import {count} from './parse.ts';

/** One line of a writer's log. `arrived` is what has come in, in bytes, since that writer got its orders. */
export type LogRecord =
  | {readonly is: 'ack'; readonly index: number; readonly digest: Sha256; readonly arrived: number}
  | {readonly is: 'bad'; readonly index: number; readonly reason: 'packed' | 'write' | 'differs'}
  /** `wrong`: it sent a chunk that is not the manifest's; `detail` is that chunk's index, else a reason. */
  | {readonly is: 'source'; readonly source: number; readonly state: 'up' | 'down' | 'wrong'; readonly detail: string}
  | {readonly is: 'moved' | 'done' | 'stopped'; readonly arrived: number}
  /** The agent's own, around the log. */
  | {readonly is: 'head' | 'end'};

export function parseLogLine(line: string): Result<LogRecord> {
  if (line === head) return ok({is: 'head'});
  const answer = parseAnswer('follow', line);
  if (!answer.ok) return answer;
  const {key, values} = answer.value;
  return readRecord(key, values) ?? garbled('follow', line);
}

function readRecord(key: string, values: readonly string[]): Result<LogRecord> | undefined {
  const [first, second = '', third = ''] = values;
  const number = count(first);
  const shape = `${key}/${values.length}`;
  if (shape === 'end/0') return ok({is: 'end'});
  if (number === undefined) return undefined;
  switch (shape) {
    case 'ack/3': {
      const digest = sha256(second);
      const arrived = count(third);
      return digest && arrived !== undefined ? ok({is: 'ack', index: number, digest, arrived}) : undefined;
    }
    case 'bad/2':
      return second === 'packed' || second === 'write' || second === 'differs'
        ? ok({is: 'bad', index: number, reason: second})
        : undefined;
    case 'source/2':
    case 'source/3':
      return second === 'up' || second === 'down' || second === 'wrong'
        ? ok({is: 'source', source: number, state: second, detail: third})
        : undefined;
    case 'moved/1':
      return ok({is: 'moved', arrived: number});
    case 'done/1':
      return ok({is: 'done', arrived: number});
    case 'stopped/1':
      return ok({is: 'stopped', arrived: number});
    default:
      return undefined;
  }
}
