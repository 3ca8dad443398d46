import {systemClock} from '../../clock.ts';
import {again, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {KeptSession} from '../ssh/kept.ts';
import type {SshLimits} from '../ssh/limits.ts';
import type {ExecOptions, Output, SshSession, Talk, TalkOptions} from '../ssh/session.ts';

/** The light system holds the agent there (`src/image/light`). */
const agent = '/usr/lib/rebuild/target';

/** Verbs that change something; the agent wants to know under which lease. */
export const changing: ReadonlySet<string> = new Set([
  'wipe',
  'wipe-adopt',
  'leave',
  'latch-set',
  'write',
  'serve',
  'halt',
  'grow',
  'put',
  'start-next',
  'settle',
  'launch',
]);

/** What a connection, or a busy light system, may get over. */
export const passes = (trouble: Fault): boolean => trouble.code.startsWith('ssh.') && again(trouble) === 'safe';

/** Waits after tries that were lost. */
const againAfterMs = [0, 300, 1000] as const;

interface RunOptions extends ExecOptions {
  readonly signal: AbortSignal;
  readonly restart?: () => void;
  /** It is not asked again here: who asks has a better way to go on. */
  readonly once?: true;
}

/** The way to the agent on the light system, under the lease of `epoch`. */
export class Link {
  readonly #kept: KeptSession;
  readonly #epoch: number;

  constructor(kept: KeptSession, epoch: number) {
    this.#kept = kept;
    this.#epoch = epoch;
  }

  /**
   * Runs one verb to its end. Every verb but `settle` may be repeated, so one that was lost is asked again, over a new
   * connection where the old is dead; `restart` is told before that. On a busy machine a channel was seen to end without
   * an exit status, twice in a row, while its connection lived.
   */
  async run(verb: readonly string[], options: RunOptions): Promise<Result<Output>> {
    const {signal} = options;
    for (let tries = 0; ; tries++) {
      const session = await this.#kept.session(signal);
      if (!session.ok) return session;
      const output = await session.value.exec(this.#argv(verb), options);
      if (output.ok) return ok(output.value);
      const pauseMs = verb[0] === 'settle' || options.once ? undefined : againAfterMs[tries];
      if (pauseMs === undefined || !passes(output.fault) || signal.aborted) return failed(output.fault);
      await systemClock.sleep(pauseMs, signal);
      options.restart?.();
    }
  }

  /** Starts a verb that is talked with, over the kept connection unless another is given. */
  async talk(
    verb: readonly string[],
    options: TalkOptions & {readonly signal: AbortSignal},
    over?: SshSession,
  ): Promise<Result<Talk>> {
    const session = over ? ok(over) : await this.#kept.session(options.signal);
    return session.ok ? session.value.talk(this.#argv(verb), options) : session;
  }

  /** A connection beside the kept one. */
  another(limits: Partial<SshLimits>, signal: AbortSignal): Promise<Result<SshSession>> {
    return this.#kept.another(limits, signal);
  }

  #argv(verb: readonly string[]): readonly string[] {
    return changing.has(verb[0] ?? '') ? [agent, 'lease', String(this.#epoch), ...verb] : [agent, ...verb];
  }
}
