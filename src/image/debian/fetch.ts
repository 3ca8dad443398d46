import {createHash} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {sha256, type Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {home} from '../../home.ts';
import {meanwhile} from '../../meanwhile.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import {openApt, type AptState} from './apt-state.ts';
import {debianSources} from './sources.ts';
import {downloaded} from './downloads.ts';
import {requireTools} from './tool.ts';

/** One package file on this machine, verified against the digest in Debian's signed index. */
export interface Deb {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

export interface Fetch {
  /** How old the package lists may be before they are fetched again; a week unless given. */
  readonly freshMs?: number;
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
}

const weekMs = 7 * 24 * 3600_000;

/** Where fetched packages are kept for every image of this machine. */
export const archives = (): string => join(home().cache, 'debian/archives');

/**
 * Brings `names` and all they depend on into `dir`, as any user, and gives the whole closure in a fixed order. What is
 * there already is not fetched again.
 */
export async function fetchPackages(
  names: readonly string[],
  dir: string = archives(),
  {freshMs = weekMs, progress = () => {}, signal}: Fetch = {},
): Promise<Result<readonly Deb[]>> {
  const tools = await requireTools([
    {program: 'apt-get', package: 'apt'},
    {program: 'apt-config', package: 'apt'},
    {program: 'flock', package: 'util-linux'},
  ]);
  if (!tools.ok) return tools;
  const sources = await debianSources();
  if (!sources.ok) return sources;
  const apt = await openApt(join(home().cache, 'debian/apt'), sources.value);
  if (!apt.ok) return apt;
  progress({says: 'asking Debian for its package lists'});
  const updated = await apt.value.update(freshMs, signal);
  if (!updated.ok) return updated;
  const first = await fetchClosure(apt.value, names, dir, progress, signal);
  if (first.ok) return first;
  // Mirrors drop superseded versions: older lists may name files that are gone.
  const again = await apt.value.update(0, signal);
  return again.ok ? fetchClosure(apt.value, names, dir, progress, signal) : again;
}

async function fetchClosure(
  apt: AptState,
  names: readonly string[],
  dir: string,
  tell: Tell,
  signal?: AbortSignal,
): Promise<Result<readonly Deb[]>> {
  await mkdir(join(dir, 'partial'), {recursive: true});
  const listed = await apt.get(['install', '--print-uris', '--', ...names], signal);
  if (!listed.ok) return listed;
  const debs = parseUris(listed.value, dir);
  if (!debs.ok) return debs;
  tell({says: 'comparing packages with their digests'});
  const there = await Promise.all(debs.value.map(isThere));
  if (there.every(Boolean)) return debs;
  const missing = debs.value.filter((_, index) => !there[index]);
  const exact = debs.value.map(({name, version}) => `${name}=${version}`);
  const options = ['-y', '--download-only', '-o', `Dir::Cache::archives=${dir}`];
  const fetched = await meanwhile(
    apt.get(['install', ...options, '--', ...exact], signal),
    () => downloaded(missing, dir),
    tell,
  );
  if (!fetched.ok) return fetched;
  const verified = await Promise.all(debs.value.map(async (deb) => ({deb, there: await isThere(deb)})));
  const wrong = verified.find(({there}) => !there);
  if (wrong) return failed(fault('image.build-failed', `${wrong.deb.file} is not what Debian's index names`));
  return debs;
}

/** Lines of `apt-get --print-uris`: quoted address, file name, bytes, digest. Sorted by name. */
export function parseUris(text: string, dir: string): Result<readonly Deb[]> {
  const debs: Deb[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith("'")) continue;
    const [, file = '', count = '', digest = ''] = /^'[^']*' (\S+) (\d+) SHA256:(\S+)$/.exec(line) ?? [];
    // apt writes the colon of an epoch as %3a in file names.
    const [name, version, architecture] = file
      .replace(/\.deb$/, '')
      .split('_')
      .map(decodeURIComponent);
    const hash = sha256(digest);
    if (!name || !version || !architecture || !hash)
      return failed(fault('image.build-failed', `apt names a package without a SHA-256: ${line.slice(0, 200)}`));
    debs.push({name, version, architecture, file: join(dir, file), bytes: Number(count), sha256: hash});
  }
  return ok(debs.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

async function isThere({file, bytes, sha256}: Deb): Promise<boolean> {
  const content = await readFile(file).catch(() => undefined);
  return content?.length === bytes && createHash('sha256').update(content).digest('hex') === sha256;
}

/** What an image was made of: one line a package, in a form that two machines can compare. */
export const lockText = (debs: readonly Deb[]): string =>
  debs.map(({name, version, architecture, sha256}) => `${name} ${version} ${architecture} ${sha256}\n`).join('');

export const lockDigest = (debs: readonly Deb[]): Sha256 =>
  createHash('sha256').update(lockText(debs)).digest('hex') as Sha256;

/** Writes the lock beside what was built from it. */
export const writeLock = (debs: readonly Deb[], file: string): Promise<void> => writeFile(file, lockText(debs));
