import {fault, type Fault} from '../fault.ts';
import type {MediumForecast} from './forecast/forecast.ts';
import type {Losses} from './forecast/losses.ts';
import {over} from './over.ts';
import type {MediumPath} from './path.ts';
import type {TransferOutlook} from './transfer.ts';

/** What may be expected of what a step needs, by how it comes. */
export type Outlook = MediumOutlook | TransferOutlook;

/** What may be expected of a medium that a step mounts. Moves with the path, so a plan's digest leaves it out. */
export interface MediumOutlook {
  readonly is: 'medium';
  /** What it is called: `light`, or the file. */
  readonly name: string;
  readonly bytes: number;
  readonly path: MediumPath;
  /** Absent where the path's rate is not known. Infinite times are null in JSON. */
  readonly medium?: MediumForecast;
  /** The light ISO over the same path, where the medium is another and its size could be told. */
  readonly light?: MediumForecast;
  /** Why it is mounted all the same: the operator's words. */
  readonly forced?: string;
  /** It is hopeless, and nobody said why it should be tried. */
  readonly refusal?: Fault;
}

export interface Outlooked {
  readonly name: string;
  readonly bytes: number;
  readonly promiseSeconds?: number | undefined;
  /** Absent of the light ISO. */
  readonly own?: {
    /** Of the light ISO, where that could be told. */
    readonly lightBytes?: number;
    readonly force?: string | undefined;
  };
}

/** Pure. The light ISO itself is never refused: there is nothing lighter to offer. */
export function outlook(path: MediumPath, {name, bytes, promiseSeconds, own}: Outlooked): MediumOutlook {
  const forced = own?.force;
  const medium = over(path, bytes, promiseSeconds);
  const light = own?.lightBytes === undefined ? undefined : over(path, own.lightBytes, promiseSeconds);
  const refused = own && forced === undefined && medium?.verdict.is === 'hopeless';
  return {
    is: 'medium',
    name,
    bytes,
    path,
    ...(forced === undefined ? {} : {forced}),
    ...(medium && {medium}),
    ...(light && {light}),
    ...(refused && {refusal: refusal(name, medium, light)}),
  };
}

function refusal(name: string, medium: MediumForecast, light: MediumForecast | undefined): Fault {
  const {verdict} = medium;
  const chance = verdict.is === 'hopeless' ? verdict.chance : 0;
  const instead = light
    ? `${takes('The light ISO', light)}${good(light)}`
    : 'How large the light ISO is could not be told';
  return fault('media.hopeless', `${takes(name, medium)}${why(medium, chance)}. ${instead}.`, {
    next: 'take `image: light`, and media.stage for the big one; or say in the step why: `force: REASON`',
    detail: {
      bytes: medium.sizeBytes,
      bytesPerSecond: Math.round(medium.bytesPerSecond),
      wholeSeconds: finite(medium.wholeSeconds),
      chance,
      lightBytes: light?.sizeBytes ?? null,
      lightSeconds: light ? finite(light.wholeSeconds) : null,
      lightChance: light?.onePiece ?? null,
    },
  });
}

const finite = (value: number): number | null => (Number.isFinite(value) ? Math.round(value) : null);

const takes = (name: string, {sizeBytes, bytesPerSecond, wholeSeconds}: MediumForecast): string =>
  Number.isFinite(wholeSeconds)
    ? `${name}, ${mega(sizeBytes)} at ${kilo(bytesPerSecond)}, takes ${time(wholeSeconds)}`
    : `${name}, ${mega(sizeBytes)}, does not move`;

function why({verdict, losses, deadlineSeconds}: MediumForecast, chance: number): string {
  if (verdict.is !== 'hopeless') return '';
  const {because} = verdict;
  switch (because) {
    case 'still':
      return '';
    case 'deadline':
      return `, and ${time(deadlineSeconds ?? 0)} are promised`;
    case 'session':
    case 'losses':
      return `, and the path ${loses(losses)}: ${odds(chance)}`;
    default:
      return because satisfies never;
  }
}

function loses(losses: Losses): string {
  switch (losses.known) {
    case 'nothing':
      return 'is unwatched';
    case 'mean':
      return `loses a medium every ${time(losses.seconds)}`;
    case 'session':
      return `ends every session after ${time(losses.seconds)}`;
    case 'seen':
      return `lost a medium ${losses.losses} times in ${time(losses.seconds)}`;
    default:
      return losses satisfies never;
  }
}

const good = ({onePiece}: MediumForecast): string =>
  onePiece === undefined ? '' : `: ${Math.round(onePiece * 100)} % before the next loss`;

function odds(chance: number): string {
  if (chance >= 0.01) return `a chance of ${Math.round(chance * 100)} %`;
  return chance < 1e-6 ? 'less than one chance in a million' : `one chance in ${Math.round(1 / chance)}`;
}

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
const kilo = (rate: number): string => `${Math.round(rate / 1e3)} kB/s`;

/** `45 s`, `30 min`, `8.8 h`. */
function time(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
