import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import type {HostKeyPin} from '../../../../src/brand.ts';
import {systemClock} from '../../../../src/clock.ts';
import {keptSession} from '../../../../src/device/ssh/kept.ts';
import {sshTarget} from '../../../../src/device/target/target.ts';
import {chunks} from '../../../../src/image/chunks.ts';
import {openAnyImage} from '../../../../src/image/manifest.ts';
import {until} from '../../../../src/pace.ts';
import type {Result} from '../../../../src/result.ts';
import type {Chunk} from '../../../../src/step/world/image.ts';
import {system} from '../stage-disk.ts';
import {askedOfServer, overheard, verifiedBytesAgain, type Asked} from './asked.ts';

/**
 * The controller's part of a measurement, a process of its own so that it lives at the link's source: argv is an order,
 * `ready` is said when everything is there, and after a line on stdin what became of it is told in one line of JSON.
 */
export interface Order {
  /** The controller sends through SSH, or the target fetches from a static server. */
  readonly way: 'push' | 'pull';
  /** The folder of the stored image. */
  readonly dir: string;
  /** Chunks that end within so many bytes of the image. */
  readonly bytes: number;
  readonly login: {
    readonly address: string;
    readonly port: number;
    readonly user: string;
    readonly keyFile: string;
    readonly hostKey: string;
  };
  readonly http: {readonly address: string; readonly port: number; readonly log: string};
}

export interface Told {
  readonly fault?: string;
  readonly counts?: Readonly<Record<string, number>>;
}

async function engine({dir, bytes, login, way, http}: Order): Promise<void> {
  const stored = need(await openAnyImage(dir));
  const {image} = stored;
  const want = image.chunks.filter(({offset, length}) => offset + length <= bytes);
  const at = {...login, key: readFileSync(login.keyFile, 'utf8'), hostKey: login.hostKey as HostKeyPin};
  const {signal} = new AbortController();

  const before = sshTarget(keptSession(at), epoch);
  need(await before.startWipe(system, 'overwrite'));
  const wiped = async () => (need(await before.wipe(system)).state === 'done' ? true : undefined);
  await until(wiped, {everyMs: 50, deadlineMs: 120_000, clock: systemClock, signal});
  need(await before.setLatch(system, 'wiped'));
  before.close();

  const asked: Asked[] = [];
  const target = sshTarget(
    overheard(keptSession(at), (one) => asked.push(one)),
    epoch,
  );
  // `os.install` asks first who answers (`askTarget`), over the connection on which the disk was wiped.
  need(await target.hello());
  const lines = createInterface({input: process.stdin})[Symbol.asyncIterator]();
  process.stdout.write('ready\n');
  await lines.next();

  const verified = new Map<number, number>();
  const packed = async (chunk: Chunk): Promise<Uint8Array> => {
    for await (const {data} of chunks(stored, [chunk])) return data;
    throw new Error(`chunk ${chunk.index} is not in the image`);
  };
  const done = await target.write(system, {
    image,
    want,
    from: way === 'pull' ? [{address: http.address, port: http.port, host: http.address, path: ''}] : [],
    packed,
    written: async ({index}) => void verified.set(index, Date.now()),
    signal,
  });
  const all = [...asked, ...askedOfServer(readFileSync(http.log, 'utf8'))];
  const told: Told = done.ok
    ? {
        counts: {
          bytesSent: done.value.bytesSent,
          asks: all.length,
          verifiedBytesAgain: verifiedBytesAgain(all, image.chunks, verified),
        },
      }
    : {fault: `${done.fault.code}: ${done.fault.says}`};
  process.stdout.write(`${JSON.stringify(told)}\n`);
  target.close();
}

/** Nobody else holds a lease here. */
const epoch = 1;

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}

await engine(JSON.parse(process.argv[2] ?? '') as Order);
