import {hostName} from '../brand.ts';
import type {Globals} from '../cli.ts';
import {exit, type ExitCode} from '../exit.ts';
import {kinds} from '../step/registry.ts';
import {imageDocument, renderImage, stockNamed} from './image.ts';
import {isoDocument, makeIso, renderIso} from './iso.ts';
import {loadRunbook, runbookPlaces} from './runbook-file.ts';
import {tellFault} from './tell-fault.ts';

const progress = (what: string): void => void process.stderr.write(`${what}\n`);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export async function image({refresh = false}: {readonly refresh?: boolean}, globals: Globals): Promise<ExitCode> {
  const stocked = await stockNamed({refresh, progress});
  if (!stocked.ok) return tellFault(stocked.fault, globals, undefined);
  process.stdout.write(globals.json ? json(imageDocument(stocked.value)) : renderImage(stocked.value));
  return exit.done;
}

export async function iso(
  name: string | undefined,
  {output}: {readonly output?: string},
  globals: Globals,
): Promise<ExitCode> {
  const loaded =
    name === undefined ? undefined : await loadRunbook(globals.runbook ?? name, runbookPlaces(), kinds, hostName(name));
  if (loaded && !loaded.ok) return tellFault(loaded.fault, globals, name);
  const made = await makeIso({
    progress,
    ...(loaded && {runbook: loaded.runbook}),
    ...(output !== undefined && {output}),
  });
  if (!made.ok) return tellFault(made.fault, globals, name);
  process.stdout.write(globals.json ? json(isoDocument(made.value)) : renderIso(made.value));
  return exit.done;
}
