import {createHash} from 'node:crypto';
import {mkdir, open, readFile, readdir, truncate, type FileHandle} from 'node:fs/promises';
import {join} from 'node:path';
import type {HostName, RunId, Sha256} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {custodyLine, firstBefore, readCustody, type Custody, type Operator, type Tool} from '../../evidence/custody.ts';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import {framedNames, isCompanion, openFramed, openImage} from './disk-image.ts';
import {streamInto} from './stream.ts';
import type {Evidence, KeptImage, NewItem, Sealed, Vault} from '../../step/world/evidence.ts';
import {files, placesOf, type Places} from './places.ts';
import {digestOf, holdAgainst, readSeal, writeSeal, type SealKey} from './seal.ts';

export interface VaultOf {
  /** Below which evidence and seals are kept. */
  readonly state: string;
  readonly run: RunId;
  readonly host: HostName;
  readonly asset: string;
  /** Asked when a bundle is opened. */
  readonly operator: () => Promise<Operator>;
  /** This program. */
  readonly tool: () => Tool;
  readonly key: SealKey;
  readonly clock: Clock;
}

/** Evidence in a folder of the controller's, readable by its owner alone. */
export const folderEvidence = (of: VaultOf): Evidence => ({
  check: (bundle, how) => guarded(() => check(placesOf(of.state, of.run, bundle), of.key, how)),
  open: (bundle) => guarded(() => openVault(placesOf(of.state, of.run, bundle), of)),
});

async function check(
  places: Places,
  key: SealKey,
  how: 'whole' | 'quick',
  tell?: Tell,
): Promise<Result<Sealed | undefined>> {
  const seal = await readSeal(places, key);
  if (!seal.ok || !seal.value) return seal as Result<undefined>;
  const bytes = await holdAgainst(places, seal.value.files, how, tell);
  if (!bytes.ok) return bytes;
  const records = readCustody(await readFile(join(places.data, files.custody), 'utf8'));
  if ('brokenAt' in records)
    return failed(fault('evidence.differs', `line ${records.brokenAt} of the custody record does not follow`));
  return ok({
    manifest: seal.value.manifest,
    items: records.filter(({file}) => file !== undefined).length,
    bytes: bytes.value,
    records,
    ...places,
  });
}

async function openVault(places: Places, of: VaultOf): Promise<Result<Vault>> {
  const {data} = places;
  await mkdir(data, {recursive: true, mode: 0o700});
  const journal = join(data, files.custody);
  const text = await readFile(journal, 'utf8').catch(() => '');
  // A line that a crash cut short was never acknowledged.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const held = readCustody(whole);
  if ('brokenAt' in held)
    return failed(fault('evidence.differs', `line ${held.brokenAt} of ${journal} does not follow the one before`));
  if (whole !== text) await truncate(journal, Buffer.byteLength(whole));
  let before =
    whole === ''
      ? firstBefore
      : createHash('sha256')
          .update(whole.split('\n').at(-2) ?? '')
          .digest('hex');
  let number = Math.max(0, ...(await readdir(data)).map((name) => Number(/^(\d{3,6})-/.exec(name)?.[1] ?? 0)));
  const records: Custody[] = [...held];
  const operator = await of.operator();
  const tool = of.tool();

  const record: Vault['record'] = (given) =>
    guarded(async () => {
      const whole: Custody = {
        tool,
        ...given,
        case: of.run,
        host: of.host,
        asset: of.asset,
        operator,
        hashAlso: [`${files.manifest} in ${places.seal}`, `journal of ${of.run}`],
        access: [
          {at: of.clock.now(), who: operator.person, why: 'capture', from: `${of.host}: ${given.source}`, to: data},
        ],
      };
      const {line, digest} = custodyLine(whole, before);
      await using output = await open(journal, 'a', 0o600);
      await output.appendFile(`${line}\n`);
      await output.sync();
      before = digest;
      records.push(whole);
      return ok(undefined);
    });

  return ok({
    held: records,
    record,
    begin: (name, form) =>
      guarded(async () => {
        const id = `${String(++number).padStart(3, '0')}-${name}`;
        const file = `${id}.${form}`;
        return ok(newItem(id, file, await open(join(data, file), 'wx', 0o600)));
      }),
    image: (disk) => guarded(async () => guardedImage(await openImage(data, disk))),
    stream: (name, form) =>
      guarded(async () => {
        const opened = guardedImage(await openFramed(data, framedNames(name, form)));
        return opened.ok ? ok(streamInto(opened.value)) : opened;
      }),
    seal: (tell = () => {}) =>
      guarded(async () => {
        tell({says: 'sealing'});
        const known = new Set(records.map(({file}) => file));
        const names = (await readdir(data)).filter((name) => name !== files.custody);
        for (const file of names.filter((each) => !known.has(each) && !isCompanion(each)))
          await record(await leftOver(join(data, file), file, of));
        const digests = new Map<string, Sha256>();
        const kept = new Map(records.map(({file, sha256}) => [file, sha256]));
        for (const name of names) digests.set(name, kept.get(name) ?? (await digestOf(join(data, name))));
        digests.set(files.custody, await digestOf(journal));
        const sealed = await writeSeal(places, digests, of.key);
        if (!sealed.ok) return sealed;
        const checked = await check(places, of.key, 'whole', tell);
        if (!checked.ok) return checked;
        return checked.value ? ok(checked.value) : failed(fault('evidence.differs', 'the seal is not there'));
      }),
  });
}

/** What a controller that died was writing: kept, and marked. */
async function leftOver(path: string, file: string, {clock}: VaultOf): Promise<Parameters<Vault['record']>[0]> {
  const handle = await open(path, 'r');
  const {size} = await handle.stat();
  await handle.close();
  return {
    id: file.replace(/\..*$/, ''),
    what: 'part of an item whose capture was broken off',
    source: 'the host',
    method: {over: 'ssh', argv: []},
    tool: {name: 'unknown', version: 'unknown', sha256: null},
    began: clock.now(),
    ended: clock.now(),
    clockOffset: null,
    file,
    bytes: size,
    sha256: await digestOf(path),
    complete: false,
    lack: 'lost',
    reason: 'the controller ended while it was written',
  };
}

function newItem(id: string, file: string, handle: FileHandle): NewItem {
  const hash = createHash('sha256');
  let bytes = 0;
  let trouble: unknown;
  return {
    id,
    async write(data) {
      if (trouble !== undefined) return;
      try {
        await handle.writeFile(data);
        hash.update(data);
        bytes += data.length;
      } catch (error) {
        trouble = error;
      }
    },
    end: () =>
      guarded(async () => {
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
        if (trouble !== undefined) throw trouble;
        return ok({file, bytes, sha256: hash.digest('hex') as Sha256});
      }),
  };
}

function guardedImage(opened: Result<KeptImage>): Result<KeptImage> {
  if (!opened.ok) return opened;
  const image = opened.value;
  return ok({
    next: image.next,
    unread: () => image.unread(),
    keep: (frame, size) => guarded(() => image.keep(frame, size)),
    pause: () => image.pause(),
    end: (size, tell) => guarded(() => image.end(size, tell)),
  });
}

/** The file system's refusals as a fault; anything else is a bug. */
async function guarded<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    const {code, path = '', message} = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return failed(fault('evidence.unwritable', `${path}: ${code} ${message}`.slice(0, 200)));
  }
}
