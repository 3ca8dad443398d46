import {mkdir, mkdtemp, readFile, readdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {home} from '../../home.ts';
import {failed, ok, type Result} from '../../result.ts';
import {fetchPackages} from './fetch.ts';
import {runTool} from './tool.ts';

/** A program that needs nothing of the machine it runs on. */
export interface StaticBusybox {
  readonly content: Uint8Array;
  /** Debian's version of the package. */
  readonly version: string;
}

const folder = (): string => join(home().cache, 'suspect');

/**
 * Debian's statically linked busybox for amd64, out of its package, which apt has verified. From the cache where it is
 * there: the lab's controller, and one at an incident, may reach nothing outside. Fault: `image.build-failed`.
 */
export async function staticBusybox(signal?: AbortSignal): Promise<Result<StaticBusybox>> {
  const kept = await load();
  if (kept) return ok(kept);
  const debs = await fetchPackages(['busybox-static'], undefined, signal ? {signal} : {});
  if (!debs.ok) return debs;
  const deb = debs.value.find(({name}) => name === 'busybox-static');
  if (!deb) return failed(fault('image.build-failed', 'Debian has no busybox-static for this machine'));
  await mkdir(folder(), {recursive: true});
  const work = await mkdtemp(join(folder(), 'work-'));
  try {
    const unpacked = await runTool(['dpkg-deb', '--extract', deb.file, work]);
    if (!unpacked.ok) return unpacked;
    const path = ['usr/bin/busybox', 'bin/busybox'].map((name) => join(work, name));
    for (const file of path) {
      const content = await readFile(file).catch(() => undefined);
      if (!content) continue;
      await rename(file, join(folder(), `busybox_${encodeURIComponent(deb.version)}`));
      return ok({content, version: deb.version});
    }
    return failed(fault('image.build-failed', `${deb.file} holds no busybox`));
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

async function load(): Promise<StaticBusybox | undefined> {
  const names = await readdir(folder()).catch(() => []);
  const name = names
    .filter((each) => each.startsWith('busybox_'))
    .toSorted()
    .at(-1);
  if (name === undefined) return undefined;
  const content = await readFile(join(folder(), name));
  return {content, version: decodeURIComponent(name.slice('busybox_'.length))};
}
