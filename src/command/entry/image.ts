import {resolve} from 'node:path';
import {hostName, sha256} from '../../brand.ts';
import type {Globals} from '../../cli.ts';
import {exit, type ExitCode} from '../../exit.ts';
import {fault} from '../../fault.ts';
import {home} from '../../home.ts';
import {stageIso} from '../../image/medium/stage.ts';
import {within} from '../../progress.ts';
import {kinds} from '../../step/registry.ts';
import {exportImage} from '../../image/export.ts';
import {atWork} from '../at-work.ts';
import {imageDocument, renderImage, renderStaged, stagedDocument, stockNamed} from '../image.ts';
import {isoDocument, makeIso, renderIso} from '../iso.ts';
import {openReading} from '../session.ts';
import {tidyLight} from '../tidy.ts';
import {stagedStore} from '../shelf/own.ts';
import {loadRunbook, runbookPlaces} from '../runbook-file.ts';
import {tellFault} from '../tell-fault.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

interface ImageOptions {
  readonly refresh?: boolean;
  /** A folder that a static server serves. */
  readonly export?: string;
  /** An operator's own ISO in place of the OS image, and its digest. */
  readonly iso?: string;
  readonly sha256?: string;
}

export async function image(options: ImageOptions, globals: Globals): Promise<ExitCode> {
  const {refresh = false, export: folder, iso: file} = options;
  if (file !== undefined) return ownImage(file, options, globals);
  const stocked = await atWork(globals, (progress) => stockNamed({refresh, progress}));
  if (!stocked.ok) return tellFault(stocked.fault, globals, undefined);
  const exported =
    folder === undefined ? undefined : await atWork(globals, (tell) => exportImage(stocked.value.stored, folder, tell));
  if (exported && !exported.ok) return tellFault(exported.fault, globals, undefined);
  if (exported) say(`laid out in ${exported.value}; in the runbook, os.install takes from: [http://ADDRESS/PATH]`);
  process.stdout.write(globals.json ? json(imageDocument(stocked.value)) : renderImage(stocked.value));
  return exit.done;
}

/** An ISO cut into chunks as media.stage sends them, for a server that is to hand them out instead. */
async function ownImage(
  file: string,
  {sha256: text = '', export: folder}: ImageOptions,
  globals: Globals,
): Promise<ExitCode> {
  const digest = sha256(text);
  if (!digest) return tellFault(fault('image.missing', '--iso wants --sha256, 64 hex digits'), globals, undefined);
  const staged = await atWork(globals, (progress) =>
    stageIso({store: stagedStore(home()), file: resolve(file), sha256: digest, progress: within(file, progress)}),
  );
  if (!staged.ok) return tellFault(staged.fault, globals, undefined);
  const exported =
    folder === undefined ? undefined : await atWork(globals, (tell) => exportImage(staged.value, folder, tell));
  if (exported && !exported.ok) return tellFault(exported.fault, globals, undefined);
  if (exported) say(`laid out in ${exported.value}; in the runbook, media.stage takes from: [http://ADDRESS/PATH]`);
  process.stdout.write(globals.json ? json(stagedDocument(staged.value)) : renderStaged(staged.value));
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
  const made = await atWork(globals, (progress) =>
    makeIso({progress, ...(loaded && {runbook: loaded.runbook}), ...(output !== undefined && {output})}),
  );
  if (!made.ok) return tellFault(made.fault, globals, name);
  const session = openReading(false);
  if (session.ok) await tidyLight(session.value.home, session.value.journal);
  process.stdout.write(globals.json ? json(isoDocument(made.value)) : renderIso(made.value));
  return exit.done;
}
