import type {Serial} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {again, fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {lineReader} from '../ssh/lines.ts';
import type {SshSession} from '../ssh/session.ts';
import {exitFault, garbled, head, parseAnswer} from './answer.ts';
import type {Blob} from './blob.ts';
import {hedged} from './hedged.ts';
import type {Link} from './link.ts';
import {count} from './parse.ts';
import type {Usual} from './usual.ts';

const lineBytes = 256;
/** A stream that the schedule does not need says nothing; the session itself notices a dead connection. */
const idleMs = 60 * 60_000;
const pieceBytes = 65_536;
/** Between two attempts of one stream, from the first on. */
const pausesMs = [0, 250, 500, 1000, 2000] as const;

export interface Serving {
  readonly link: Link;
  readonly disk: Serial;
  /** Which of the streams this is: a new connection in its place ends the old one on the target. */
  readonly slot: number;
  readonly blob: Blob;
  readonly usual: Usual;
  /** Begins handshakes a few at a time. */
  readonly handshake: <T>(work: () => Promise<T>) => Promise<T>;
  /** Bytes of the file of packed chunks that were handed to a connection. */
  readonly sent: (at: number, bytes: number) => void;
  readonly opened: () => void;
  readonly broke: (says: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * One stream to the target, over as many connections as it takes: the target says which range of the packed chunks it
 * wants, and gets its bytes. Ends well once the target's writer is done, and with a fault where no new connection helps.
 */
export async function serveStream(serving: Serving): Promise<Result<void>> {
  const {clock, signal} = serving;
  for (let tries = 0; !signal.aborted;) {
    const pause = pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 0;
    if (pause > 0) await clock.sleep(pause, signal);
    const connected = await connect(serving);
    if (!connected.ok) {
      if (!passes(connected.fault)) return connected;
      tries++;
      continue;
    }
    const served = await answer(serving, connected.value);
    connected.value.close();
    if (served.end.ok) return served.end;
    if (!passes(served.end.fault)) return served.end;
    if (!signal.aborted) serving.broke(served.end.fault.says);
    tries = served.bytes > 0 ? 0 : tries + 1;
  }
  return failed(fault('run.interrupted', 'the transfer was interrupted'));
}

const passes = (trouble: Fault): boolean => trouble.code.startsWith('ssh.') && again(trouble) === 'safe';

async function connect({link, usual, handshake, opened, clock, signal}: Serving): Promise<Result<SshSession>> {
  return handshake(async () => {
    const begun = clock.ticks();
    const stallMs = usual.stallMs();
    opened();
    const session = await hedged((one) => link.another({stallMs}, one), usual.hedgeMs(), signal);
    if (session.ok) usual.connected(clock.ticks() - begun);
    return session;
  });
}

interface Served {
  readonly end: Result<void>;
  readonly bytes: number;
}

/** Answers one connection's wants in their order, until it ends. */
async function answer(serving: Serving, session: SshSession): Promise<Served> {
  const {link, disk, slot, blob, usual, sent, clock, signal} = serving;
  const wants: {at: number; length: number}[] = [];
  let wake = Promise.withResolvers<void>();
  let trouble: Fault | undefined;
  let over = false;
  let ended = false;
  let bytes = 0;
  let asked = clock.ticks();
  const take = (line: string): Result<void> => {
    if (line === head) return ok(undefined);
    const record = parseAnswer('serve', line);
    if (!record.ok) return record;
    const {key, values} = record.value;
    if (key === 'over' || key === 'end') over = true;
    else {
      const [at, length] = values.map(count);
      if (key !== 'want' || values.length !== 2 || at === undefined || !length) return garbled('serve', line);
      if (wants.length > 0 || bytes > 0) usual.answered(clock.ticks() - asked);
      asked = clock.ticks();
      wants.push({at, length});
    }
    return ok(undefined);
  };
  const stop = (why: Fault): void => void (trouble ??= why);
  const reader = lineReader(
    lineBytes,
    (line) => {
      const taken = take(line);
      if (!taken.ok) stop(taken.fault);
      wake.resolve();
    },
    () => stop(fault('answer.garbled', 'a line of the target’s wants is too long')),
  );
  const begun = await link.talk(
    ['serve', disk, String(slot)],
    {onStdout: (data) => reader.push(data), idleMs, signal},
    session,
  );
  if (!begun.ok) return {end: begun, bytes};
  const talk = begun.value;
  const exit = talk.exit.then((result) => {
    ended = true;
    wake.resolve();
    return result;
  });
  while (!ended && !trouble && !over) {
    const want = wants.shift();
    if (want === undefined) {
      await wake.promise;
      wake = Promise.withResolvers();
      continue;
    }
    const data = await blob.read(want.at, want.length);
    if (data === undefined) {
      stop(fault('answer.garbled', `the target wants ${want.length} bytes at ${want.at}, which is of no chunk`));
      break;
    }
    for (let at = 0; at < data.length && !ended; at += pieceBytes) {
      const piece = data.subarray(at, at + pieceBytes);
      if (!(await talk.write(piece))) break;
      bytes += piece.length;
      sent(want.at + at, piece.length);
    }
  }
  if (trouble) talk.drop(trouble);
  else talk.end();
  if (over) return {end: ok(undefined), bytes};
  const last = await exit;
  if (trouble) return {end: failed(trouble), bytes};
  if (!last.ok) return {end: last, bytes};
  const refused = exitFault('serve', last.value);
  // It was ended from outside: by the schedule, for want of movement.
  const killed = last.value.code > 128;
  return {
    end: failed(refused && !killed ? refused : fault('ssh.lost', 'the target ended the stream')),
    bytes,
  };
}
