import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const program = join(import.meta.dirname, '../../src/image/light/system/schedule.awk');

/** How a source treats a request: bytes a second, and what goes wrong. */
export interface Source {
  readonly rate: number;
  readonly wrong: boolean;
  /** Of its requests, so many are cut off half way, with or without the stream's own process, refused, or never answered. 0..1. */
  readonly cuts: number;
  readonly deaths: number;
  readonly refuses: number;
  readonly hangs: number;
}

export interface Plot {
  readonly chunks: readonly number[];
  readonly sources: readonly Source[];
  readonly streams: number;
  /** Gives numbers from 0 to 1. */
  readonly chance: () => number;
}

interface Piece {
  readonly chunk: number;
  readonly from: number;
  length: number;
  have: number;
  readonly sources: Set<string>;
}

interface Fetch {
  readonly piece: string;
  readonly source: string;
  readonly since: number;
  readonly rate: number;
  /** Bytes that come before it ends, and when that is. */
  gets: number;
  at: number;
  readonly kind: 'got' | 'hang' | 'fail' | 'died';
}

interface Stream {
  readonly name: string;
  busy?: Fetch;
}

/** What happened: what a test holds against the rules. */
export interface Outcome {
  readonly acked: ReadonlySet<number>;
  readonly log: readonly string[];
  /** Packed bytes that arrived. */
  readonly arrived: number;
  /** The most packed bytes of chunks that were begun and not on the disk. */
  readonly mostHeld: number;
  readonly broken: readonly string[];
  readonly seconds: number;
}

const nobody = {rate: 0, cuts: 0, deaths: 0, refuses: 1, hangs: 0} as const;

/** Plays a whole transfer against the schedule in a time of its own. */
export async function play({chunks, sources, streams: count, chance}: Plot): Promise<Outcome> {
  const child = spawn('busybox', ['awk', '-f', program], {stdio: ['pipe', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const broken: string[] = [];
  const log: string[] = [];
  const acked = new Set<number>();
  const pieces = new Map<string, Piece>();
  const writers = new Map<string, {readonly at: number; readonly chunk: number; readonly good: boolean}>();
  const streams = new Map<string, Stream>(
    Array.from({length: count}, (_, index) => [`s${index}`, {name: `s${index}`}]),
  );
  const begun = new Set<number>();
  let [now, arrived, mostHeld, stopped] = [0, 0, 0, false];

  const tell = async (event: string): Promise<void> => {
    if (stopped) return;
    // No controller is there to send: a stream that asks for it is answered `none` at once, after all that the event led to.
    child.stdin.write(`${event}\nask ${now} idle ssh more\n`);
    for (;;) {
      const {value: line, done} = await lines.next();
      if (done) {
        stopped = true;
        return;
      }
      if (line === 'idle none') return;
      obey(line);
    }
  };
  const obey = (line: string): void => {
    const [to = '', what = '', ...rest] = line.split(' ');
    if (to === 'stop') stopped = true;
    else if (to === 'log') log.push(line.slice(4));
    else if (to === 'probe') probes.push(what);
    else if (to === 'drop') drops.push(what);
    else if (to === 'clear') clear(Number(what));
    else if (what === 'write') write(to, rest);
    else if (what === 'get') get(to, rest);
  };
  const come = ({kind, since, rate, gets}: Fetch): number =>
    kind === 'got' || kind === 'died' ? Math.max(0, Math.min(gets, Math.floor((now - since - 0.02) * rate))) : 0;
  const clear = (index: number): void => {
    for (const [name, {chunk}] of pieces) if (chunk === index) pieces.delete(name);
  };
  const probes: string[] = [];
  const drops: string[] = [];

  const get = (stream: string, [name = '', source = '', at, length, have]: readonly string[]): void => {
    const [index, from] = name.split('.').map(Number) as [number, number];
    const piece = pieces.get(name) ?? {chunk: index, from, length: Number(length), have: 0, sources: new Set()};
    pieces.set(name, piece);
    begun.add(index);
    const begins = chunks.slice(0, index).reduce((sum, size) => sum + size, 0);
    if (Number(at) !== begins + from) broken.push(`${name} is asked for at ${at}`);
    if (from + Number(length) > (chunks[index] ?? 0)) broken.push(`${name} ends outside its chunk`);
    if (Number(have) !== piece.have) broken.push(`${name} is asked for from ${have}, and has ${piece.have}`);
    for (const other of streams.values()) if (other.busy?.piece === name) broken.push(`${name} is fetched twice`);
    const held = [...begun].filter((one) => !acked.has(one)).reduce((sum, one) => sum + (chunks[one] ?? 0), 0);
    mostHeld = Math.max(mostHeld, held);
    const {rate, cuts, deaths, refuses, hangs} = sources[Number(source)] ?? nobody;
    const left = Number(length) - piece.have;
    const luck = chance();
    const dies = luck > 1 - deaths;
    const kind = luck < refuses ? 'fail' : luck < refuses + hangs ? 'hang' : dies ? 'died' : 'got';
    const gets = luck > 1 - deaths - cuts ? Math.floor(left * chance()) : left;
    const takes = kind === 'fail' ? 0.02 : 0.02 + gets / rate;
    const mine = streams.get(stream);
    const never = kind === 'hang';
    if (mine)
      mine.busy = {
        piece: name,
        source,
        since: now,
        rate,
        kind,
        gets: never ? 0 : gets,
        at: never ? Infinity : now + takes,
      };
  };
  const write = (writer: string, [index = '', , , , , , ...names]: readonly string[]): void => {
    let end = 0;
    let good = true;
    for (const name of names) {
      const piece = pieces.get(name);
      if (piece?.from !== end || piece.have !== piece.length) broken.push(`${name} does not go on at ${end}`);
      end += piece?.length ?? 0;
      if ([...(piece?.sources ?? [])].some((source) => sources[Number(source)]?.wrong)) good = false;
    }
    if (end !== chunks[Number(index)]) broken.push(`chunk ${index} is written with ${end} bytes`);
    if (acked.has(Number(index))) broken.push(`chunk ${index} is written twice`);
    writers.set(writer, {at: now + 0.05, chunk: Number(index), good});
  };

  let place = 0;
  for (const number of sources.keys()) child.stdin.write(`source ${number}\n`);
  for (const [index, size] of chunks.entries()) {
    child.stdin.write(
      `chunk ${index} ${index * 8_388_608} 8388608 ${size} ${'a'.repeat(64)} ${'b'.repeat(64)} ${place}\n`,
    );
    place += size;
  }
  child.stdin.write('join 0 idle\n');
  await tell('free 0 w1');
  await tell('free 0 w2');
  for (const name of streams.keys()) {
    await tell(`join ${now} ${name}`);
    await tell(`ask ${now} ${name} none wait`);
  }
  let ticks = 1;
  const over = (): boolean => stopped || now >= 3600;
  while (!over()) {
    while (probes.length) {
      const name = probes.shift() ?? '';
      const busy = [...streams.values()].find((one) => one.busy?.piece === name)?.busy;
      await tell(`size ${now} ${name} ${(pieces.get(name)?.have ?? 0) + (busy ? come(busy) : 0)}`);
    }
    const dropped = drops.shift();
    const ready = [...streams.values()]
      .filter(({busy}) => busy)
      .toSorted((a, b) => (a.busy?.at ?? 0) - (b.busy?.at ?? 0));
    const writing = [...writers].toSorted(([, a], [, b]) => a.at - b.at)[0];
    const stream = dropped === undefined ? ready[0] : streams.get(dropped);
    if (dropped !== undefined && stream?.busy) stream.busy = {...stream.busy, gets: come(stream.busy), at: now};
    const next = Math.min(ticks, stream?.busy?.at ?? Infinity, writing?.[1].at ?? Infinity);
    now = Math.max(now, next);
    if (stream?.busy && stream.busy.at <= now) {
      const {piece: name, source, gets, kind} = stream.busy;
      delete stream.busy;
      const piece = pieces.get(name);
      if (kind === 'fail') {
        await tell(`fail ${now} ${stream.name} ${source} refused`);
        await tell(`back ${now} ${stream.name} ${name}`);
      } else if (piece) {
        arrived += gets;
        piece.have += gets;
        if (gets > 0) piece.sources.add(source);
        if (kind === 'died') {
          await tell(`fail ${now} ${stream.name} ${source} no-answer`);
          await tell(`gone ${now} ${stream.name}`);
          await tell(`join ${now} ${stream.name}`);
        } else await tell(`got ${now} ${stream.name} ${name} ${source} ${gets}`);
      }
      await tell(`ask ${now} ${stream.name} ${source} wait`);
    } else if (writing && writing[1].at <= now) {
      const [writer, {chunk, good}] = writing;
      writers.delete(writer);
      if (good) acked.add(chunk);
      else clear(chunk);
      await tell(`wrote ${now} ${writer} ${chunk} ${good ? `ack ${'b'.repeat(64)}` : 'packed'}`);
    } else {
      ticks++;
      await tell(`tick ${now}`);
    }
  }
  child.stdin.end();
  await once(child, 'close');
  return {acked, log, arrived, mostHeld, broken, seconds: now};
}
