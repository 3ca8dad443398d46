/** Milliseconds. */
export interface SshLimits {
  /** For the TCP connection. */
  readonly connectMs: number;
  /** From the open TCP connection to the accepted key. */
  readonly handshakeMs: number;
  /** For the server to open a channel and start a program in it. */
  readonly openMs: number;
  /** Without any movement on the connection. */
  readonly stallMs: number;
}

export const usualLimits: SshLimits = {connectMs: 10_000, handshakeMs: 30_000, openMs: 30_000, stallMs: 30_000};
