import {randomBytes, randomInt} from 'node:crypto';
import {access, mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import type {HostKeyPin, RunId} from '../../brand.ts';
import {newEd25519, type Ed25519} from '../../device/ssh-key/ed25519.ts';
import {fingerprint, parsePrivateKey, privateKeyText, publicLine} from '../../device/ssh-key/openssh-key.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {Secret} from '../../secret.ts';

/** One key pair made for a run. */
export interface RunKey {
  /** For authorized_keys; no line feed. */
  readonly publicLine: string;
  readonly pin: HostKeyPin;
  /** OpenSSH private key file; `parsePrivateKey` gives the raw pair for other formats. */
  readonly privateKey: Secret;
}

/** What is secret in a run, or must be the same when it is resumed. */
export interface RunKeys {
  /** The controller's client key: it logs in to the light system and to the new one. */
  readonly controller: RunKey;
  /** The light system's host key. */
  readonly light: RunKey;
  /** The new system's host key, pinned before that system exists. */
  readonly host: RunKey;
  /** Where the light ISO is served: a path segment nobody guesses, and a TCP port. */
  readonly media: {readonly token: Secret; readonly port: number};
}

const names = ['controller', 'light', 'host'] as const;
const mediaShape = z.strictObject({token: z.string().regex(/^[0-9a-f]{32}$/), port: z.int().min(1).max(65_535)});

const folderOf = (state: string, run: RunId): string => join(state, 'runs', run, 'keys');

/** Keys that are kept nowhere. Without `mediaPort` the port is below those that Linux gives out by itself (32768 and up). */
export function newRunKeys(mediaPort: number = randomInt(20_000, 30_000)): RunKeys {
  const [controller, light, host] = names.map((name) => asRunKey(name, newEd25519())) as [RunKey, RunKey, RunKey];
  return {controller, light, host, media: {token: new Secret(randomBytes(16).toString('hex')), port: mediaPort}};
}

/**
 * The keys of a run that is about to begin, below `state` (`home().state`), on the disk when this returns. Keys that
 * an earlier beginning of the same run left are taken up; damaged ones are put aside. Fault: `journal.unwritable`.
 */
export async function makeRunKeys(
  state: string,
  run: RunId,
  {mediaPort}: {readonly mediaPort?: number} = {},
): Promise<Result<RunKeys>> {
  const found = await loadRunKeys(state, run);
  if (found.ok) return found;
  const keys = newRunKeys(mediaPort);
  const stored = await store(state, run, keys);
  return stored.ok ? ok(keys) : stored;
}

/** The keys of a run that was begun on this machine. Fault: `run.keys-missing`. */
export async function loadRunKeys(state: string, run: RunId): Promise<Result<RunKeys>> {
  const folder = folderOf(state, run);
  const missing = (what: string) => failed(fault('run.keys-missing', `${run}: ${what}`));
  const [controller, light, host] = await Promise.all(names.map((name) => readKey(folder, name)));
  const media = await readMedia(join(folder, 'media.json'));
  if (!controller || !light || !host) return missing(`there is no whole set of keys in ${folder}`);
  if (!media) return missing(`${join(folder, 'media.json')} is missing or damaged`);
  return ok({controller, light, host, media: {token: new Secret(media.token), port: media.port}});
}

/** The private keys of a run as texts, on their way from one machine to another. */
export interface CarriedRunKeys {
  readonly controller: string;
  readonly light: string;
  readonly host: string;
  readonly media: {readonly token: string; readonly port: number};
}

export const carriedKeys = ({controller, light, host, media}: RunKeys): CarriedRunKeys => ({
  controller: controller.privateKey.reveal(),
  light: light.privateKey.reveal(),
  host: host.privateKey.reveal(),
  media: {token: media.token.reveal(), port: media.port},
});

/** Keys that were carried here, if they are whole; nothing is kept yet. */
export function readCarriedKeys(carried: CarriedRunKeys): RunKeys | undefined {
  const [controller, light, host] = names.map((name) => {
    const pair = parsePrivateKey(carried[name]);
    return pair && asRunKey(name, pair);
  });
  const media = mediaShape.safeParse(carried.media).data;
  if (!controller || !light || !host || !media) return undefined;
  return {controller, light, host, media: {token: new Secret(media.token), port: media.port}};
}

/** Keeps keys that were carried here; those that are here already stay. Fault: `journal.unwritable`. */
export async function keepRunKeys(state: string, run: RunId, keys: RunKeys): Promise<Result<void>> {
  const found = await loadRunKeys(state, run);
  const same = found.ok && JSON.stringify(carriedKeys(found.value)) === JSON.stringify(carriedKeys(keys));
  return same ? ok(undefined) : store(state, run, keys);
}

/** The folder appears whole or not at all. */
async function store(state: string, run: RunId, keys: RunKeys): Promise<Result<void>> {
  const folder = folderOf(state, run);
  const mark = randomBytes(4).toString('hex');
  const draft = `${folder}.${mark}.new`;
  try {
    const above = join(state, 'runs', run);
    await mkdir(above, {recursive: true, mode: 0o700});
    await mkdir(draft, {mode: 0o700});
    for (const name of names) {
      await write(join(draft, name), keys[name].privateKey.reveal());
      await write(join(draft, `${name}.pub`), `${keys[name].publicLine}\n`);
    }
    const media = {token: keys.media.token.reveal(), port: keys.media.port};
    await write(join(draft, 'media.json'), `${JSON.stringify(media)}\n`);
    await settle(draft);
    if (await exists(folder)) await rename(folder, `${folder}.${mark}.old`);
    await rename(draft, folder);
    for (const directory of [above, join(state, 'runs'), state]) await settle(directory);
    return ok(undefined);
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    // The first error is the one to tell; a draft that stays behind is never read.
    await rm(draft, {recursive: true, force: true}).catch(() => {});
    return failed(fault('journal.unwritable', `the keys of ${run} cannot be kept in ${folder}: ${code ?? message}`));
  }
}

const asRunKey = (name: (typeof names)[number], pair: Ed25519): RunKey => ({
  publicLine: publicLine(pair, `rebuild-${name}`),
  pin: fingerprint(pair),
  privateKey: new Secret(privateKeyText(pair, `rebuild-${name}`)),
});

async function readKey(folder: string, name: (typeof names)[number]): Promise<RunKey | undefined> {
  const pair = parsePrivateKey((await read(join(folder, name))) ?? '');
  return pair && asRunKey(name, pair);
}

async function readMedia(file: string): Promise<z.output<typeof mediaShape> | undefined> {
  try {
    return mediaShape.safeParse(JSON.parse((await read(file)) ?? '')).data;
  } catch {
    return undefined;
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function write(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.sync();
}

/** Makes a directory's entries durable. */
async function settle(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
