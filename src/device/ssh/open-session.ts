import type {Socket} from 'node:net';
import type {Client, ClientChannel} from 'ssh2';
import type {HostKeyPin} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {SshLimits} from './limits.ts';
import {printable} from './printable.ts';
import {quote} from './quote.ts';
import type {ExecOptions, Forwarded, Output, SshSession, Talk, TalkOptions} from './session.ts';
import {watchStall} from './stall.ts';
import {talkOn} from './talk.ts';

const defaultMaxBytes = 1_048_576;

/** A session over an authenticated ssh2 client. ssh2 has no time limit of its own on anything here, so each has one. */
export class Session implements SshSession {
  readonly hostKey: HostKeyPin;
  #lost: Fault | undefined;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #limits: SshLimits;
  readonly #listeners = new Set<(why: Fault) => void>();
  readonly #unwatch: () => void;

  constructor(client: Client, socket: Socket, where: string, limits: SshLimits, hostKey: HostKeyPin) {
    this.hostKey = hostKey;
    this.#client = client;
    this.#socket = socket;
    this.#where = where;
    this.#limits = limits;
    client.on('error', (error) => this.#lose(fault('ssh.lost', `${where}: ${printable(error.message)}`)));
    client.once('close', () => this.#lose(fault('ssh.lost', `${where} closed the connection`)));
    this.#unwatch = watchStall(socket, limits.stallMs, () =>
      this.#lose(fault('ssh.lost', `${where}: nothing moved on the connection for ${limits.stallMs} ms`)),
    );
  }

  get lost(): Fault | undefined {
    return this.#lost;
  }

  close(): void {
    this.#client.end();
    this.#lose(fault('ssh.lost', `the connection to ${this.#where} was closed here`));
  }

  async talk(argv: readonly string[], options: TalkOptions): Promise<Result<Talk>> {
    const what = `${argv[0] ?? ''} on ${this.#where}`;
    const opened = await this.#open(
      this.#limits.openMs,
      options.signal,
      (settle) => this.#client.exec(options.verbatim ? argv.join(' ') : quote(argv), settle),
      (channel) => talkOn(channel, what, options, (listener) => this.#onLost(listener)),
    );
    switch (opened.is) {
      case 'open':
        return ok(opened.value);
      case 'refused':
        return failed(fault('ssh.not-started', `${what}: ${printable(opened.error.message)}`));
      case 'late':
        this.#lose(fault('ssh.lost', `${what}: no channel within ${this.#limits.openMs} ms`));
        return failed(this.#lost as Fault);
      case 'lost':
        return failed(opened.why);
      default:
        return opened satisfies never;
    }
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<Result<Output>> {
    const {stdin, onStdout, maxBytes = defaultMaxBytes, idleMs, signal} = options;
    const kept: Uint8Array[] = [];
    let bytes = 0;
    const tooLong = (): Fault =>
      fault('answer.garbled', `${argv[0] ?? ''} on ${this.#where} answered more than ${maxBytes} bytes`);
    const keep = (data: Uint8Array): void => {
      bytes += data.length;
      if (bytes <= maxBytes) kept.push(data);
      else talk?.drop(tooLong());
    };
    let talk: Talk | undefined;
    const begun = await this.talk(argv, {
      onStdout: onStdout ?? keep,
      ...(idleMs === undefined ? {} : {idleMs}),
      ...(signal ? {signal} : {}),
    });
    if (!begun.ok) return begun;
    talk = begun.value;
    if (stdin !== undefined) await talk.write(stdin);
    talk.end();
    const exit = await talk.exit;
    // All of it may have come before there was anything to drop.
    if (exit.ok && bytes > maxBytes) return failed(tooLong());
    return exit.ok ? ok({...exit.value, stdout: Buffer.concat(kept).toString('utf8')}) : exit;
  }

  async forward(address: string, port: number, deadlineMs: number): Promise<Result<Forwarded>> {
    const opened = await this.#open(
      deadlineMs,
      undefined,
      (settle) => this.#client.forwardOut('127.0.0.1', 0, address, port, settle),
      (channel) => channel.on('error', () => {}),
    );
    switch (opened.is) {
      case 'open':
        return ok({is: 'open', stream: opened.value});
      case 'refused':
        return forwardRefused(opened.error, `${address} port ${port} through ${this.#where}`);
      case 'late':
        return ok({is: 'silent', says: `no answer within ${deadlineMs} ms`});
      case 'lost':
        return failed(opened.why);
      default:
        return opened satisfies never;
    }
  }

  /**
   * Opens a channel within a limit; one that opens later is closed unseen. `take` gets it in the same turn: a program that
   * ends at once may have its exit status in the packet that says it was started, and ssh2 tells of both in one go.
   */
  #open<T>(
    deadlineMs: number,
    signal: AbortSignal | undefined,
    ask: (settle: (error: Error | undefined, channel: ClientChannel) => void) => void,
    take: (channel: ClientChannel) => T,
  ): Promise<Opened<T>> {
    return new Promise((resolve) => {
      if (this.#lost) return resolve({is: 'lost', why: this.#lost});
      let ended = false;
      const end = (opened: Opened<T>): void => {
        ended = true;
        clearTimeout(timer);
        forget();
        signal?.removeEventListener('abort', onAbort);
        resolve(opened);
      };
      const timer = setTimeout(() => end({is: 'late'}), deadlineMs);
      const forget = this.#onLost((why) => end({is: 'lost', why}));
      const onAbort = (): void =>
        end({is: 'lost', why: fault('run.interrupted', `a request to ${this.#where} was interrupted`)});
      // ssh2 says of every channel that is asked for when its connection breaks that it was refused, and then that the
      // connection closed.
      const refused = (error: Error): void => {
        if (ended) return;
        const broken = fault('ssh.lost', `${this.#where} went away: ${printable(error.message)}`);
        end(this.#socket.destroyed ? {is: 'lost', why: broken} : {is: 'refused', error});
      };
      signal?.addEventListener('abort', onAbort, {once: true});
      if (signal?.aborted) return onAbort();
      try {
        ask((error, channel) => {
          if (error) setImmediate(refused, error);
          else if (!ended) end({is: 'open', value: take(channel)});
          else {
            channel.on('error', () => {});
            channel.close();
          }
        });
      } catch (error) {
        // ssh2 throws `Not connected` where its socket has ended and `close` is still on its way.
        end({is: 'lost', why: fault('ssh.lost', `${this.#where}: ${printable((error as Error).message)}`)});
      }
    });
  }

  #onLost(listener: (why: Fault) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #lose(why: Fault): void {
    if (this.#lost) return;
    this.#lost = why;
    this.#unwatch();
    for (const listener of this.#listeners) listener(why);
    this.#listeners.clear();
    this.#socket.destroySoon();
    // A peer that has stopped reading would keep a graceful end waiting for ever.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }
}

type Opened<T> =
  | {readonly is: 'open'; readonly value: T}
  | {readonly is: 'refused'; readonly error: Error}
  | {readonly is: 'late'}
  | {readonly is: 'lost'; readonly why: Fault};

// RFC 4254, 5.1: 1 administratively prohibited, 2 connect failed. OpenSSH gives the errno's text as the description, but
// `open failed` where connect(2) did not even begin.
function forwardRefused(error: Error & {reason?: number | string}, where: string): Result<Forwarded> {
  const {message, reason} = error;
  if (/connection refused/i.test(message)) return ok({is: 'refused'});
  if (reason === 2 || reason === 'CONNECT_FAILED')
    return ok({is: message.endsWith(': open failed') ? 'no route' : 'silent', says: printable(message)});
  return failed(fault('vantage.failed', `${where}: ${printable(message)}`));
}
