import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, open, readFile, rename, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {manifestText, readManifest, sealNamespace, sealPrincipal} from '../../evidence/manifest.ts';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Secret} from '../../secret.ts';
import {complaint, sshKeygen, withFiles} from '../signature/keygen.ts';
import {files, type Places} from './places.ts';
import {readme} from './readme.ts';

/** The run's own key pair, which seals. */
export interface SealKey {
  readonly publicLine: string;
  readonly privateKey: Secret;
}

const waitMs = 20_000;
/** What a quick check still reads. */
const smallBytes = 64 * 2 ** 20;

/** Signs the manifest of the data and puts it apart. Faults: `evidence.unwritable`, `gate.key-unusable`. */
export async function writeSeal(
  {data, seal}: Places,
  digests: ReadonlyMap<string, Sha256>,
  {publicLine, privateKey}: SealKey,
): Promise<Result<Sha256>> {
  const text = manifestText(digests);
  const signed = await withFiles({key: privateKey.reveal()}, (path) =>
    sshKeygen(['-Y', 'sign', '-q', '-n', sealNamespace, '-f', path('key')], text, {waitMs}),
  );
  if (signed.code !== 0 || !signed.stdout.startsWith('-----BEGIN SSH SIGNATURE-----'))
    return failed(fault('gate.key-unusable', `the seal was not made: ${complaint(signed.stderr) || 'no ssh-keygen'}`));
  const [type = '', key = ''] = publicLine.split(' ');
  await mkdir(seal, {recursive: true, mode: 0o700});
  await durably(join(seal, files.signers), `${sealPrincipal} namespaces="${sealNamespace}" ${type} ${key}\n`);
  await durably(join(seal, files.readme), readme(data));
  await durably(join(seal, files.signature), signed.stdout);
  // Last: a bundle is sealed when its manifest is there.
  await durably(join(seal, files.manifest), text);
  return ok(hashText(text));
}

export interface SealRead {
  readonly manifest: Sha256;
  readonly files: ReadonlyMap<string, Sha256>;
}

/** The manifest of a sealed bundle, its signature checked with the run's key; undefined where nothing is sealed. */
export async function readSeal(
  {seal}: Places,
  {publicLine}: Pick<SealKey, 'publicLine'>,
): Promise<Result<SealRead | undefined>> {
  const text = await readFile(join(seal, files.manifest), 'utf8').catch(() => undefined);
  if (text === undefined) return ok(undefined);
  const signature = await readFile(join(seal, files.signature), 'utf8').catch(() => '');
  const [type = '', key = ''] = publicLine.split(' ');
  const signers = `${sealPrincipal} namespaces="${sealNamespace}" ${type} ${key}\n`;
  const verified = await withFiles({signature, signers}, (path) =>
    sshKeygen(
      ['-Y', 'verify', '-f', path('signers'), '-I', sealPrincipal, '-n', sealNamespace, '-s', path('signature')],
      text,
      {waitMs},
    ),
  );
  if (verified.code !== 0) return differs(`its seal in ${seal} does not fit: ${complaint(verified.stderr)}`);
  const listed = readManifest(text);
  return listed ? ok({manifest: hashText(text), files: listed}) : differs(`the manifest in ${seal} is damaged`);
}

/** Every file of the manifest as it lies there now; gives their bytes. */
export async function holdAgainst(
  {data}: Places,
  listed: ReadonlyMap<string, Sha256>,
  how: 'whole' | 'quick',
  tell: Tell = () => {},
): Promise<Result<number>> {
  const sizes = await Promise.all([...listed.keys()].map((name) => stat(join(data, name)).catch(() => undefined)));
  const of = sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
  let bytes = 0;
  for (const [name, digest] of listed) {
    const file = join(data, name);
    const before = bytes;
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined) return differs(`${name} is missing from ${data}`);
    bytes += size;
    if (
      (how === 'whole' || size <= smallBytes) &&
      (await digestOf(file, (read) =>
        tell({says: 'reading back what was sealed', done: before + read, of, unit: 'bytes'}),
      )) !== digest
    )
      return differs(`${name} in ${data} is not what was sealed`);
  }
  return ok(bytes);
}

const differs = (says: string): Result<never> => failed(fault('evidence.differs', says));

const hashText = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256;

export async function digestOf(file: string, read: (bytes: number) => void = () => {}): Promise<Sha256> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const data of createReadStream(file, {highWaterMark: 1 << 20})) {
    hash.update(data as Uint8Array);
    bytes += (data as Uint8Array).length;
    read(bytes);
  }
  return hash.digest('hex') as Sha256;
}

/** The file is there whole and durable, or not at all. */
export async function durably(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  {
    await using handle = await open(draft, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  }
  await rename(draft, file);
}
