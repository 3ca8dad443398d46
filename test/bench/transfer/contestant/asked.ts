import type {KeptSession} from '../../../../src/device/ssh/kept.ts';
import type {SshSession} from '../../../../src/device/ssh/session.ts';
import {ok, type Result} from '../../../../src/result.ts';
import type {Chunk} from '../../../../src/step/world/image.ts';

/** A range of the file of packed chunks that the target asked somebody for. */
export interface Asked {
  /** Milliseconds since the epoch. */
  readonly when: number;
  readonly at: number;
  readonly length: number;
}

/** Bytes asked for after the chunk they are of had been read back from the disk; `verified` is when, by chunk. */
export function verifiedBytesAgain(
  asked: readonly Asked[],
  chunks: readonly Chunk[],
  verified: ReadonlyMap<number, number>,
): number {
  let place = 0;
  let bytes = 0;
  for (const {index, packedLength} of chunks) {
    const since = verified.get(index) ?? Infinity;
    const [from, to] = [place, place + packedLength];
    for (const {when, at, length} of asked)
      if (when > since) bytes += Math.max(0, Math.min(to, at + length) - Math.max(from, at));
    place = to;
  }
  return bytes;
}

/** The login, and every range that is asked for over its further connections: the agent's lines `want AT LENGTH`. */
export function overheard(kept: KeptSession, hear: (asked: Asked) => void): KeptSession {
  const listen = (data: Uint8Array): void => {
    // One line is one write of the agent's, and small.
    for (const [, at, length] of Buffer.from(data)
      .toString('latin1')
      .matchAll(/^want\t(\d+)\t(\d+)$/gm))
      hear({when: Date.now(), at: Number(at), length: Number(length)});
  };
  const watched = (session: SshSession): SshSession => ({
    hostKey: session.hostKey,
    get lost() {
      return session.lost;
    },
    exec: (argv, options) => session.exec(argv, options),
    talk: (argv, options) =>
      session.talk(argv, {
        ...options,
        onStdout: (data) => {
          listen(data);
          return options.onStdout(data);
        },
      }),
    forward: (address, port, deadlineMs) => session.forward(address, port, deadlineMs),
    close: () => session.close(),
  });
  const of = (session: Result<SshSession>): Result<SshSession> => (session.ok ? ok(watched(session.value)) : session);
  return {
    session: (signal) => kept.session(signal),
    another: async (limits, signal) => of(await kept.another(limits, signal)),
    renew: () => kept.renew(),
    close: () => kept.close(),
  };
}

/** nginx's log of ranges: `log_format` is `$msec $request_time $http_range $body_bytes_sent`. */
export const logFormat = '$msec $request_time $http_range $body_bytes_sent';

export const askedOfServer = (log: string): readonly Asked[] =>
  [...log.matchAll(/^(\d+\.\d+) (\d+\.\d+) bytes=(\d+)-\d+ (\d+)$/gm)].map(([, end, lasted, at, sent]) => ({
    when: (Number(end) - Number(lasted)) * 1000,
    at: Number(at),
    length: Number(sent),
  }));
