import type {Duplex} from 'node:stream';
import type {HostKeyPin} from '../../brand.ts';
import type {Fault} from '../../fault.ts';
import type {Result} from '../../result.ts';

/** An SSH connection whose server has shown the pinned host key and has accepted our public key. */
export interface SshSession {
  /** The host key the server showed, which is the pinned one. */
  readonly hostKey: HostKeyPin;
  /** Runs one program to its end. A non-zero exit is a value here; what it means is the caller's to say. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Result<Output>>;
  /** Starts a program to talk with. */
  talk(argv: readonly string[], options: TalkOptions): Promise<Result<Talk>>;
  /** Opens a TCP connection from the server's place (direct-tcpip, RFC 4254, 7.2). */
  forward(address: string, port: number, deadlineMs: number): Promise<Result<Forwarded>>;
  /** Why the connection is of no use any more; undefined while it is. */
  readonly lost: Fault | undefined;
  close(): void;
}

export interface TalkOptions {
  /** The argv is one text for the user's shell as it stands, whatever shell that is: for hosts without a POSIX one. */
  readonly verbatim?: true;
  /** A chunk of standard output. While a promise it returned is pending, nothing more is taken from the peer. */
  readonly onStdout: (data: Uint8Array) => void | Promise<void>;
  /** Milliseconds without a byte in either direction after which the program is given up. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array;
  readonly onStdout?: (data: Uint8Array) => void | Promise<void>;
  /** Most bytes of standard output to keep; more is the fault `answer.garbled`. Not applied with `onStdout`. */
  readonly maxBytes?: number;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

export interface Exit {
  /** As a shell gives it: 128 and the signal's number where a signal ended the program. */
  readonly code: number;
  /** The last 4 KiB, hostile until escaped. */
  readonly stderr: string;
}

export interface Output extends Exit {
  readonly stdout: string;
}

/** A running remote program. */
export interface Talk {
  /** Resolves once there is room for more; false when the talk has ended, and `exit` tells why. */
  write(data: string | Uint8Array): Promise<boolean>;
  /** Ends standard input. */
  end(): void;
  /** Gives the talk up: `exit` resolves with `why`. */
  drop(why: Fault): void;
  /** Resolves exactly once, when the program has ended or the talk is given up. */
  readonly exit: Promise<Result<Exit>>;
}

export type Forwarded =
  | {readonly is: 'open'; readonly stream: Duplex}
  | {readonly is: 'refused'}
  | {readonly is: 'silent'; readonly says: string}
  /** The server could not begin it: it has no way to that address, or no room for one more. */
  | {readonly is: 'no route'; readonly says: string};
