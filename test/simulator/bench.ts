import {once} from 'node:events';
import {connect} from 'node:net';
import {dirname, resolve} from 'node:path';
import {readSaved} from '../../src/command/document.ts';
import {hostRecord} from '../../src/command/host-record.ts';
import {operatorOf} from '../../src/command/operator.ts';
import {thisProgram} from '../../src/command/this-program.ts';
import type {Workbench, WorkbenchOptions} from '../../src/command/sitting/workbench.ts';
import type {Session} from '../../src/command/session.ts';
import type {Subject} from '../../src/command/subject.ts';
import {folderEvidence} from '../../src/device/vault/vault.ts';
import type {Frame} from '../../src/evidence/frame.ts';
import {makeMasker} from '../../src/mask/mask.ts';
import {ok, type Result} from '../../src/result.ts';
import type {World} from '../../src/step/world.ts';
import type {Served, Shelf} from '../../src/step/world/shelf.ts';
import type {Target} from '../../src/step/world/target.ts';
import type {Vantage} from '../../src/step/world/vantage.ts';
import {HurriedClock, speedVariable, VirtualClock} from './clock.ts';
import {receive, send, socketVariable, spansOf, type Answer, type Greeting, type Room} from './wire.ts';

/**
 * Stands in for `src/command/sitting/workbench.ts` in a controller that is otherwise as it is shipped: its devices are the
 * simulated machine of another process.
 */
export async function openWorkbench(
  {home, journal}: Session,
  {runbook, file}: Subject,
  {run, keys}: WorkbenchOptions,
): Promise<Result<Workbench>> {
  const socket = connect(process.env[socketVariable] ?? '');
  await once(socket, 'connect');
  const greeted = Promise.withResolvers<Greeting>();
  const waiting = new Map<number, (answer: Answer) => void>();
  let served: Served = {bytes: 0, requests: 0, covered: 0};
  let calls = 0;
  receive(socket, (message: Greeting | Answer) => {
    if ('methods' in message) return greeted.resolve(message);
    ({served} = message);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const greeting = await greeted.promise;

  const call = <T = never>(path: string, values: readonly unknown[]): Promise<T> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, ({value}) => resolve(value as T));
      send(socket, {
        id,
        path,
        values: values.filter((value) => typeof value !== 'function' && !(value instanceof AbortSignal)),
      });
    });
  const room = (name: string): object =>
    Object.fromEntries(
      (greeting.methods[name] ?? []).map((method) => [
        method,
        (...values: readonly unknown[]) => call(`${name}.${method}`, values),
      ]),
    );

  const shelf = {
    ...room('shelf'),
    served: () => served,
    // An operator's file lies beside the runbook here as everywhere.
    saved: (name: string) => readSaved(resolve(dirname(resolve(file)), name)),
    recount: () => void call('shelf.recount', []),
    hostFiles: (image) => [
      {path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: 'key'},
      {path: '/etc/rebuild/image', mode: 0o644, content: image.digest},
    ],
    networkFiles: () => [{path: '/etc/systemd/network/10-rebuild.network', mode: 0o644, content: 'net'}],
  } as Partial<Shelf> as Shelf;
  const target = {
    ...room('target'),
    async write(disk, {want, written, signal}) {
      let bytesSent = 0;
      for (const chunk of want) {
        if (signal.aborted) break;
        const sent: Result<unknown> = await call<Result<unknown>>('target.write', [disk, chunk]);
        if (!sent.ok) return sent;
        bytesSent += chunk.packedLength;
        await written(chunk);
      }
      return ok({bytesSent});
    },
    async image(disk, from, keep) {
      const {frames, sizeBytes, read} = await call<{frames: readonly Frame[]; sizeBytes: number; read: Result<void>}>(
        'target.image',
        [disk, from],
      );
      for (const frame of frames) {
        const kept = await keep(frame, sizeBytes);
        if (!kept.ok) return kept;
      }
      return read;
    },
  } as Partial<Target> as Target;
  const speed = process.env[speedVariable];
  const clock = speed === undefined ? new VirtualClock() : new HurriedClock(Number(speed));
  const vantages = greeting.vantages.map((place, index): Vantage => ({
    ...place,
    reach: (...values) => call(`vantages.${index}.reach`, values),
    scan: (to, ports) => call(`vantages.${index}.scan`, [to, spansOf(ports)]),
    ask: (...values) => call(`vantages.${index}.ask`, values),
    hostKey: (...values) => call(`vantages.${index}.hostKey`, values),
  }));
  const facts = greeting.plain['run'] as World['run'];
  return ok({
    masker: makeMasker([]),
    world: {
      ...(greeting.plain as unknown as Omit<
        World,
        Room | 'vantages' | 'clock' | 'runbook' | 'record' | 'locate' | 'earlier' | 'forgone'
      >),
      run: {...facts, id: run},
      locate: async () => facts.controllerAddress,
      runbook,
      record: () => hostRecord(journal, runbook),
      clock,
      bmc: room('bmc') as World['bmc'],
      edge: room('edge') as World['edge'],
      renewed: room('renewed') as World['renewed'],
      suspect: room('suspect') as World['suspect'],
      evidence: folderEvidence({
        state: home.state,
        run,
        host: runbook.host.name,
        asset: runbook.host.serial,
        operator: () => operatorOf(journal, run, keys.controller.pin),
        tool: thisProgram,
        key: keys.controller,
        clock,
      }),
      shelf,
      target,
      vantages,
    },
    close: async () => void socket.destroy(),
  });
}
