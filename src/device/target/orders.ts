import type {Chunk, DiskImage, ImageSource} from '../../step/world/image.ts';

/** The file of an image's packed chunks, below a source's own path. */
export const blobPath = ({path}: ImageSource, {digest}: Pick<DiskImage, 'digest'>): string =>
  `${path}/${digest}/chunks.zst`;

/** Where each chunk begins in the file of packed chunks: they lie there in the image's order, one after the other. */
export function places({chunks}: DiskImage): ReadonlyMap<number, number> {
  let at = 0;
  return new Map(
    chunks.map(({index, packedLength}) => {
      at += packedLength;
      return [index, at - packedLength];
    }),
  );
}

/**
 * The order in which chunks are brought. Each costs the target the same work, whatever it is packed to: those that come in
 * no time are worked on while the others come, and would be waited for if they came last.
 */
export function inTurn(want: readonly Chunk[]): readonly Chunk[] {
  const usual = want.reduce((sum, {packedLength}) => sum + packedLength, 0) / want.length;
  const quick = ({packedLength}: Chunk): boolean => packedLength < usual / 2;
  return [...want.filter(quick), ...want.filter((chunk) => !quick(chunk))];
}

/** The orders as the agent's `write` reads them (`src/image/light/system/target-write`). */
export function ordersText(image: DiskImage, want: readonly Chunk[], from: readonly ImageSource[]): string {
  const place = places(image);
  const sources = from.map((source, number) => {
    const {address, port, host} = source;
    return `source ${number} ${address} ${port} ${host} ${blobPath(source, image)}\n`;
  });
  const chunks = inTurn(want).map(({index, offset, length, packedLength, packed, raw}) => {
    const at = place.get(index);
    if (at === undefined) throw new Error(`chunk ${index} is not of image ${image.digest}`);
    return `chunk ${index} ${offset} ${length} ${packedLength} ${packed} ${raw} ${at}\n`;
  });
  return [...sources, ...chunks, 'end\n'].join('');
}
