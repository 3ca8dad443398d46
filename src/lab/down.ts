import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import type {HostName} from '../brand.ts';
import {systemClock} from '../clock.ts';
import {lifeOf, markProcess} from '../journal/process.ts';
import {until} from '../pace.ts';
import {ok, type Result} from '../result.ts';
import {giveBack} from './borrowed.ts';
import {namespacePrefix} from './draw.ts';
import {labFolder} from './folder.ts';
import {labControl} from './keeper/control-client.ts';
import {namespaceNetwork} from './network/namespaces.ts';

const endMs = 15_000;

/**
 * Takes a lab away: the keeper with all it started, the network with whoever is still on it, the files. Works as well on
 * what a crash left behind, and on nothing. One that is `borrowed` stays where it is kept, and this home no longer uses it.
 */
export async function takeDown(host: HostName): Promise<Result<{readonly was: boolean; readonly borrowed?: string}>> {
  const borrowed = await giveBack(host);
  if (borrowed !== undefined) return ok({was: true, borrowed});
  const folder = labFolder(host);
  const network = namespaceNetwork(namespacePrefix(host, folder));
  const was = existsSync(folder.directory) || network.exists();
  const control = labControl(folder.control);
  const status = await control.status();
  if (status.ok) {
    const keeper = markProcess(status.value.pid);
    await control.end();
    const ended = await until(() => Promise.resolve(keeper && lifeOf(keeper) === 'alive' ? undefined : true), {
      everyMs: 20,
      deadlineMs: endMs,
      clock: systemClock,
      signal: new AbortController().signal,
    });
    // In namespaces everyone on the network is ended below; in user space the keeper has all on a string.
    if (ended.end !== 'met' && keeper && lifeOf(keeper) === 'alive') process.kill(keeper.pid, 'SIGKILL');
  }
  const removed = await network.remove();
  if (!removed.ok) return removed;
  await rm(folder.directory, {recursive: true, force: true});
  return ok({was});
}
