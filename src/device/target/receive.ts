import type {Serial} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Chunk} from '../../step/world.ts';
import {lineReader} from '../ssh/lines.ts';
import {exitFault, garbled, head, parseAnswer, type Answer} from './answer.ts';
import type {Link} from './link.ts';
import {count as number} from './parse.ts';
import {window, type Packet} from './packet.ts';

/** The slowest single thing is one chunk on a slow disk; while bytes trickle through a slow link, this starts anew. */
const idleMs = 60_000;
const lineBytes = 1024;

interface Receiving {
  readonly link: Link;
  readonly disk: Serial;
  readonly source: AsyncIterator<Packet>;
  /** Survives the connection: what is in doubt after a cut. */
  readonly unacknowledged: Map<number, Packet>;
  readonly acknowledge: (chunk: Chunk) => Promise<void>;
  readonly count: {sent: number};
  readonly signal: AbortSignal;
}

/** Talks with one receiver until every chunk is acknowledged, or the talk ends with a fault. */
export async function receive(receiving: Receiving): Promise<Result<void>> {
  const {link, disk, source, unacknowledged, acknowledge, count, signal} = receiving;
  let wake = Promise.withResolvers<void>();
  let trouble: Fault | undefined;
  // What a callback of the caller throws (a journal that cannot be written) belongs to the caller, not to the stream.
  let thrown: {readonly error: unknown} | undefined;
  let acknowledging = Promise.resolve();
  let lines = 0;
  let ready = false;
  const answered = (line: string): void => {
    const answer = lines++ === 0 ? headOf(line) : parseAnswer('receive', line);
    const meant = answer.ok ? meaning(answer.value, unacknowledged) : answer;
    if (!meant.ok) return give(meant.fault);
    if (meant.value === 'ready') ready = true;
    else if (meant.value !== 'other') {
      const {chunk} = meant.value;
      acknowledging = acknowledging
        .then(() => acknowledge(chunk))
        .catch((error: unknown) => {
          thrown ??= {error};
        });
      void acknowledging.then(() => wake.resolve());
    }
    wake.resolve();
  };
  const give = (why: Fault): void => {
    trouble ??= why;
    wake.resolve();
  };
  const reader = lineReader(lineBytes, answered, () =>
    give(fault('answer.garbled', 'the receiver’s line is too long')),
  );
  const begun = await link.talk(['receive', disk], {
    // The next lines wait until what these say is recorded.
    onStdout: (data) => {
      reader.push(data);
      return acknowledging;
    },
    idleMs,
    signal,
  });
  if (!begun.ok) return begun;
  const talk = begun.value;
  let exited = false;
  void talk.exit.then(() => {
    exited = true;
    wake.resolve();
  });

  const stopped = (): boolean => exited || trouble !== undefined || thrown !== undefined;
  const until = async (met: () => boolean): Promise<void> => {
    while (!met() && !stopped()) {
      await wake.promise;
      wake = Promise.withResolvers();
    }
  };
  const sendOne = async ({chunk, data}: Packet): Promise<void> => {
    unacknowledged.set(chunk.index, {chunk, data});
    const {index, offset, length, packedLength, packed, raw} = chunk;
    await talk.write(`chunk ${index} ${offset} ${length} ${packedLength} ${packed} ${raw}\n`);
    if (await talk.write(data)) count.sent += data.length;
  };

  await until(() => ready);
  for (const packet of unacknowledged.values()) if (!stopped()) await sendOne(packet);
  for (;;) {
    await until(() => unacknowledged.size < window);
    if (stopped()) break;
    const next = await source.next();
    if (next.done) break;
    await sendOne(next.value);
  }
  await until(() => unacknowledged.size === 0);
  if (trouble || thrown) talk.drop(trouble ?? fault('run.interrupted', 'an acknowledgement could not be recorded'));
  else talk.end();
  const exit = await talk.exit;
  await acknowledging;
  if (thrown) throw thrown.error;
  if (trouble) return failed(trouble);
  if (!exit.ok) return exit;
  const refused = exitFault('receive', exit.value);
  if (refused) return failed(refused);
  return unacknowledged.size === 0 ? ok(undefined) : failed(fault('ssh.lost', 'the receiver ended early'));
}

const headOf = (line: string): Result<Answer> =>
  line === head ? ok({key: 'head', values: []}) : garbled('receive', 'another protocol');

function meaning({key, values}: Answer, sent: ReadonlyMap<number, Packet>): Result<Packet | 'ready' | 'other'> {
  switch (key) {
    case 'head':
    case 'end':
      return ok('other');
    case 'ready':
      return ok('ready');
    case 'ack':
    case 'bad': {
      const [index, detail = ''] = values;
      const packet = sent.get(number(index) ?? -1);
      if (!packet || values.length !== 2) return garbled('receive', `${key} ${values.join(' ')}`);
      if (key === 'bad') return failed(badChunk(packet.chunk, detail));
      return detail === packet.chunk.raw ? ok(packet) : failed(badChunk(packet.chunk, 'differs'));
    }
    default:
      return garbled('receive', key);
  }
}

function badChunk({index, offset}: Chunk, reason: string): Fault {
  return reason === 'packed'
    ? fault('image.refused', `chunk ${index} did not arrive as it was sent`, {detail: {index}})
    : fault(
        'disk.write-failed',
        `chunk ${index} at byte ${offset}: ${reason === 'differs' ? 'read back otherwise than written' : 'the disk refused the write'}`,
        {detail: {index, offset}},
      );
}
