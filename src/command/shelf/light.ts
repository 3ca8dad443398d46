import {access, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {sha256, type RunId, type Sha256} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import type {Home} from '../../home.ts';
import {buildBase, lightCache, openBase, partsOf} from '../../image/light/base.ts';
import {hold} from '../../image/light/prune.ts';
import {buildIso} from '../../image/light/iso.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {disksWritten} from '../../step/disk.ts';
import {within, type Tell} from '../../progress.ts';
import type {LightIso} from '../../step/world/image.ts';
import type {RunKeys} from '../sitting/run-keys.ts';

export interface LightOptions {
  readonly home: Home;
  readonly run: RunId;
  readonly runbook: Runbook;
  readonly keys: RunKeys;
  /** Digest of the light ISO the run was begun with, from the journal: the folder it lies in may have been tampered with. */
  readonly iso: Sha256 | undefined;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export const isoFile = ({home, run}: LightOptions): string => join(home.state, 'runs', run, 'light.iso');

/** A changed ISO is never made good by itself: somebody changed it. What is gone is made again, of the same bytes. */
export function withRemedy(trouble: Fault, file: string): Result<never> {
  const next = `find out who changed it, remove ${file}, then: rebuild resume HOST makes it again`;
  return failed(trouble.code === 'media.digest-differs' ? {next, ...trouble} : trouble);
}

const record = z.strictObject({
  sha256: z.string().refine((text): text is Sha256 => sha256(text) !== undefined),
  base: z.string().refine((text): text is Sha256 => sha256(text) !== undefined),
  bytes: z.int(),
  bootBytes: z.int(),
});
export type Light = Omit<LightIso, 'url'> & {readonly file: string};

/** The run's ISO as it was built: a resumed run must serve the same bytes, or a BMC that reads on gets a mixture. */
export async function lightOf(options: LightOptions): Promise<Result<Light>> {
  const {run, runbook, keys, tell, signal} = options;
  const file = isoFile(options);
  const notes = join(dirname(file), 'light.json');
  // A controller that was killed while it wrote the record has left half of one, which is none.
  const known = await readFile(notes, 'utf8')
    .then((text) => record.safeParse(JSON.parse(text)).data)
    .catch(() => undefined);
  const kept = await access(file).then(
    () => true,
    () => false,
  );
  const recorded = options.iso ?? known?.sha256;
  if (known && kept && known.sha256 !== recorded)
    return failed(
      fault('media.digest-differs', `${notes} names sha256:${known.sha256}, not the image recorded for this run`, {
        detail: {expected: recorded ?? null, found: known.sha256},
      }),
    );
  if (known && kept) return ok({...known, file});
  const before = known && (await openBase(known.base));
  const base = before ? ok(before) : await buildBase({signal, progress: within('light iso', tell)});
  if (!base.ok) return base;
  await hold(lightCache(options.home), {folder: dirname(file), names: partsOf(base.value)});
  const {wipe, install, memory} = disksWritten(runbook);
  const {mac, address, gateway, dns} = runbook.network;
  const built = await buildIso(
    base.value,
    {
      run,
      address,
      gateway,
      mac,
      dns,
      hostKey: keys.light.privateKey,
      authorizedKey: keys.controller.publicLine,
      plan: {wipe, install},
      memory,
    },
    file,
  );
  if (!built.ok) return built;
  const {sha256: digest, bytes, bootBytes} = built.value;
  const facts = {sha256: digest, base: base.value.digest, bytes, bootBytes};
  if (recorded !== undefined && recorded !== digest) {
    await rm(file, {force: true});
    return failed(
      fault('media.digest-differs', `made again, ${file} is sha256:${digest}, not the image recorded for this run`, {
        next: 'rebuild abandon HOST -m REASON, and begin again: the packages it was made from have changed',
      }),
    );
  }
  await writeFile(notes, JSON.stringify(facts), {mode: 0o600, flush: true});
  return ok({...facts, file});
}

/** Kernel and system, of which every run's ISO is made; from the cache once they have been built. */
export async function lightBytes({signal, tell}: Pick<LightOptions, 'signal' | 'tell'>): Promise<Result<number>> {
  const base = await buildBase({signal, progress: within('light iso', tell)});
  if (!base.ok) return base;
  const read = base.value.parts.filter(({name}) => name === 'kernel' || name === 'archive');
  return ok(read.reduce((sum, {packedBytes = 0}) => sum + packedBytes, 0));
}
