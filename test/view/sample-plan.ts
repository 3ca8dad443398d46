import type {HostName, Instant, RunId, Sha256, StepId} from '../../src/brand.ts';
import {fault} from '../../src/fault.ts';
import {outlook, type Outlook} from '../../src/plan/outlook.ts';
import {unknownPath, type MediumPath} from '../../src/plan/path.ts';
import {planFormat, type Plan, type PlannedStep} from '../../src/plan/plan.ts';
import {timesOf} from '../../src/plan/times.ts';
import type {Effect} from '../../src/step/step.ts';
import type {EarlierRun} from '../../src/step/world.ts';
import {headings} from './story.ts';

const effect = (id: string, says: string, more: Partial<Effect> = {}): Effect => ({
  id,
  says,
  certainty: {is: 'will'},
  undo: true,
  irreversible: false,
  ...more,
});

const disk = {
  name: 'system',
  serial: 'S3Z8NB0K412345',
  sizeBytes: 480_103_981_056,
  vendor: 'Samsung',
  model: 'SAMSUNG MZ7LH480HAHQ-00005',
};
const forGood = {undo: false, irreversible: true, disk};

const effects: Readonly<Record<string, readonly Effect[]>> = {
  isolate: [effect('quarantine', '10.9.0.1 host0: quarantine 203.0.113.20', {seconds: {from: 1, to: 10}})],
  mount: [
    effect('off', 'power off, hard: the old system gets no farewell', {undo: false, seconds: {from: 1, to: 30}}),
    effect('insert', 'virtual cd <- light iso of this run', {seconds: {from: 1, to: 60}}),
  ],
  boot: [
    effect('boot', 'start once from the virtual cd, wait for the light system', {seconds: {from: 10, to: 420}}),
    effect('again', 'mount and start again, 2 times at the most', {
      certainty: {is: 'unknown', until: 'boot', because: 'the medium may go before it has been read'},
    }),
  ],
  wipe: [
    effect('wipe:S3Z8NB0K412345', 'erase (clear)', forGood),
    effect('method', 'by discard, or by writing zeros: minutes, or hours', {
      certainty: {is: 'unknown', until: 'boot', because: 'only the light system can ask the disk'},
    }),
  ],
  install: [effect('write:S3Z8NB0K412345', 'debian 1d4c7a0e22b1, 334 MB to send', {...forGood, bytes: 334_000_000})],
  eject: [
    effect('eject', 'virtual cd -> empty, boot order back to normal', {
      certainty: {is: 'not', because: 'already so'},
    }),
  ],
  network: [effect('network', '52:54:00:00:00:20 -> 203.0.113.20/24 via 203.0.113.1')],
  verify: [effect('look', 'from outside: tcp/22 open, no other; tcp/80, tcp/445 shut')],
};

const promiseSeconds = 12 * 3600;
const run = 'marruuk-2' as RunId;

/** What moves, of the same steps: over a path, with what earlier runs tell. */
export function withMoving(
  plan: Plan,
  {outlooks = {}, runs = []}: {readonly outlooks?: Record<string, Outlook>; readonly runs?: readonly EarlierRun[]},
): Plan {
  const {steps, facts, promiseSeconds} = plan;
  const path = Object.values(outlooks)[0]?.path ?? unknownPath;
  const times = timesOf({steps, facts, outlooks, runs, promiseSeconds});
  return {...plan, moving: {bmc: 'https://10.9.0.31', power: 'on', path, link: unknownPath, outlooks, times}};
}

export const plan: Plan = withMoving(
  {
    version: planFormat,
    host: 'marruuk' as HostName,
    runbook: 'e95a2edc'.padEnd(64, '0') as Sha256,
    promiseSeconds,
    system: {vendor: 'Dell', model: 'R640', serial: '8FQ2K93', profile: 'dell'},
    steps: headings.map(({id, kind, irreversible, place}): PlannedStep => ({
      id,
      kind,
      irreversible,
      place,
      effects: effects[id] ?? [],
    })),
    facts: {
      isolate: {policy: 'none'},
      mount: {serial: '8FQ2K93', profile: 'dell'},
      wipe: {models: {S3Z8NB0K412345: {vendor: 'Samsung', model: 'SAMSUNG MZ7LH480HAHQ-00005'}}},
      install: {image: '1d4c7a0e22b1'.padEnd(64, '0'), packed: 334_000_000},
    },
    keptDisks: [
      {
        name: 'worlds',
        serial: 'S3Z8NB0K498765',
        sizeBytes: 1_920_383_410_176,
        vendor: 'Intel',
        model: 'SSDPE2KX020T8',
      },
      {serial: '71Q0A0BEFVGG', sizeBytes: 960_197_124_096, vendor: 'Toshiba', model: 'KPM5XVUG960G'},
    ],
    errors: [],
    readAt: '2026-11-21T09:14:07.000Z' as Instant,
    digest: '9f2c61e0'.padEnd(64, '0') as Sha256,
  },
  {},
);

/** A plan that may be read and not run: the disk to erase is not in the machine. */
export const refusedPlan: Plan = {
  ...plan,
  steps: plan.steps.map((step) => (step.id === 'wipe' ? {...step, effects: []} : step)),
  errors: [
    {
      step: 'wipe' as StepId,
      fault: fault('disk.not-found', 'no disk with serial S3Z8NB0K412345; there is S3Z8NB0K498765'),
    },
  ],
};

const path: MediumPath = {bytesPerSecond: 170_000, rateFrom: 'runbook', losses: {known: 'mean', seconds: 1800}};

const measured = outlook(
  {...path, rateFrom: 'earlier runs', losses: {known: 'seen', losses: 2, seconds: 4000}},
  {name: 'light iso', bytes: 25_800_000, promiseSeconds},
);

/** The light ISO over a slow path that earlier runs have measured. */
export const forecastPlan: Plan = withMoving(plan, {outlooks: {mount: measured}});

/** So long the steps took in an earlier run of the host. */
const took: Readonly<Record<string, number>> = {wipe: 102, install: 400, eject: 4, network: 71, verify: 31};

/** An earlier run of this host, with the same image unless another is named. */
export const earlier = (image: string = '1d4c7a0e22b1'.padEnd(64, '0'), factor = 1): EarlierRun => ({
  run,
  image,
  steps: Object.fromEntries(
    plan.steps.flatMap(({id, kind}) => {
      const seconds = took[id];
      const rate = kind === 'os.install' ? {bytesPerSecond: 900_000 / factor} : {};
      return seconds === undefined ? [] : [[id, {kind, seconds: seconds * factor, ...rate}]];
    }),
  ),
});

/** The same path, and two runs before it. */
export const knownPlan: Plan = withMoving(plan, {
  outlooks: {mount: measured},
  runs: [earlier(), earlier(undefined, 1.4)],
});

const vendor = {name: 'iso/vendor.iso', bytes: 5_400_000_000, promiseSeconds, own: {lightBytes: 25_800_000}};
const hopeless = outlook(path, vendor);

/** The vendor's own ISO over the incident's path. */
export const hopelessPlan: Plan = {
  ...withMoving(plan, {outlooks: {mount: hopeless}}),
  errors: hopeless.refusal ? [{step: 'mount' as StepId, fault: hopeless.refusal}] : [],
};
