import {access, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {sha256, type RunId, type Sha256} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {serveIso, type IsoServer} from '../device/iso-server/serve.ts';
import {fault, type Fault} from '../fault.ts';
import type {Home} from '../home.ts';
import {chunks} from '../image/chunks.ts';
import {debianSources} from '../image/debian/sources.ts';
import {buildBase} from '../image/light/base.ts';
import {buildIso} from '../image/light/iso.ts';
import type {StoredImage} from '../image/manifest.ts';
import {hostFiles, networkFiles} from '../image/os/host-files.ts';
import {recipes} from '../image/os/recipe.ts';
import {findImage, stockImage} from '../image/os/stock.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {disksWritten} from '../step/disk.ts';
import type {LightIso, OsImage, Served, Shelf} from '../step/world.ts';
import type {RunKeys} from './run-keys.ts';

export interface ShelfOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly run: RunId;
  readonly runbook: Runbook;
  readonly keys: RunKeys;
  /** The address under which the BMC reaches this controller. */
  readonly address: () => Promise<Result<string>>;
  /** The image a resumed run was planned with: it keeps to it, whatever has been built since. */
  readonly image: Sha256 | undefined;
  /** Digest of the light ISO the run was begun with, from the journal: the folder it lies in may have been tampered with. */
  readonly iso: Sha256 | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

interface ServedIso {
  readonly iso: LightIso;
  readonly server: IsoServer;
}

/** The run's images: the light ISO, built and served when it is first needed, and the OS image. */
export function openShelf(options: ShelfOptions): Shelf & {close(): Promise<void>} {
  const {run, runbook, keys, say, signal} = options;
  let server: Promise<Result<ServedIso>> | undefined;
  let images: Map<string, Promise<Result<StoredImage>>> | undefined;
  const nothing: Served = {bytes: 0, requests: 0, covered: 0};
  let running: IsoServer | undefined;

  const served = async (): Promise<Result<ServedIso>> => {
    server ??= serveLight(options);
    const up = await server;
    if (up.ok) running = up.value.server;
    else server = undefined;
    return up;
  };
  const stored = (name: string): Promise<Result<StoredImage>> => {
    images ??= new Map();
    const known = images.get(name) ?? findOrBuild(name, options, say, signal);
    images.set(name, known);
    return known;
  };

  return {
    light: async () => {
      const up = await served();
      if (!up.ok) return withRemedy(up.fault, isoFile(options));
      const whole = await up.value.server.check();
      return whole.ok ? ok(up.value.iso) : withRemedy(whole.fault, isoFile(options));
    },
    served: () => running?.served() ?? nothing,
    recount: () => running?.recount(),
    os: async (name) => {
      const image = await stored(name);
      return image.ok ? ok(image.value.image) : image;
    },
    chunks: async function* (image, want) {
      const found = await stored(image.name);
      if (!found.ok) throw new Error(`image ${image.name} is no longer on the shelf`);
      yield* chunks(found.value, want);
    },
    hostFiles: (image: OsImage) =>
      hostFiles(runbook, {id: run, controllerKey: keys.controller.publicLine}, image, {
        privateKey: keys.host.privateKey,
        publicLine: keys.host.publicLine,
      }),
    networkFiles: () => networkFiles(runbook),
    close: async () => {
      await running?.close();
    },
  };
}

const isoFile = ({home, run}: ShelfOptions): string => join(home.state, 'runs', run, 'light.iso');

/** A changed ISO is never made good by itself: somebody changed it. What is gone is made again, of the same bytes. */
function withRemedy(trouble: Fault, file: string): Result<never> {
  const next = `find out who changed it, remove ${file}, then: rebuild resume HOST makes it again`;
  return failed(trouble.code === 'media.digest-differs' ? {next, ...trouble} : trouble);
}

/** Serves the run's light ISO under the run's own path and port, building it where the run has none yet. */
async function serveLight(options: ShelfOptions): Promise<Result<ServedIso>> {
  const {keys, clock} = options;
  const light = await lightOf(options);
  if (!light.ok) return light;
  const address = await options.address();
  if (!address.ok) return address;
  const {file, ...facts} = light.value;
  const {token, port} = keys.media;
  const up = await serveIso({address: address.value, port, token: token.reveal(), file, sha256: facts.sha256, clock});
  return up.ok ? ok({iso: {...facts, url: up.value.url}, server: up.value}) : up;
}

const record = z.strictObject({
  sha256: z.string().refine((text): text is Sha256 => sha256(text) !== undefined),
  base: z.string().refine((text): text is Sha256 => sha256(text) !== undefined),
  bytes: z.int(),
  bootBytes: z.int(),
});
type Light = Omit<LightIso, 'url'> & {readonly file: string};

/** The run's ISO as it was built: a resumed run must serve the same bytes, or a BMC that reads on gets a mixture. */
async function lightOf(options: ShelfOptions): Promise<Result<Light>> {
  const {run, runbook, keys, say, signal} = options;
  const file = isoFile(options);
  const notes = join(dirname(file), 'light.json');
  const known = await readFile(notes, 'utf8').then(
    (text) => record.safeParse(JSON.parse(text)).data,
    () => undefined,
  );
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
  const base = await buildBase({signal, progress: (what) => say(`light iso: ${what}`)});
  if (!base.ok) return base;
  const {wipe, install} = disksWritten(runbook);
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

async function findOrBuild(
  name: string,
  {home, image}: ShelfOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Result<StoredImage>> {
  if (image) return findImage(home, image);
  const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (!recipe)
    return failed(
      fault('image.build-failed', `no image is called ${name}; there is ${Object.keys(recipes).join(', ')}`),
    );
  const sources = await debianSources();
  if (!sources.ok) return sources;
  const stocked = await stockImage(recipe, {
    home,
    sources: sources.value,
    signal,
    progress: (what) => say(`os image ${name}: ${what}`),
  });
  if (!stocked.ok) return stocked;
  if (stocked.value.how === 'old') say(`os image ${name} is of ${stocked.value.builtAt}: ${stocked.value.because}`);
  return ok(stocked.value.stored);
}
