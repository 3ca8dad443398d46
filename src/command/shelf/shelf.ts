import {join, resolve} from 'node:path';
import type {RunId, Sha256} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {openIsoServer, type IsoServer, type OfferedIso} from '../../device/iso-server/serve.ts';
import {fault} from '../../fault.ts';
import type {Home} from '../../home.ts';
import {chunks} from '../../image/chunks.ts';
import {buildBase} from '../../image/light/base.ts';
import {bootFile} from '../../image/medium/boot-file.ts';
import {makeLoader, type LoaderIso} from '../../image/medium/loader.ts';
import {debianSources} from '../../image/debian/sources.ts';
import type {StoredImage} from '../../image/manifest.ts';
import {fileList} from '../../image/os/file-list.ts';
import {withFiles} from '../../image/os/host-tree.ts';
import {hostFiles, networkFiles} from '../../image/os/host-files.ts';
import {recipes} from '../../image/os/recipe.ts';
import {findImage, stockImage} from '../../image/os/stock.ts';
import {within, type Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {LightIso, Medium, OsImage, StagedIso} from '../../step/world/image.ts';
import type {Served, Shelf} from '../../step/world/shelf.ts';
import {readDocument, readSaved} from '../document.ts';
import {onceEach} from '../once-each.ts';
import type {RunKeys} from '../sitting/run-keys.ts';
import {isoFile, lightBytes, lightOf, withRemedy} from './light.ts';
import {ownIsos} from './own.ts';

export interface ShelfOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly run: RunId;
  readonly runbook: Runbook;
  /** The runbook's folder: paths of the operator's own images count from there. */
  readonly folder: string;
  readonly keys: RunKeys;
  /** The address under which the BMC reaches this controller. */
  readonly address: () => Promise<Result<string>>;
  /** The image a resumed run was planned with: it keeps to it, whatever has been built since. */
  readonly image: Sha256 | undefined;
  /** Digest of the light ISO the run was begun with, from the journal: the folder it lies in may have been tampered with. */
  readonly iso: Sha256 | undefined;
  readonly say: (line: string) => void;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

interface OfferedLight {
  readonly iso: LightIso;
  readonly offer: OfferedIso;
}

/** The run's images: the light ISO, built and served when it is first needed, the OS image, and the operator's own. */
export function openShelf(options: ShelfOptions): Shelf & {close(): Promise<void>} {
  const {run, runbook, keys, tell, signal} = options;
  const images = new Map<string, Promise<Result<StoredImage>>>();
  const nothing: Served = {bytes: 0, requests: 0, covered: 0};
  let lightOffer: OfferedIso | undefined;

  let serving: IsoServer | undefined;
  const server = onceEach(async () => {
    const up = await openServer(options);
    if (up.ok) serving = up.value;
    return up;
  });
  const light = onceEach(async (): Promise<Result<OfferedLight>> => {
    const made = await lightOf(options);
    if (!made.ok) return made;
    const up = await server('server');
    if (!up.ok) return up;
    const {file, ...facts} = made.value;
    const offer = await up.value.offer({
      token: keys.media.token.reveal(),
      file,
      sha256: facts.sha256,
      progress: within('light iso', tell),
    });
    if (!offer.ok) return offer;
    lightOffer = offer.value;
    return ok({iso: {...facts, url: offer.value.url}, offer: offer.value});
  });
  const own = ownIsos({...options, server: () => server('server')});
  const stored = (name: string): Promise<Result<StoredImage>> => {
    const known = images.get(name) ?? findOrBuild(name, options);
    images.set(name, known);
    return known;
  };
  const lists = onceEach(async (_: string, name: string) => {
    const image = await stored(name);
    return image.ok ? fileList(image.value) : image;
  });
  const offerOf = (medium: Medium | undefined): OfferedIso | undefined =>
    medium === undefined ? lightOffer : own.offer(medium);

  return {
    light: async () => {
      const up = await light('light');
      if (!up.ok) return withRemedy(up.fault, isoFile(options));
      const whole = await up.value.offer.check();
      return whole.ok ? ok(up.value.iso) : withRemedy(whole.fault, isoFile(options));
    },
    lightBytes: () => lightBytes({signal, tell}),
    iso: (iso) => own.iso(iso),
    staged: (iso) => own.stage(iso),
    bootFile: async ({digest, name}, path) => {
      const image = own.image(digest);
      return image ? bootFile(image, path) : failed(fault('image.missing', `${name} has not been staged`));
    },
    loader: async (image) => {
      const made = await loaderFor(image, options);
      if (!made.ok) return made;
      const {file, sha256, bootBytes} = made.value;
      const medium = await own.handOut(file, sha256);
      return medium.ok ? ok({...medium.value, bootBytes}) : medium;
    },
    tree: async (image) => {
      const listed = await lists(image.digest, image.name);
      if (!listed.ok) return listed;
      const own = hostFiles(runbook, {id: run, controllerKey: keys.controller.publicLine}, image, {
        privateKey: keys.host.privateKey,
        publicLine: keys.host.publicLine,
      });
      return ok(withFiles(listed.value, [...own, ...networkFiles(runbook)]));
    },
    document: (file) => readDocument(resolve(options.folder, file)),
    saved: (file) => readSaved(resolve(options.folder, file)),
    served: (medium) => offerOf(medium)?.served() ?? nothing,
    recount: (medium) => offerOf(medium)?.recount(),
    os: async (name) => {
      const image = await stored(name);
      return image.ok ? ok(image.value.image) : image;
    },
    chunks: async function* (image, want) {
      const staged = own.image(image.digest);
      const found = staged ? ok(staged) : await stored(image.name);
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
      await serving?.close();
    },
  };
}

/** Under the run's own port. */
async function openServer({address, keys, clock}: ShelfOptions): Promise<Result<IsoServer>> {
  const found = await address();
  return found.ok ? openIsoServer({address: found.value, port: keys.media.port, clock}) : found;
}

/** The loader's medium: the same bytes whenever it is made from the same packages. */
async function loaderFor({uuid}: StagedIso, {home, run, tell, signal}: ShelfOptions): Promise<Result<LoaderIso>> {
  const base = await buildBase({signal, progress: within('loader', tell)});
  return base.ok ? makeLoader(base.value.builder, uuid, join(home.state, 'runs', run, 'loader.iso')) : base;
}

async function findOrBuild(name: string, {home, image, say, tell, signal}: ShelfOptions): Promise<Result<StoredImage>> {
  const progress = within(`os image ${name}`, tell);
  if (image) return findImage(home, image, progress);
  const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (!recipe)
    return failed(
      fault('image.build-failed', `no image is called ${name}; there is ${Object.keys(recipes).join(', ')}`),
    );
  const sources = await debianSources();
  if (!sources.ok) return sources;
  const stocked = await stockImage(recipe, {home, sources: sources.value, signal, progress});
  if (!stocked.ok) return stocked;
  if (stocked.value.how === 'old') say(`os image ${name} is of ${stocked.value.builtAt}: ${stocked.value.because}`);
  return ok(stocked.value.stored);
}
