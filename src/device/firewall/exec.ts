import type {Result} from '../../result.ts';
import type {SshSession} from '../ssh/session.ts';

export interface Output {
  readonly code: number;
  readonly stdout: string;
  /** From the gateway; hostile until escaped. */
  readonly stderr: string;
}

/** Runs one program on the gateway to its end, within the connection's own time limits. */
export type Exec = (argv: readonly string[], stdin?: string) => Promise<Result<Output>>;

/** Over the SSH session that `session` gives, a new one after the old was lost. */
export const execOver =
  (session: () => Promise<Result<SshSession>>): Exec =>
  async (argv, stdin) => {
    const opened = await session();
    return opened.ok ? opened.value.exec(argv, stdin === undefined ? {} : {stdin}) : opened;
  };
