import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {CollectLimits, Collected, ItemSink} from '../../step/world/suspect.ts';
import {printable} from '../ssh/printable.ts';
import type {SshSession} from '../ssh/session.ts';

/**
 * Runs one program on the suspect and gives all its output to `sink`, unread. It ends by itself, by its time, or by its
 * bytes; what came by then stays. A fault means that nothing can be asked of this connection any more.
 */
export async function stream(
  session: SshSession,
  argv: readonly string[],
  {seconds, bytes: most}: CollectLimits,
  sink: ItemSink,
  clock: Clock,
  signal: AbortSignal,
  verbatim = false,
): Promise<Result<Collected>> {
  let bytes = 0;
  let cut: Collected | undefined;
  const over = new AbortController();
  const talking = await session.talk(argv, {
    idleMs: seconds * 1000 + 60_000,
    signal,
    ...(verbatim && {verbatim}),
    onStdout: async (data) => {
      if (cut !== undefined) return;
      const room = most - bytes;
      const piece = data.length > room ? data.subarray(0, room) : data;
      bytes += piece.length;
      await sink.write(piece);
      if (data.length > room) stop('bytes', `cut off after ${most} bytes`);
    },
  });
  if (!talking.ok) return talking;
  const talk = talking.value;
  const stop = (by: keyof CollectLimits, why: string): void => {
    cut ??= {complete: false, cut: by, reason: why};
    talk.drop(fault('answer.garbled', why));
  };
  talk.end();
  const timer = clock.sleep(seconds * 1000, over.signal).then(() => {
    if (!over.signal.aborted) stop('seconds', `did not end in ${seconds} s`);
  });
  const exit = await talk.exit;
  over.abort();
  await timer;
  if (cut !== undefined) return ok(cut);
  if (!exit.ok) return exit;
  const {code, stderr} = exit.value;
  const lines = stderr.split('\n');
  const said = printable(lines.at(-1) ?? '');
  const told = printable([...new Set(lines.filter((line) => line.startsWith('not sealed: ')))].join('; '));
  return code === 0
    ? ok({complete: true, ...(told && {reason: told})})
    : ok({complete: false, reason: `ended with ${code}${said && `: ${said}`}`});
}

/** A short answer as text; more than 64 KiB, or anything but exit 0, is a fault. */
export async function answer(
  session: SshSession,
  argv: readonly string[],
  signal: AbortSignal,
  stdin?: Uint8Array,
): Promise<Result<string>> {
  const output = await session.exec(argv, {
    maxBytes: 65_536,
    idleMs: 30_000,
    signal,
    ...(stdin === undefined ? {} : {stdin}),
  });
  if (!output.ok) return output;
  const {code, stderr, stdout} = output.value;
  return code === 0
    ? ok(stdout)
    : failed(fault('suspect.refused', `a command ended with ${code}: ${printable(stderr.split('\n').at(-1) ?? '')}`));
}
