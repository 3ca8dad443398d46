import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {prepareImages} from '../../../src/command/lab/images.ts';
import {runbookPlaces, loadRunbook} from '../../../src/command/runbook-file.ts';
import {hostName} from '../../../src/brand.ts';
import {takeDown} from '../../../src/lab/down.ts';
import {labUp, type Lab} from '../../../src/lab/lab.ts';
import type {Progress} from '../../../src/progress.ts';
import {leftover} from '../leftovers.ts';
import {kinds} from '../../../src/step/registry.ts';

export interface BlankLab {
  readonly lab: Lab;
  /** argv of the lab's controller, and the environment that says so to `rebuild`. */
  readonly at: (argv: readonly string[]) => [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

const host = 'marruuk';

/** Works in a lab of its own whose machine has blank disks and is off: what happens before a rebuild is not measured. */
export async function inBlankLab<T>(say: (line: string) => void, work: (lab: BlankLab) => Promise<T>): Promise<T> {
  const name = hostName(host);
  const loaded = await loadRunbook(host, runbookPlaces(), kinds, name);
  if (!name || !loaded.ok) throw new Error(`there is no valid runbook for ${host}`);
  const usual = process.env['REBUILD_HOME'];
  // Short: the lab's sockets live below it.
  const state = await mkdtemp(join('/tmp', 'rb-'));
  process.env['REBUILD_HOME'] = state;
  const remove = leftover(async () => {
    await takeDown(name);
    await rm(state, {recursive: true, force: true});
  });
  try {
    const signal = AbortSignal.timeout(15 * 60_000);
    let told = '';
    const once = ({says}: Progress): void => {
      if (says !== told) say(says);
      told = says;
    };
    const images = await prepareImages(once, signal);
    if (!images.ok) throw new Error(images.fault.says);
    const up = await labUp(loaded.runbook, {fresh: true, progress: () => {}, signal});
    if (!up.ok) throw new Error(up.fault.says);
    const lab = up.value;
    return await work({
      lab,
      at: (argv) => [...lab.on('controller'), ...argv] as [string, ...string[]],
      environment: {REBUILD_HOME: state, REBUILD_INSIDE_LAB: host},
    });
  } finally {
    await remove();
    if (usual === undefined) delete process.env['REBUILD_HOME'];
    else process.env['REBUILD_HOME'] = usual;
  }
}
