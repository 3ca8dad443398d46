import {ok, type Result} from '../../result.ts';
import type {KeptSession} from '../ssh/kept.ts';
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

/** A connection made now, to be closed by whoever asked for it. */
export type Anew = () => Promise<Result<{readonly exec: Exec; close(): void}>>;

const never = new AbortController().signal;

/** Another login of the same kind. It is short of patience: where it is cut off, it is tried again. */
export const anewOver =
  (kept: Pick<KeptSession, 'another'>): Anew =>
  async () => {
    const session = await kept.another({connectMs: 5000, handshakeMs: 10_000, stallMs: 10_000}, never);
    return session.ok ? ok({exec: execOver(async () => session), close: () => session.value.close()}) : session;
  };
