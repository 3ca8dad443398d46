import type {MediumForecast} from './forecast/forecast.ts';
import {over} from './over.ts';
import type {MediumPath, Way} from './path.ts';

/**
 * What may be expected of an image that a step brings through the light system, over the link and not over the BMC's
 * virtual media. Moves with the link, so a plan's digest leaves it out.
 */
export interface TransferOutlook {
  readonly is: 'transfer';
  readonly name: string;
  /** Compressed, as they go over the link. */
  readonly bytes: number;
  readonly path: Way;
  /** Absent where the link's rate is not known. It resumes: `resume` is what it takes. */
  readonly transfer?: MediumForecast;
  /** The same ISO as the virtual CD, which it is staged to avoid; absent where the image is no ISO. */
  readonly direct?: {
    readonly path: MediumPath;
    /** Absent where that path's rate is not known. */
    readonly medium?: MediumForecast;
  };
}

export interface Transferred {
  readonly name: string;
  readonly packedBytes: number;
  /** Of an ISO that a BMC could mount, too. */
  readonly isoBytes?: number;
  readonly promiseSeconds?: number | undefined;
}

/** Pure. */
export function transferOutlook(
  {link, path}: {readonly link: Way; readonly path: MediumPath},
  {name, packedBytes, isoBytes, promiseSeconds}: Transferred,
): TransferOutlook {
  const transfer = over(link, packedBytes, promiseSeconds);
  const medium = isoBytes === undefined ? undefined : over(path, isoBytes, promiseSeconds);
  return {
    is: 'transfer',
    name,
    bytes: packedBytes,
    path: link,
    ...(transfer && {transfer}),
    ...(isoBytes !== undefined && {direct: {path, ...(medium && {medium})}}),
  };
}
