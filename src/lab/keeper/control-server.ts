import {once} from 'node:events';
import {chmodSync, rmSync} from 'node:fs';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {Result} from '../../result.ts';
import type {DiskCounts} from '../machine/disk-counts.ts';
import {labFaultSchema, type LabFault} from '../fault/lab-fault.ts';
import {faultScriptSchema, type FaultScript} from '../fault/script.ts';
import {powerOrder, routes, type LabStatus} from './protocol.ts';

export interface Control {
  status(): LabStatus;
  power(want: 'on' | 'off'): Promise<Result<void>>;
  strike(fault: LabFault): Promise<Result<void>>;
  script(script: FaultScript): Promise<Result<void>>;
  /** What reached each disk, by name. */
  disks(): Promise<Result<Readonly<Record<string, DiskCounts>>>>;
  /** The machine's screen, PNG. */
  screenshot(): Promise<Result<Buffer>>;
  /** What the lab's surroundings answer, by `METHOD /path`; undefined where they know nothing of it. */
  answer(route: string, body: unknown): Promise<Result<object> | undefined>;
  end(): void;
}

/** Serves the lab's owner on a unix socket that nobody else may open. */
export async function serveControl(path: string, control: Control): Promise<Server> {
  rmSync(path, {force: true});
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, control).catch(() => outgoing.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return server;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, control: Control): Promise<void> {
  const json = (status: number, body: object): void => {
    outgoing.writeHead(status, {'Content-Type': 'application/json'});
    outgoing.end(JSON.stringify(body));
  };
  const outcome = <T>(result: Result<T>, show: (value: T) => void): void =>
    result.ok ? show(result.value) : json(409, {says: result.fault.says});
  const body = await bodyOf(incoming);
  switch (`${incoming.method} ${incoming.url}`) {
    case `GET ${routes.status}`:
      return json(200, control.status());
    case `POST ${routes.power}`: {
      const order = powerOrder.safeParse(body);
      if (!order.success) return json(400, {says: 'power wants on or off'});
      return outcome(await control.power(order.data.power), () => json(200, control.status()));
    }
    case `POST ${routes.fault}`: {
      const fault = labFaultSchema.safeParse(body);
      if (!fault.success) return json(400, {says: 'the keeper does not know this fault'});
      return outcome(await control.strike(fault.data), () => json(200, control.status()));
    }
    case `POST ${routes.script}`: {
      const script = faultScriptSchema.safeParse(body);
      if (!script.success) return json(400, {says: 'the keeper does not know these faults'});
      return outcome(await control.script(script.data), () => json(200, control.status()));
    }
    case `GET ${routes.disks}`:
      return outcome(await control.disks(), (counts) => json(200, counts));
    case `GET ${routes.screenshot}`:
      return outcome(await control.screenshot(), (png) => {
        outgoing.writeHead(200, {'Content-Type': 'image/png', 'Content-Length': png.length});
        outgoing.end(png);
      });
    case `POST ${routes.end}`:
      json(200, {});
      return control.end();
    default: {
      const answered = await control.answer(`${incoming.method} ${incoming.url}`, body);
      if (answered === undefined) return json(404, {says: `the keeper has no ${incoming.url}`});
      return outcome(answered, (value) => json(200, value));
    }
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
  } catch {
    return undefined;
  }
}
