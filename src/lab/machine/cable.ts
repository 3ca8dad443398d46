import {once} from 'node:events';
import {rmSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import {chance, type Chance} from '../fault/chance.ts';
import {ok, type Result} from '../../result.ts';
import {Framing} from '../userspace/framing.ts';
import {inTurn} from './in-turn.ts';
import {whole, type LineCondition} from './line-condition.ts';
import type {Qmp} from './qmp.ts';
import {queue} from './frame-queue.ts';

/**
 * The machine's network cable. While something ails it, QEMU sends every frame through this process (two
 * `filter-redirector` objects, qemu(1)), which holds, slows or loses it, in both directions alike; a whole cable has
 * nothing between card and wire. It needs no netem(8) in the kernel, no privilege, and takes what it loses from a seed.
 * Frames are as the card hands them over: with segmentation offload one may hold many TCP segments.
 */
export interface Cable {
  condition(): LineCondition;
  become(condition: LineCondition, draws?: Chance): Promise<Result<void>>;
  /** A machine was started: the cable is as it was. */
  attach(qmp: Qmp): Promise<Result<void>>;
  detach(): void;
}

/** The name of the network back end in `LabNetwork.card`. */
const netdev = 'lan';
const directions = ['rx', 'tx'] as const;

export function cable(path: string): Cable {
  const next = inTurn();
  let condition = whole;
  let draws = chance(0);
  let machine: Qmp | undefined;
  let server: Server | undefined;
  const lines = new Set<Socket>();
  const queues = directions.map(() =>
    queue(
      () => condition,
      () => draws,
    ),
  );

  const listen = async (): Promise<Server> => {
    if (server) return server;
    rmSync(path, {force: true});
    server = createServer();
    server.listen(path);
    await once(server, 'listening');
    server.unref();
    return server;
  };

  /** A socket between QEMU and this process. */
  const line = async (qmp: Qmp, id: string): Promise<Result<Socket>> => {
    const coming = once(await listen(), 'connection') as Promise<[Socket]>;
    const addr = {type: 'unix', data: {path}};
    const added = await qmp.execute('chardev-add', {id, backend: {type: 'socket', data: {addr, server: false}}});
    if (!added.ok) return added;
    const [socket] = await coming;
    lines.add(socket);
    // QEMU goes with every power cycle of its machine.
    socket.on('error', () => {});
    socket.on('close', () => lines.delete(socket));
    return ok(socket);
  };

  const tap = async (qmp: Qmp): Promise<Result<void>> => {
    for (const [index, direction] of directions.entries()) {
      const out = await line(qmp, `cable-${direction}-out`);
      if (!out.ok) return out;
      const back = await line(qmp, `cable-${direction}-in`);
      if (!back.ok) return back;
      const framing = new Framing();
      out.value.on('data', (data: Buffer) => {
        for (const frame of framing.push(data) ?? []) queues[index]?.push(frame, back.value);
      });
      const added = await qmp.execute('object-add', {
        'qom-type': 'filter-redirector',
        id: `cable-${direction}`,
        netdev,
        queue: direction,
        outdev: `cable-${direction}-out`,
        indev: `cable-${direction}-in`,
      });
      if (!added.ok) return added;
    }
    return ok(undefined);
  };

  const untap = async (qmp: Qmp): Promise<void> => {
    for (const direction of directions) {
      await qmp.execute('object-del', {id: `cable-${direction}`});
      for (const end of ['out', 'in']) await qmp.execute('chardev-remove', {id: `cable-${direction}-${end}`});
    }
    drop();
  };

  const drop = (): void => {
    for (const socket of lines) socket.destroy();
    lines.clear();
  };

  const settle = async (qmp: Qmp, before: LineCondition, now: LineCondition): Promise<Result<void>> => {
    if (through(now) && !through(before)) {
      const tapped = await tap(qmp);
      if (!tapped.ok) return tapped;
    }
    if (!through(now) && through(before)) await untap(qmp);
    if ((now.passage === 'cut') === (before.passage === 'cut')) return ok(undefined);
    const plugged = await qmp.execute('set_link', {name: netdev, up: now.passage !== 'cut'});
    return plugged.ok ? ok(undefined) : plugged;
  };

  return {
    condition: () => condition,
    become: (now, from = draws) =>
      next(async () => {
        const before = condition;
        condition = now;
        draws = from;
        for (const each of queues) each.changed();
        return machine ? settle(machine, before, now) : ok(undefined);
      }),
    attach: (qmp) =>
      next(async () => {
        machine = qmp;
        return settle(qmp, whole, condition);
      }),
    detach: () => {
      machine = undefined;
      drop();
    },
  };
}

/** Whether frames must come through this process. */
const through = ({passage, ...rest}: LineCondition): boolean =>
  passage === 'stalled' || passage === 'dropping' || Object.keys(rest).length > 0;
