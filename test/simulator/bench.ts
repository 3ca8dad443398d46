import {once} from 'node:events';
import {connect} from 'node:net';
import {dirname, resolve} from 'node:path';
import {readSaved} from '../../src/command/document.ts';
import {hostRecord} from '../../src/command/host-record.ts';
import type {Workbench, WorkbenchOptions} from '../../src/command/workbench.ts';
import type {Session} from '../../src/command/session.ts';
import type {Subject} from '../../src/command/subject.ts';
import {makeMasker} from '../../src/mask/mask.ts';
import {ok, type Result} from '../../src/result.ts';
import type {Served, Shelf, Target, Vantage, World} from '../../src/step/world.ts';
import {HurriedClock, speedVariable, VirtualClock} from './clock.ts';
import {emptyVault} from './machine.ts';
import {receive, send, socketVariable, type Answer, type Greeting, type Room} from './wire.ts';

/**
 * Stands in for `src/command/workbench.ts` in a controller that is otherwise as it is shipped: its devices are the
 * simulated machine of another process.
 */
export async function openWorkbench(
  {journal}: Session,
  {runbook, file}: Subject,
  {run}: WorkbenchOptions,
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
  } as Partial<Target> as Target;
  const vantages = greeting.vantages.map((place, index): Vantage => ({
    ...place,
    reach: (...values) => call(`vantages.${index}.reach`, values),
    scan: (...values) => call(`vantages.${index}.scan`, values),
    ask: (...values) => call(`vantages.${index}.ask`, values),
    hostKey: (...values) => call(`vantages.${index}.hostKey`, values),
  }));
  const speed = process.env[speedVariable];
  return ok({
    masker: makeMasker([]),
    world: {
      ...(greeting.plain as unknown as Omit<
        World,
        Room | 'vantages' | 'clock' | 'runbook' | 'record' | 'earlier' | 'forgone'
      >),
      run: {...(greeting.plain['run'] as World['run']), id: run},
      runbook,
      record: () => hostRecord(journal, runbook),
      clock: speed === undefined ? new VirtualClock() : new HurriedClock(Number(speed)),
      bmc: room('bmc') as World['bmc'],
      edge: room('edge') as World['edge'],
      renewed: room('renewed') as World['renewed'],
      suspect: room('suspect') as World['suspect'],
      evidence: {
        check: (bundle) => call('evidence.check', [bundle]),
        open: async (bundle) => ok(emptyVault(() => call('evidence.seal', [bundle]))),
      },
      shelf,
      target,
      vantages,
    },
    close: async () => void socket.destroy(),
  });
}
