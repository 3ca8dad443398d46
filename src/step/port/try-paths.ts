import {until} from '../../pace.ts';
import {ok, type Result} from '../../result.ts';
import type {TcpPort} from '../../runbook/runbook.ts';
import type {Tried} from './leak.ts';
import {bare} from './port.ts';
import type {Look} from '../world.ts';
import type {Vantage} from '../world/vantage.ts';

/** What the worm used, and what a host in quarantine must not answer on. */
export const telling: readonly TcpPort[] = ['tcp/22', 'tcp/80', 'tcp/443', 'tcp/445'];

/** Every address under which somebody might reach the host, by its digits: a name may lead elsewhere by now. */
export const addressesOf = ({runbook: {network}}: Look): readonly string[] => [
  ...new Set([bare(network.address), ...(network.aliases ?? [])]),
];

/** Tries each port of each of the host's addresses from each vantage, all at once: a closed path costs seconds. */
export async function tryPaths(look: Look, from: readonly Vantage[]): Promise<Result<readonly Tried[]>> {
  const paths = from.flatMap((vantage) =>
    addressesOf(look).flatMap((address) => telling.map((port) => ({vantage, address, port}))),
  );
  const tried: Tried[] = [];
  const answers = await Promise.all(paths.map(({vantage, address, port}) => vantage.reach(address, port)));
  for (const [index, reach] of answers.entries()) {
    if (!reach.ok) return reach;
    const path = paths[index];
    if (path) tried.push({from: path.vantage.name, address: path.address, port: path.port, reach: reach.value});
  }
  return ok(tried);
}

/** The host's SSH as those see it who may use it all the while. */
export async function trySsh(look: Look, from: readonly Vantage[]): Promise<Result<readonly Vantage[]>> {
  const address = bare(look.runbook.network.address);
  const answers = await Promise.all(from.map((vantage) => vantage.reach(address, 'tcp/22')));
  for (const answer of answers) if (!answer.ok) return answer;
  return ok(from.filter((_, index) => answers[index]?.ok && answers[index].value === 'open'));
}

/** The first of them for whom it stays closed: a bridge that has just been changed may lose a packet. */
export async function staysShut(
  look: Look,
  from: readonly Vantage[],
  signal: AbortSignal,
): Promise<Result<Vantage | undefined>> {
  let shut: Result<Vantage | undefined> = ok(undefined);
  await until(
    async () => {
      const open = await trySsh(look, from);
      shut = open.ok ? ok(from.find((vantage) => !open.value.includes(vantage))) : open;
      return !shut.ok || shut.value === undefined ? true : undefined;
    },
    {everyMs: 1000, deadlineMs: 10_000, clock: look.clock, signal},
  );
  return shut;
}
