import {home as homeOf, type Home} from '../home.ts';
import {fault} from '../fault.ts';
import {debianSources} from '../image/debian/sources.ts';
import {debian, recipes} from '../image/os/recipe.ts';
import {freshDays, stockImage, type Stocked} from '../image/os/stock.ts';
import type {Tell} from '../progress.ts';
import {failed, type Result} from '../result.ts';
import type {StoredImage} from '../image/manifest.ts';
import type {StagedIso} from '../step/world/image.ts';
import {bytes} from '../view/bytes.ts';

export interface ImageWish {
  /** What runbooks call it; `debian` unless given. */
  readonly name?: string;
  /** Looks for newer packages even where the image is fresh. */
  readonly refresh?: boolean;
  readonly home?: Home;
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
}

/** The current OS image of that name: from the cache while it is fresh, else built from this machine's Debian sources. */
export async function stockNamed(wish: ImageWish = {}): Promise<Result<Stocked>> {
  const {name = debian.name, refresh = false, home = homeOf(), progress, signal} = wish;
  const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (!recipe)
    return failed(
      fault('image.build-failed', `no OS image is called ${name}; there is ${Object.keys(recipes).join(', ')}`),
    );
  const sources = await debianSources();
  if (!sources.ok) return sources;
  return stockImage(recipe, {
    home,
    sources: sources.value,
    refresh,
    ...(progress ? {progress} : {}),
    ...(signal ? {signal} : {}),
  });
}

/** What `rebuild image --json` prints. Sizes are bytes. */
export function imageDocument({stored, builtAt, how, because}: Stocked) {
  const {image, about, chunkBytes, dir} = stored;
  return {
    name: image.name,
    digest: image.digest,
    about,
    how,
    ...(because === undefined ? {} : {because}),
    builtAt,
    diskBytes: image.sizeBytes,
    dataBytes: image.chunks.reduce((sum, {length}) => sum + length, 0),
    packedBytes: image.packedBytes,
    chunks: image.chunks.length,
    chunkBytes,
    root: image.root,
    folder: dir,
  };
}

const howText = {
  built: () => 'built now',
  kept: (builtAt: string) =>
    `built ${builtAt.slice(0, 10)}, kept ${freshDays} days; rebuild image --refresh looks for updates`,
  old: (builtAt: string) => `built ${builtAt.slice(0, 10)}, OLD: it could not be renewed`,
} as const;

/** The same for a person, with a line end. */
export function renderImage(stocked: Stocked): string {
  const {name, digest, about, diskBytes, dataBytes, packedBytes, chunks, chunkBytes, folder} = imageDocument(stocked);
  const rows: readonly (readonly [string, string])[] = [
    ['image', `${name} (${about['suite']}, Linux ${about['kernel']})`],
    ['digest', digest],
    ['on disk', `${bytes(diskBytes)}, of which ${bytes(dataBytes)} not zero`],
    ['to send', `${bytes(packedBytes)} in ${chunks} chunks of ${chunkBytes >> 20} MiB, packed`],
    ['state', howText[stocked.how](stocked.builtAt)],
    ...(stocked.because === undefined ? [] : [['because', stocked.because] as const]),
    ['folder', folder],
  ];
  return `${rows.map(([name, text]) => `${name.padEnd(9)}${text}`).join('\n')}\n`;
}

/** What `rebuild image --iso FILE --json` prints. Sizes are bytes. */
export function stagedDocument({image, chunkBytes, dir}: StoredImage<StagedIso>) {
  return {
    name: image.name,
    iso: image.iso,
    digest: image.digest,
    diskBytes: image.sizeBytes,
    packedBytes: image.packedBytes,
    chunks: image.chunks.length,
    chunkBytes,
    starts: image.starts,
    folder: dir,
  };
}

/** The same for a person, with a line end. */
export function renderStaged(stored: StoredImage<StagedIso>): string {
  const {name, iso, digest, diskBytes, packedBytes, chunks, chunkBytes, folder} = stagedDocument(stored);
  const rows: readonly (readonly [string, string])[] = [
    ['iso', `${name}, sha256 ${iso}`],
    ['digest', digest],
    ['on disk', bytes(diskBytes)],
    ['to send', `${bytes(packedBytes)} in ${chunks} chunks of ${chunkBytes >> 20} MiB, packed`],
    ['folder', folder],
  ];
  return `${rows.map(([name, text]) => `${name.padEnd(9)}${text}`).join('\n')}\n`;
}
