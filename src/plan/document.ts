import {planDocument, type MovingDocument, type PlanDocument} from './document-schema.ts';
import {digestOf} from './assemble.ts';
import type {MediumForecast} from './forecast/forecast.ts';
import type {MediumOutlook, Outlook} from './outlook.ts';
import {planFormat, type Moving, type Plan} from './plan.ts';
import type {TransferOutlook} from './transfer.ts';

/** A plan as programs read it: what `--json` prints, `-o` saves and `runbooks/plan.schema.json` describes. */
export function documentOf({moving, ...plan}: Plan): PlanDocument {
  return {type: 'plan', ...plan, ...(moving && {moving: movingOf(moving)})};
}

/** The plan alone. What moves is not agreed to: nobody is to read a forecast from a file and take it for today's. */
export function planOf(document: PlanDocument): Plan {
  const {type: _, moving: __, until: ___, ...plan} = document;
  return plan;
}

// The plan of a host with sixty-four disks has a few hundred kilobytes.
export const maxPlanBytes = 4 * 1024 * 1024;

/** A saved plan's text as the plan, if its digest is that of its content; else why it is none. */
export function parsePlan(text: string): {readonly document: PlanDocument} | {readonly wrong: string} {
  if (Buffer.byteLength(text) > maxPlanBytes) return {wrong: 'it is too large for a plan'};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {wrong: 'it is not JSON, or cut off'};
  }
  const format = formatOf(value);
  if (format !== undefined && format !== planFormat)
    return {wrong: `it has format ${format}; this rebuild reads format ${planFormat}`};
  const parsed = planDocument.safeParse(value);
  if (!parsed.success) return {wrong: 'it is no plan of this version of rebuild'};
  // As it was read: zod leaves out a key `__proto__`, which a device may have sent among the facts.
  const document = value as PlanDocument;
  const {digest, readAt: _, ...content} = planOf(document);
  return digestOf(content) === digest ? {document} : {wrong: 'it was changed after it was saved'};
}

const formatOf = (value: unknown): number | undefined =>
  typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number'
    ? value.version
    : undefined;

const movingOf = ({bmc, power, path, link, outlooks, times}: Moving): MovingDocument => ({
  bmc,
  power,
  path,
  link,
  media: each(outlooks, (outlook) => (outlook.is === 'medium' ? mediumOf(outlook) : undefined)),
  transfers: each(outlooks, (outlook) => (outlook.is === 'transfer' ? transferOf(outlook) : undefined)),
  times: times.steps,
  total: times.total,
});

/** By step; those of which `of` makes nothing are left out. */
const each = <T>(outlooks: Moving['outlooks'], of: (outlook: Outlook) => T | undefined): Record<string, T> =>
  Object.fromEntries(
    Object.entries(outlooks).flatMap(([step, outlook]) => {
      const made = of(outlook);
      return made === undefined ? [] : [[step, made]];
    }),
  );

const transferOf = ({name, bytes, transfer, direct}: TransferOutlook): MovingDocument['transfers'][string] => ({
  name,
  bytes,
  ...(transfer && Number.isFinite(transfer.wholeSeconds) && {seconds: transfer.wholeSeconds}),
  ...(transfer?.resume.is === 'seconds' && {resumeSeconds: transfer.resume.seconds}),
  ...(transfer?.restart.is === 'seconds' && {restartSeconds: transfer.restart.seconds}),
  ...(direct?.medium && {direct: forecastOf(direct.medium)}),
});

const mediumOf = ({name, bytes, medium, light, forced}: MediumOutlook): MovingDocument['media'][string] => ({
  name,
  bytes,
  ...(medium && {forecast: forecastOf(medium)}),
  ...(light && {light: forecastOf(light)}),
  ...(forced !== undefined && {forced}),
});

/** JSON has no infinity: what never ends is absent. */
function forecastOf({sizeBytes, wholeSeconds, verdict, onePiece, byDeadline, restart}: MediumForecast) {
  return {
    bytes: sizeBytes,
    ...(Number.isFinite(wholeSeconds) && {seconds: wholeSeconds}),
    verdict: verdict.is,
    ...('because' in verdict && {because: verdict.because}),
    ...(onePiece === undefined ? {} : {beforeLoss: onePiece}),
    ...(byDeadline === undefined ? {} : {byPromise: byDeadline}),
    ...(restart.is === 'seconds' && {restartSeconds: restart.seconds}),
  };
}
