import {createHash} from 'node:crypto';
import {bytesIn} from '../../evidence/frame.ts';
import type {Item} from '../../evidence/item.ts';
import {limeBytes, limeParts} from '../../evidence/lime.ts';
import {memoryMap, type MemoryMap} from '../../evidence/memory-map.ts';
import type {Lack} from '../../evidence/outcome.ts';
import {within} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import {outline, takeItem, type Asking, type Taken} from './item.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {KeptStream} from '../world/evidence.ts';

/** Asked for at once: what cannot be read costs no more than its own block. */
const partBytes = 256 * 2 ** 20;
const blockBytes = 2 ** 20;
/** Told one by one in the record; the table of frames has them all. */
const mostUnread = 1000;
/** Blocks that could not be read in all, after which the rest is left. */
const patience = 64;
const secondsForPart = 900;
const mapBytes = 4 * 2 ** 20;

/** Why a dump ended early; nothing where it did not. */
interface Dumped {
  readonly lack?: Lack;
  readonly short?: string;
}

/** What the kernel says of a file that it does not let root read, or does not have (errno(3)). */
const refusal =
  /^ended with \d+: .*: (?:Operation not permitted|Permission denied|No such file or directory|No such device(?: or address)?)$/;

/**
 * The RAM of a Linux host, through its kernel's own view: which parts of `/proc/kcore` are read is decided here. Goes on
 * where an earlier attempt was cut, while the host has not started anew. A kernel that refuses is on record with its
 * words: that RAM is not to be had. What comes after it in the order has a quarter of the time left for it.
 */
export async function takeMemory(item: Item, asking: Asking, world: World, hand: Hand): Promise<Result<Taken>> {
  const {vault, facts, offset, final} = asking;
  const {clock} = world;
  const began = clock.now();
  const mapped = await takeItem(
    {...item, id: 'memory-map', what: 'where RAM lies', form: 'tsv', seconds: 60, bytes: mapBytes},
    asking,
    world,
    hand,
    mapBytes,
  );
  if (!mapped.ok) return mapped;
  const {map, name} = readMap(mapped.value.head);
  const skipped = async (lack: Lack, reason: string): Promise<Result<Taken>> => {
    const recorded = await vault.record({...outline(item, facts, world, offset), began, complete: false, lack, reason});
    return recorded.ok ? ok({answered: lack !== 'lost', offset: null}) : recorded;
  };
  const {answered, complete, lack = 'error', reason = ''} = mapped.value;
  if (!answered) return skipped('lost', reason);
  if (!complete)
    return refusal.test(reason) ? skipped('absent', `refused: ${reason}`) : skipped(lack, `its map: ${reason}`);
  if (typeof map === 'string') return skipped('absent', `refused: ${map}`);
  const total = limeBytes(map.ranges);
  if (total > item.bytes)
    return skipped('limit', `${total} bytes of RAM are more than the ${item.bytes} that are taken`);

  const opened = await vault.stream(name, 'lime');
  if (!opened.ok) return opened;
  const stream = opened.value;
  if (stream.from > 0) await hand.note(`RAM goes on at ${stream.from} of ${total} bytes`);
  const until = clock.ticks() + ((asking.until - clock.ticks()) * 3) / 4;
  const dumped = await dump(map, stream, {...asking, until}, world, hand);
  const cut = dumped.ok ? dumped.value.lack : undefined;
  const again = (cut === 'time' || cut === 'lost') && !final(cut);
  if (!dumped.ok || again || hand.signal.aborted) {
    await stream.pause();
    if (hand.signal.aborted) return interrupted();
    if (!dumped.ok) return dumped;
    return skipped(cut ?? 'lost', `${dumped.value.short}: what came of it is kept to be gone on with`);
  }
  const ended = await stream.end(within('RAM', hand.progress));
  if (!ended.ok) return ended;
  const {file, bytes, sha256, rawBytes, rawSha256} = ended.value;
  const {short} = dumped.value;
  const unread = stream.unread();
  const missing = bytesIn(unread);
  const reasons = [
    ...(short === undefined ? [] : [`${short}: ${rawBytes} of ${total} bytes`]),
    ...(missing > 0 ? [`${missing} bytes could not be read and are zero`] : []),
    ...(map.outside > 0n ? [`${map.outside} bytes of RAM are not in /proc/kcore`] : []),
  ];
  const recorded = await vault.record({
    ...outline(item, facts, world, offset),
    id: name,
    what: `${item.what}: ${map.ranges.length} ranges, LiME, ${rawBytes} bytes, SHA-256 ${rawSha256}`,
    method: {over: 'ssh', argv: [...facts.argv, 'memory', 'OFFSET', 'BYTES']},
    began,
    ended: clock.now(),
    file,
    bytes,
    sha256,
    complete: reasons.length === 0,
    ...(reasons.length > 0 && {lack: cut ?? (missing > 0 ? 'unread' : 'absent'), reason: reasons.join('; ')}),
    ...(missing > 0 && {unread: unread.slice(0, mostUnread)}),
  });
  return recorded.ok ? ok({answered: cut !== 'lost', offset: null}) : recorded;
}

/** What the host says of its memory, and a name that is another one once it has started anew. */
function readMap(records: string): {readonly map: MemoryMap | string; readonly name: `memory-${string}`} {
  const field = (key: string): Buffer =>
    Buffer.from(new RegExp(`^${key}\\t([A-Za-z0-9+/=]*)$`, 'm').exec(records)?.[1] ?? '', 'base64');
  const map = memoryMap(field('ram').toString('latin1'), field('kcore'));
  const ranges = typeof map === 'string' ? [] : map.ranges.map(({start, bytes, at}) => `${start} ${bytes} ${at}`);
  const boot = field('boot').toString('latin1');
  const digest = createHash('sha256')
    .update([boot, ...ranges].join('\n'))
    .digest('hex');
  return {map, name: `memory-${digest.slice(0, 8)}`};
}

async function dump(
  {ranges}: MemoryMap,
  stream: KeptStream,
  {suspect, until}: Asking,
  {clock}: World,
  hand: Hand,
): Promise<Result<Dumped>> {
  const total = limeBytes(ranges);
  let failures = 0;
  let done = stream.from;
  let lost: Result<void> = ok(undefined);
  const take = async (data: Uint8Array, unreadAt?: number): Promise<void> => {
    if (!lost.ok) return;
    lost = await stream.write(data, unreadAt);
    done += data.length;
    hand.progress({says: 'RAM', done, of: total, unit: 'bytes'});
  };

  for (const part of limeParts(ranges, stream.from, partBytes)) {
    if (part.is === 'header') {
      await take(part.data);
      continue;
    }
    for (let got = 0; got < part.bytes;) {
      if (hand.signal.aborted) return ok({});
      const seconds = Math.min(secondsForPart, Math.floor((until - clock.ticks()) / 1000));
      if (seconds < 1) return ok({lack: 'time', short: 'its time was over'});
      const before = done;
      const bytes = part.bytes - got;
      const verb = ['memory', String(part.at + BigInt(got)), String(bytes)];
      const collected = await suspect.collect(verb, {seconds, bytes}, {write: (data) => take(data)}, hand.signal);
      if (!lost.ok) return lost;
      got += done - before;
      if (!collected.ok) return ok({lack: 'lost', short: `the host did not answer: ${collected.fault.code}`});
      // It was cut by its time: the rest is asked for again, while there is time.
      if (got === part.bytes || done > before) continue;
      if (++failures > patience)
        return ok({lack: 'unread', short: `too much cannot be read (${collected.value.reason ?? 'nothing came'})`});
      const block = Math.min(blockBytes, part.bytes - got);
      await take(Buffer.alloc(block), Number(part.physical) + got);
      if (!lost.ok) return lost;
      got += block;
    }
  }
  return ok({});
}
