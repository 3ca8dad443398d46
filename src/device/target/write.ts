import type {Serial} from '../../brand.ts';
import {systemClock, type Clock} from '../../clock.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Delivery} from '../../step/world/target.ts';
import {busy} from './answer.ts';
import {watchCuts} from './cuts.ts';
import {delivered} from './delivered.ts';
import {followLog, type Place} from './follow.ts';
import {passes, type Link} from './link.ts';
import type {LogRecord} from './log.ts';
import {halt, order} from './order.ts';
import {pushTo, type Push} from './push.ts';

/** Without a byte that the sources brought, after which the controller sends as well. */
const sourcesMs = 12_000;
/** Without a word from the target. */
const silenceMs = 2 * 60_000;
/** Without a byte that arrived, although the target answers. */
const standstillMs = 20 * 60_000;
const pauseMs = 250;
/** Writers in a row that ended without having written anything. */
const mostWriters = 3;

interface Writing {
  readonly link: Link;
  readonly disk: Serial;
  readonly delivery: Delivery;
  readonly clock?: Clock;
}

/** Gives the target its orders, follows what becomes of them, and sends what it cannot fetch. */
export async function write({
  link,
  disk,
  delivery,
  clock = systemClock,
}: Writing): Promise<Result<{bytesSent: number}>> {
  const {from, signal} = delivery;
  const over = new AbortController();
  const running = AbortSignal.any([over.signal, signal]);
  const account = delivered(delivery);
  const cuts = watchCuts(clock, () => push.again());
  const ordered = Promise.withResolvers<void>();
  const push: Push = pushTo({
    link,
    disk,
    delivery,
    clock,
    signal: running,
    ordered: ordered.promise,
    opened: () => cuts.opened(),
    broke: (says) => cuts.broke(says),
  });
  const pulse = watchPulse(push, () => account.bytes(), clock);
  const {promise: complete, resolve: completed} = Promise.withResolvers<Result<void>>();
  const take = async (record: LogRecord): Promise<Result<void>> => {
    pulse.heard();
    const taken = await account.take(record);
    const cut = taken.ok && record.is === 'ack' ? cuts.goesOn() : undefined;
    if (cut) await delivery.cut?.(cut);
    if (account.missing() === 0) completed(ok(undefined));
    return taken;
  };
  const helper = setInterval(() => {
    if (pulse.still() > sourcesMs || account.deserted()) push.start();
  }, pauseMs);
  helper.unref();

  /** Follows one writer for as long as it lives, over as many connections as it takes. */
  const follow = async (place: Place): Promise<Result<void>> => {
    for (;;) {
      const log = followLog(link, disk, place, take, running);
      // Of what ends first; an error thrown by the one that goes on is of no use to anybody then.
      log.catch(() => {});
      const end = await Promise.race([log, complete, push.failed.then((why) => failed(why))]);
      if (signal.aborted || end.ok || !mayPass(end.fault)) return end;
      cuts.broke(end.fault.says);
      cuts.opened();
      if (pulse.silent() > silenceMs) return end;
      if (pulse.still() > standstillMs)
        return failed(fault('target.failed', `nothing has arrived at the target for ${standstillMs / 60_000} minutes`));
      await clock.sleep(pauseMs, signal);
    }
  };

  try {
    // Its connections are made while the target reads its orders.
    if (from.length === 0) push.start();
    for (let idle = 0; account.missing() > 0;) {
      const before = account.missing();
      const writer = await patiently(() => order(link, disk, delivery, signal));
      if (!writer.ok) return ended(writer);
      pulse.heard();
      account.begin();
      ordered.resolve();
      const end = await follow({generation: writer.value, line: 0});
      // A writer that is gone, with its log or without, has been killed, or the machine has started anew.
      if (!end.ok && end.fault.code !== 'target.refused') return ended(end);
      idle = account.missing() < before ? 0 : idle + 1;
      if (account.missing() > 0 && idle >= mostWriters)
        return failed(
          fault('target.failed', `the writer of ${disk} ends again and again without having written anything`),
        );
    }
    return ok({bytesSent: account.bytes()});
  } finally {
    clearInterval(helper);
    if (account.missing() > 0) await halt(link, disk);
    over.abort();
  }

  async function patiently<T>(ask: () => Promise<Result<T>>): Promise<Result<T>> {
    for (;;) {
      const answer = await ask();
      if (answer.ok || signal.aborted || !mayPass(answer.fault) || pulse.silent() > silenceMs) return answer;
      await clock.sleep(pauseMs, signal);
    }
  }

  function ended(end: Result<never> | {readonly ok: false; readonly fault: Fault}): Result<never> {
    return signal.aborted ? failed(fault('run.interrupted', 'the transfer was interrupted')) : end;
  }
}

/** Trouble that a new connection may end: the connection's own, and another change that is still under way. */
const mayPass = (trouble: Fault): boolean => passes(trouble) || trouble.detail?.['code'] === busy;

/** Milliseconds since the target was last heard, and since anything last moved towards it. */
function watchPulse(push: Push, arrived: () => number, clock: Clock) {
  let heard = clock.ticks();
  let moved = clock.ticks();
  let bytes = 0;
  return {
    heard: () => void (heard = clock.ticks()),
    silent: () => clock.ticks() - heard,
    still: () => {
      const now = arrived() + push.sent();
      if (now !== bytes) {
        bytes = now;
        moved = clock.ticks();
      }
      return clock.ticks() - moved;
    },
  };
}
