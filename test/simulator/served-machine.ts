import {once} from 'node:events';
import {createServer, type Server} from 'node:net';
import type {Frame} from '../../src/evidence/frame.ts';
import {ok} from '../../src/result.ts';
import type {Chunk} from '../../src/step/world/image.ts';
import type {Machine} from './machine.ts';
import {portsOf, receive, rooms, send, type Call, type Greeting, type Span} from './wire.ts';

const asked = new Set<string>([...rooms, 'evidence', 'vantages', 'clock', 'runbook', 'record', 'locate']);

const never = new AbortController().signal;

/** Lets a controller in another process work on the machine. `answering` may keep an answer from ever being sent. */
export async function serveMachine(
  machine: Machine,
  path: string,
  answering: () => boolean = () => true,
): Promise<Server> {
  const world = machine.world();
  const methods = Object.fromEntries(
    rooms.map((room) => [
      room,
      Object.entries(world[room]).flatMap(([name, of]) => (typeof of === 'function' ? [name] : [])),
    ]),
  );
  const greeting: Greeting = {
    methods,
    vantages: world.vantages.map(({name, address, pace}) => ({name, pace, ...(address !== undefined && {address})})),
    plain: Object.fromEntries(Object.entries(world).filter(([name]) => !asked.has(name))),
  };
  const perform = async ({path, values}: Call): Promise<unknown> => {
    const [room = '', ...names] = path.split('.');
    if (path === 'target.write') {
      const [disk, chunk] = values as [never, Chunk];
      return world.target.write(disk, {
        image: machine.image,
        want: [chunk],
        from: [],
        packed: async () => new Uint8Array(0),
        written: async () => {},
        signal: never,
      });
    }
    if (path === 'target.image') {
      const [disk, from] = values as [never, number];
      const frames: Frame[] = [];
      let sizeBytes = 0;
      const read = await world.target.image(
        disk,
        from,
        async (frame, size) => {
          frames.push(frame);
          sizeBytes = size;
          return ok(undefined);
        },
        never,
      );
      return {frames, sizeBytes, read};
    }
    if (room === 'vantages' && names[1] === 'scan') {
      const [to, spans] = values as [string, readonly Span[]];
      return world.vantages[Number(names[0])]?.scan(to, portsOf(spans));
    }
    const of = (room === 'vantages' ? world.vantages[Number(names.shift())] : world[room as 'bmc']) as object;
    const method = Reflect.get(of, names[0] ?? '') as (...values: readonly unknown[]) => unknown;
    return method(...values, never);
  };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    send(socket, greeting);
    receive(socket, (call: Call) => {
      perform(call).then(
        (value) => answering() && send(socket, {id: call.id, value, served: world.shelf.served()}),
        // Only a killed controller leaves a call without an answer; anything else is a bug and ends the connection.
        () => socket.destroy(),
      );
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}
