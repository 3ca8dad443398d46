import type {Serial} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {lineReader} from '../ssh/lines.ts';
import type {Exit, SshSession} from '../ssh/session.ts';
import {exitFault, garbled, head, parseAnswer} from './answer.ts';
import type {Blob} from './blob.ts';
import {hedged} from './hedged.ts';
import {passes, type Link} from './link.ts';
import {count} from './parse.ts';
import type {Usual} from './usual.ts';

const lineBytes = 256;
/** A stream that the schedule does not need says nothing; the session itself notices a dead connection. */
const idleMs = 60 * 60_000;
/**
 * Of an SSH packet that has not come whole when its connection breaks, all is lost; each costs the same, however large.
 * dropbear takes up to 32,759 bytes, and of more makes two. A want is about a second's worth, so a slow link's are small.
 */
const packetBytes = (wanted: number): number => (wanted > 262_144 ? 32_759 : 16_384);
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
  /** The target has its orders: connections and programs are there before it, and serve after it. */
  readonly ordered: Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * One stream to the target, over as many connections as it takes: the target says which range of the packed chunks it
 * wants, and gets its bytes. Ends where no new connection helps, and with `run.interrupted` by the signal: that a writer
 * says it is over is no end, since another may come after it.
 */
export async function serveStream(serving: Serving): Promise<Fault> {
  const {clock, signal} = serving;
  let isOrdered = false;
  const ordered = serving.ordered.then(() => void (isOrdered = true));
  for (let tries = 0; !signal.aborted;) {
    const pause = pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 0;
    if (pause > 0) await clock.sleep(pause, signal);
    const connected = await connect(serving);
    if (!connected.ok) {
      if (!passes(connected.fault)) return connected.fault;
      tries++;
      continue;
    }
    const {end, bytes} = await answer(serving, connected.value, isOrdered ? undefined : ordered);
    connected.value.close();
    if (!end.ok && !passes(end.fault)) return end.fault;
    if (!end.ok && !signal.aborted) serving.broke(end.fault.says);
    tries = bytes > 0 && !end.ok ? 0 : tries + 1;
  }
  return fault('run.interrupted', 'the transfer was interrupted');
}

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

/** What the target has said on one connection. */
interface Heard {
  readonly wants: {readonly at: number; readonly length: number}[];
  /** Why nothing more is to be sent: the target is done, its program has ended, or it said what it may not. */
  stop?: 'over' | 'ended' | Fault;
}

/** Answers one connection's wants in their order, until it ends: the first comes after `ordered`, where that is still to be. */
async function answer(serving: Serving, session: SshSession, ordered: Promise<void> | undefined): Promise<Served> {
  const {link, disk, slot, blob, usual, sent, clock, signal} = serving;
  const heard: Heard = {wants: []};
  let wake = Promise.withResolvers<void>();
  let asked: number | undefined;
  const take = (line: string): void => {
    const want = line === head ? undefined : readWant(line);
    if (want === 'over') heard.stop ??= 'over';
    else if (want && !want.ok) heard.stop ??= want.fault;
    else if (want) {
      // From one want to the next it takes what a piece takes.
      if (asked !== undefined) usual.answered(clock.ticks() - asked);
      asked = clock.ticks();
      heard.wants.push(want.value);
    }
    wake.resolve();
  };
  const reader = lineReader(lineBytes, take, () => {
    heard.stop ??= fault('answer.garbled', 'a line of the target’s wants is too long');
    wake.resolve();
  });
  const verb = ['serve', disk, String(slot), ordered ? 'told' : 'now'];
  const begun = await link.talk(verb, {onStdout: (data) => reader.push(data), idleMs, signal}, session);
  if (!begun.ok) return {end: begun, bytes: 0};
  const talk = begun.value;
  const exit = talk.exit.then((result) => {
    heard.stop ??= 'ended';
    wake.resolve();
    return result;
  });
  if (ordered) {
    await Promise.race([ordered, exit]);
    if (heard.stop === undefined) await talk.write('ordered\n');
  }
  let bytes = 0;
  while (heard.stop === undefined) {
    const want = heard.wants.shift();
    if (want === undefined) {
      await wake.promise;
      wake = Promise.withResolvers();
      continue;
    }
    const data = await blob.read(want.at, want.length);
    if (data === undefined)
      heard.stop ??= fault('answer.garbled', `the target wants ${want.length} bytes at ${want.at}: of no chunk`);
    for (const [at, piece] of piecesOf(data)) {
      if (!(await talk.write(piece))) break;
      bytes += piece.length;
      sent(want.at + at, piece.length);
    }
  }
  if (typeof heard.stop === 'object') {
    talk.drop(heard.stop);
    return {end: failed(heard.stop), bytes};
  }
  talk.end();
  return {end: heard.stop === 'over' ? ok(undefined) : ending(await exit), bytes};
}

function readWant(line: string): Result<{readonly at: number; readonly length: number}> | 'over' {
  const record = parseAnswer('serve', line);
  if (!record.ok) return record;
  const {key, values} = record.value;
  if (key === 'over' || key === 'end') return 'over';
  const [at, length] = values.map(count);
  return key === 'want' && values.length === 2 && at !== undefined && length
    ? ok({at, length})
    : garbled('serve', line);
}

function* piecesOf(data: Uint8Array = new Uint8Array()): Generator<readonly [number, Uint8Array]> {
  const bytes = packetBytes(data.length);
  for (let at = 0; at < data.length; at += bytes) yield [at, data.subarray(at, at + bytes)];
}

function ending(exit: Result<Exit>): Result<void> {
  if (!exit.ok) return exit;
  const refused = exitFault('serve', exit.value);
  // A signal ended it: the schedule's, for want of movement, or that of a newer connection in its place.
  const killed = exit.value.code > 128;
  return failed(refused && !killed ? refused : fault('ssh.lost', 'the target ended the stream'));
}
