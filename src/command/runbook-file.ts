import {constants} from 'node:fs';
import {open, readdir, stat} from 'node:fs/promises';
import {join, relative, resolve} from 'node:path';
import {hostName, type HostName, type Sha256} from '../brand.ts';
import {fault, type Fault} from '../fault.ts';
import {home} from '../home.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Diagnostic} from '../runbook/diagnostic.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {StepKinds} from '../runbook/steps.ts';
import {didYouMean} from '../runbook/suggest.ts';

/** Where runbooks are looked for, the first first. */
export interface RunbookPlaces {
  readonly cwd: string;
  readonly folders: readonly string[];
}

/** The runbooks that come with rebuild: beside `src` in a clone, beside `dist` in the package. */
export const packagedRunbooks = resolve(import.meta.dirname, '../../runbooks');

/** `./runbooks`, then those of this operator, then the examples. */
export const runbookPlaces = (
  cwd: string = process.cwd(),
  environment: NodeJS.ProcessEnv = process.env,
): RunbookPlaces => ({
  cwd,
  folders: [join(cwd, 'runbooks'), join(home(environment).state, 'runbooks'), packagedRunbooks],
});

export interface FoundRunbook {
  /** Absolute. */
  readonly path: string;
  /** As messages call it: relative where it is below the current directory. */
  readonly file: string;
  /** The host asked for, where it was found by a host's name. */
  readonly host?: HostName;
}

/** A runbook by its host's name, or a file where the name has a slash or ends in .yaml or .yml. */
export async function findRunbook(nameOrFile: string, places: RunbookPlaces): Promise<Result<FoundRunbook>> {
  if (/[/\\]|\.ya?ml$/.test(nameOrFile)) {
    const path = resolve(places.cwd, nameOrFile);
    return (await isFile(path))
      ? ok({path, file: shown(path, places.cwd)})
      : failed(fault('runbook.missing', `there is no file ${shown(path, places.cwd)}`));
  }
  const host = hostName(nameOrFile);
  if (!host) return failed(fault('runbook.missing', `"${nameOrFile}" is neither a host name nor a .yaml file`));
  for (const folder of places.folders) {
    const path = join(folder, `${host}.yaml`);
    if (await isFile(path)) return ok({path, file: shown(path, places.cwd), host});
  }
  const hint = didYouMean(nameOrFile, await knownHosts(places));
  const looked = places.folders.map((folder) => shown(folder, places.cwd)).join(', ');
  return failed(
    fault('runbook.missing', `no runbook for ${host} in ${looked}`, hint === undefined ? {} : {next: hint}),
  );
}

/** Hosts that have a runbook, sorted; also what a shell completes. */
export async function knownHosts({folders}: RunbookPlaces): Promise<readonly string[]> {
  const names = await Promise.all(folders.map(namesIn));
  return [...new Set(names.flat())].toSorted();
}

/** Host names of the runbooks in one folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.flatMap((file) => (file.endsWith('.yaml') ? (hostName(file.slice(0, -'.yaml'.length)) ?? []) : []));
}

export type LoadedRunbook =
  | {readonly ok: true; readonly file: string; readonly runbook: Runbook; readonly digest: Sha256}
  | {
      readonly ok: false;
      readonly file: string;
      readonly fault: Fault;
      /** Where the fault is `runbook.invalid`. */
      readonly diagnostics: readonly Diagnostic[];
    };

/**
 * Finds, reads and parses a runbook. One found by a host's name must describe that host; so must a file where `host` is
 * given (`rebuild marruuk --runbook FILE`).
 */
export async function loadRunbook(
  nameOrFile: string,
  places: RunbookPlaces,
  kinds: StepKinds,
  host?: HostName,
): Promise<LoadedRunbook> {
  const found = await findRunbook(nameOrFile, places);
  if (!found.ok) return {ok: false, file: nameOrFile, fault: found.fault, diagnostics: []};
  const {path, file} = found.value;
  const wanted = host ?? found.value.host;
  const text = await readText(path, file);
  if (!text.ok) return {ok: false, file, fault: text.fault, diagnostics: []};
  // Where a name is only looked up or completed, the schema need not be loaded.
  const {parseRunbook} = await import('../runbook/parse.ts');
  const parsed = parseRunbook(text.value, file, kinds, wanted);
  if (parsed.ok) return {...parsed, file};
  const {diagnostics} = parsed;
  const count = `${diagnostics.length} ${diagnostics.length === 1 ? 'mistake' : 'mistakes'}`;
  const next = `correct ${diagnostics.length === 1 ? 'it' : 'them'}, then: rebuild check ${found.value.host ?? file}`;
  return {ok: false, file, fault: fault('runbook.invalid', `${count} in ${file}`, {next}), diagnostics};
}

async function readText(path: string, file: string): Promise<Result<string>> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const {maxRunbookBytes} = await import('../runbook/parse.ts');
    const {size} = await handle.stat();
    if (size > maxRunbookBytes) return failed(fault('runbook.invalid', `${file} is too large for a runbook`));
    return ok(new TextDecoder('utf-8', {fatal: true}).decode(await handle.readFile()));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
      ? failed(fault('runbook.invalid', `${file} is not UTF-8 text`))
      : failed(fault('runbook.missing', `${file} cannot be read: ${code}`));
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
