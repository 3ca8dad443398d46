import {once} from 'node:events';
import {constants} from 'node:os';
import type {ClientChannel} from 'ssh2';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Exit, Talk, TalkOptions} from './session.ts';
import {Tail} from './tail.ts';

const stderrBytes = 4096;
const defaultIdleMs = 30_000;

/** Binds an opened channel to a `Talk`. `drops` fires when the session is lost, with the reason. */
export function talkOn(
  channel: ClientChannel,
  what: string,
  {onStdout, idleMs = defaultIdleMs, signal}: TalkOptions,
  drops: (listener: (why: Fault) => void) => () => void,
): Talk {
  const stderr = new Tail(stderrBytes);
  const {promise: exit, resolve} = Promise.withResolvers<Result<Exit>>();
  let code: number | undefined;
  let ended = false;
  let idle: NodeJS.Timeout | undefined;

  const end = (result: Result<Exit>): void => {
    if (ended) return;
    ended = true;
    clearTimeout(idle);
    forget();
    signal?.removeEventListener('abort', onAbort);
    // A channel that is destroyed at once never tells the peer; a killed one does.
    if (!result.ok) abandon(channel);
    channel.emit('drain');
    resolve(result);
  };
  const drop = (why: Fault): void => end(failed(why));
  const moved = (): void => {
    clearTimeout(idle);
    if (!ended) idle = setTimeout(() => drop(fault('ssh.lost', `${what}: nothing moved for ${idleMs} ms`)), idleMs);
  };
  const onAbort = (): void => drop(fault('run.interrupted', `${what} was interrupted`));
  const forget = drops(drop);
  signal?.addEventListener('abort', onAbort, {once: true});

  channel.on('data', (data: Buffer) => {
    moved();
    const busy = ended ? undefined : onStdout(data);
    if (!busy) return;
    channel.pause();
    void busy.then(() => channel.resume());
  });
  channel.stderr.on('data', (data: Buffer) => {
    moved();
    stderr.add(data);
  });
  channel.on('exit', (status: number | null, name?: string) => {
    code = status ?? 128 + (constants.signals[name as NodeJS.Signals] ?? 0);
  });
  // A write after the peer closed is told by `close`, which follows.
  channel.on('error', () => {});
  channel.on('close', () => {
    end(
      code === undefined
        ? failed(fault('ssh.lost', `${what}: the connection ended before the program did`))
        : ok({code, stderr: stderr.text()}),
    );
  });
  moved();
  if (signal?.aborted) onAbort();

  return {
    exit,
    drop,
    end: () => {
      if (!ended) channel.end();
    },
    async write(data) {
      if (ended || !channel.writable) return false;
      if (channel.write(data)) {
        moved();
        return true;
      }
      // `end` emits drain as well, so that a writer never waits on a channel that is gone.
      await once(channel, 'drain');
      if (ended) return false;
      moved();
      return true;
    },
  };
}

function abandon(channel: ClientChannel): void {
  try {
    channel.signal('KILL');
    channel.close();
  } catch {
    // The connection below is already gone.
  }
  channel.resume();
  channel.stderr.resume();
}
