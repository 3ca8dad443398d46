import {failed, ok, type Result} from '../../result.ts';
import type {KeptSession} from '../ssh/kept.ts';
import type {ExecOptions, Output, Talk, TalkOptions} from '../ssh/session.ts';

/** The light system holds the agent there (`src/image/light`). */
const agent = '/usr/lib/rebuild/target';

interface RunOptions extends ExecOptions {
  readonly signal: AbortSignal;
  readonly restart?: () => void;
}

/** The way to the agent on the light system. */
export class Link {
  readonly #kept: KeptSession;

  constructor(kept: KeptSession) {
    this.#kept = kept;
  }

  /**
   * Runs one verb to its end. Every verb but `settle` may be repeated, so one that was lost is asked once more, over a
   * new connection where the old is dead; `restart` is told before that. dropbear was seen to close a channel without an
   * exit status while its connection lived.
   */
  async run(verb: readonly string[], options: RunOptions): Promise<Result<Output>> {
    for (let retried = verb[0] === 'settle'; ; retried = true) {
      const session = await this.#kept.session(options.signal);
      if (!session.ok) return session;
      const output = await session.value.exec([agent, ...verb], options);
      if (output.ok) return ok(output.value);
      if (retried || output.fault.code !== 'ssh.lost' || options.signal.aborted) return failed(output.fault);
      options.restart?.();
    }
  }

  /** Starts a verb that is talked with. */
  async talk(verb: readonly string[], options: TalkOptions & {readonly signal: AbortSignal}): Promise<Result<Talk>> {
    const session = await this.#kept.session(options.signal);
    return session.ok ? session.value.talk([agent, ...verb], options) : session;
  }
}
