import {connect, type Socket} from 'node:net';
import {fault} from '../../fault.ts';
import type {Json, JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';

export interface QmpEvent {
  readonly name: string;
  readonly data: JsonObject;
}

/** QEMU's monitor. It takes one client, so whoever else wants something from the machine asks through this one. */
export interface Qmp {
  execute(command: string, parameters?: JsonObject): Promise<Result<Json>>;
  /** Called for every event. Listen before the command that causes one: QEMU may send it ahead of its reply. */
  listen(listener: (event: QmpEvent) => void): () => void;
  /** The first event after now that `wanted` accepts; undefined when `ms` have passed or the machine is gone. */
  next(wanted: (event: QmpEvent) => boolean, ms: number): Promise<QmpEvent | undefined>;
  /** Settles when QEMU has closed the line. */
  readonly closed: Promise<void>;
  close(): void;
}

interface Waiting {
  readonly command: string;
  readonly resolve: (reply: Result<Json>) => void;
}

const replyMs = 20_000;

/** Speaks to the QEMU that listens on `path`. Fails where nobody does, so the caller may try again. */
export async function connectQmp(path: string): Promise<Result<Qmp>> {
  const socket = connect(path);
  const opened = await new Promise<Error | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('error', resolve);
  });
  if (opened) return failed(fault('lab.failed', `QEMU's monitor does not answer: ${opened.message}`));
  const qmp = talk(socket);
  const ready = await qmp.execute('qmp_capabilities');
  if (ready.ok) return ok(qmp);
  qmp.close();
  return ready;
}

function talk(socket: Socket): Qmp {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: QmpEvent) => void>();
  const closed = Promise.withResolvers<void>();
  let last = 0;
  let buffered = '';

  const end = (): void => {
    for (const [id, {command, resolve}] of waiting) {
      waiting.delete(id);
      resolve(failed(fault('lab.failed', `the machine went off before it answered ${command}`)));
    }
    closed.resolve();
  };
  socket.setEncoding('utf8');
  // 'close' follows every error and does the work.
  socket.on('error', () => {});
  socket.on('close', end);
  socket.on('data', (text: string) => {
    buffered += text;
    for (let at = buffered.indexOf('\n'); at !== -1; at = buffered.indexOf('\n')) {
      const line = buffered.slice(0, at);
      buffered = buffered.slice(at + 1);
      receive(JSON.parse(line) as Record<string, Json>);
    }
  });

  const receive = (message: Record<string, Json>): void => {
    if (typeof message['event'] === 'string') {
      const event = {name: message['event'], data: (message['data'] ?? {}) as JsonObject};
      for (const listener of listeners) listener(event);
      return;
    }
    const asked = waiting.get(Number(message['id']));
    // The greeting carries no id.
    if (asked === undefined) return;
    waiting.delete(Number(message['id']));
    const error = message['error'] as {desc?: string} | undefined;
    asked.resolve(
      error === undefined
        ? ok(message['return'] ?? null)
        : failed(fault('lab.failed', `QEMU refused ${asked.command}: ${error.desc ?? 'no reason given'}`)),
    );
  };

  return {
    closed: closed.promise,
    close: () => socket.destroy(),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    execute: (command, parameters = {}) =>
      new Promise((resolve) => {
        const id = ++last;
        const late = setTimeout(() => {
          waiting.delete(id);
          resolve(failed(fault('lab.failed', `QEMU did not answer ${command} in ${replyMs / 1000} s`)));
        }, replyMs);
        waiting.set(id, {
          command,
          resolve: (reply) => {
            clearTimeout(late);
            resolve(reply);
          },
        });
        if (socket.destroyed) end();
        else socket.write(`${JSON.stringify({execute: command, arguments: parameters, id})}\n`);
      }),
    next: (wanted, ms) =>
      new Promise((resolve) => {
        const stop = (event?: QmpEvent): void => {
          clearTimeout(late);
          listeners.delete(look);
          resolve(event);
        };
        const look = (event: QmpEvent): void => {
          if (wanted(event)) stop(event);
        };
        const late = setTimeout(stop, ms);
        listeners.add(look);
        void closed.promise.then(() => stop());
      }),
  };
}
