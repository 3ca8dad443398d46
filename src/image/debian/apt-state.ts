import {mkdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
import {runTool} from './tool.ts';

/** An apt of our own beside the machine's: its lists and cache lie below `directory`, and it has no package installed. */
export interface AptState {
  readonly directory: string;
  /** Runs `apt-get` in this state. One at a time on this machine: apt's own locks would fail instead of waiting. */
  get(arguments_: readonly string[], signal?: AbortSignal): Promise<Result<string>>;
  /** Fetches the package lists unless they are younger than `freshMs`. Old lists are good enough where no mirror answers. */
  update(freshMs: number, signal?: AbortSignal): Promise<Result<void>>;
}

/** How the machine's apt reaches its mirrors is kept: proxies, certificates, credentials, timeouts. */
const transport = /^Acquire::(?:http|https|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date)\b.* ".*";$/;

export async function openApt(directory: string, sources: readonly string[]): Promise<Result<AptState>> {
  const dumped = await runTool(['apt-config', 'dump'], {timeoutMs: 60_000});
  if (!dumped.ok) return dumped;
  for (const folder of ['lists/partial', 'none/partial', 'etc'])
    await mkdir(join(directory, folder), {recursive: true, mode: 0o700});
  const configuration = join(directory, 'apt.conf');
  const sourceList = join(directory, 'sources.list');
  const before = await readFile(sourceList, 'utf8').catch(() => '');
  const text = sources.map((line) => `${line}\n`).join('');
  // Lists of other sources are no older lists of these.
  if (before !== text) await rm(join(directory, 'updated'), {force: true});
  await writeFile(sourceList, text);
  await writeFile(join(directory, 'status'), '');
  await writeFile(
    configuration,
    [...dumped.value.split('\n').filter((line) => transport.test(line)), ...settings(directory)].join('\n') + '\n',
    // A proxy's address may carry its password.
    {mode: 0o600},
  );

  const get: AptState['get'] = (arguments_, signal) =>
    runTool(['flock', '-w', '900', join(directory, 'lock'), 'apt-get', '-qq', ...arguments_], {
      env: {APT_CONFIG: configuration, DEBIAN_FRONTEND: 'noninteractive'},
      timeoutMs: 1_800_000,
      ...(signal && {signal}),
    });

  return ok({
    directory,
    get,
    async update(freshMs, signal) {
      const stamp = join(directory, 'updated');
      const age = await stat(stamp).then(
        ({mtimeMs}) => Date.now() - mtimeMs,
        () => undefined,
      );
      if (age !== undefined && age < freshMs) return ok(undefined);
      const updated = await get(['update', '--error-on=any'], signal);
      if (updated.ok) await writeFile(stamp, '');
      else if (age === undefined) return updated;
      return ok(undefined);
    },
  });
}

function settings(directory: string): readonly string[] {
  const options: Readonly<Record<string, string>> = {
    'Dir::Etc': join(directory, 'etc'),
    'Dir::Etc::sourcelist': join(directory, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': '/dev/null',
    'Dir::Etc::netrc': '/etc/apt/auth.conf',
    'Dir::Etc::netrcparts': '/etc/apt/auth.conf.d',
    'Dir::State': directory,
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::State::status': join(directory, 'status'),
    'Dir::State::extended_states': join(directory, 'extended_states'),
    'Dir::Cache': directory,
    // Nothing is ever kept here, so apt names every package of a closure when asked.
    'Dir::Cache::archives': join(directory, 'none'),
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    // `--print-uris` would name MD5 else.
    'Acquire::ForceHash': 'SHA256',
    'Debug::NoLocking': 'true',
  };
  return Object.entries(options).map(([name, value]) => `${name} "${value}";`);
}
