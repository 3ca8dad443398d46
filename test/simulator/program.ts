import {mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {rolldown, type Plugin} from 'rolldown';
import type {TestProject} from 'vitest/node';

const project = join(import.meta.dirname, '../..');

/** How a process of the program is started: Node's arguments before the command's own, and what its environment adds. */
export interface Program {
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The program whose devices are the simulated machine's; everything else is its own. */
    simulated: Program;
  }
}

/**
 * Before all tests: its hundreds of modules are put together in a few files, since half of a short command's time is the
 * loading of modules. Gives what removes them.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'rebuild-program-'));
  project.provide('simulated', await bundle(folder));
  return () => rmSync(folder, {recursive: true, force: true});
}

async function bundle(folder: string): Promise<Program> {
  const modules = await rolldown({
    input: join(project, 'src/bin.ts'),
    platform: 'node',
    // It loads what was compiled for this machine, where there is such a thing.
    external: ['ssh2'],
    plugins: [simulatedDevices, places],
  });
  await modules.write({dir: folder, paths: {ssh2: pathToFileURL(createRequire(import.meta.url).resolve('ssh2')).href}});
  await modules.close();
  return {nodeArgs: [join(folder, 'bin.js')], env: {NODE_COMPILE_CACHE: join(folder, 'code')}};
}

const simulatedDevices: Plugin = {
  name: 'simulated devices',
  resolveId: (specifier) =>
    specifier.endsWith('/sitting/workbench.ts') ? join(import.meta.dirname, 'bench.ts') : undefined,
};

/** A module finds its neighbours on the disk by where it is itself. */
const places: Plugin = {
  name: 'places',
  transform: (code, id) =>
    code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.filename', JSON.stringify(id))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
};
