import type {Serial} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {lineReader} from '../ssh/lines.ts';
import type {Talk} from '../ssh/session.ts';
import {exitFault} from './answer.ts';
import type {Link} from './link.ts';
import {parseLogLine, type LogRecord} from './log.ts';

/** Nothing is said for as long as one chunk takes on the slowest link; the session itself notices a dead connection. */
const idleMs = 60 * 60_000;
const lineBytes = 1024;

export interface Place {
  readonly generation: number;
  /** Lines of the log that have been read. */
  line: number;
}

/**
 * Reads a writer's log from `place` on over one connection, and moves `place` with every record that `take` has dealt
 * with, one at a time. Ends well with the writer's log, and with a fault where the connection or `take` does.
 */
export async function followLog(
  link: Link,
  disk: Serial,
  place: Place,
  take: (record: LogRecord) => Promise<Result<void>>,
  signal: AbortSignal,
): Promise<Result<void>> {
  let trouble: Fault | undefined;
  // What the caller's own record throws (a journal that cannot be written) belongs to the caller, not to the stream.
  let thrown: {readonly error: unknown} | undefined;
  let taking = Promise.resolve();
  let talking: Talk | undefined;
  const stop = (why: Fault): void => {
    trouble ??= why;
    talking?.drop(trouble);
  };
  const takeLine = async (line: string): Promise<void> => {
    if (trouble || thrown) return;
    const record = parseLogLine(line);
    if (!record.ok) return stop(record.fault);
    if (record.value.is === 'head' || record.value.is === 'end') return;
    const taken = await take(record.value);
    place.line++;
    if (!taken.ok) stop(taken.fault);
  };
  const reader = lineReader(
    lineBytes,
    (line) => {
      taking = taking
        .then(() => takeLine(line))
        .catch((error: unknown) => {
          thrown ??= {error};
          talking?.drop(fault('run.interrupted', 'a record could not be kept'));
        });
    },
    () => stop(fault('answer.garbled', 'a line of the writer’s log is too long')),
  );
  const talk = await link.talk(['follow', disk, String(place.generation), String(place.line + 1)], {
    // The next lines wait until what these say is recorded.
    onStdout: (data) => {
      reader.push(data);
      return taking;
    },
    idleMs,
    signal,
  });
  if (!talk.ok) return talk;
  talking = talk.value;
  talking.end();
  const exit = await talking.exit;
  await taking;
  if (thrown) throw thrown.error;
  if (trouble) return failed(trouble);
  if (!exit.ok) return exit;
  const refused = exitFault('follow', exit.value);
  return refused ? failed(refused) : ok(undefined);
}
