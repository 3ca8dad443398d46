import type {HostName, Instant, Sha256, StepId} from '../../src/brand.ts';
import {fault} from '../../src/fault.ts';
import {outlook} from '../../src/plan/outlook.ts';
import type {MediumPath} from '../../src/plan/path.ts';
import type {Plan, PlannedStep} from '../../src/plan/plan.ts';
import type {Effect} from '../../src/step/step.ts';
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
  model: 'SAMSUNG MZ7LH480HAHQ-00005',
};
const forGood = {undo: false, irreversible: true, disk};

const effects: Readonly<Record<string, readonly Effect[]>> = {
  isolate: [effect('quarantine', '10.9.0.1 host0: quarantine 203.0.113.20', {seconds: {from: 1, to: 10}})],
  mount: [
    effect('off', 'power off, hard: the old system gets no farewell', {undo: false, seconds: {from: 1, to: 30}}),
    effect('insert', 'virtual cd <- light iso of this run', {seconds: {from: 1, to: 60}}),
  ],
  boot: [effect('boot', 'start once from the virtual cd, wait for the light system', {seconds: {from: 10, to: 420}})],
  wipe: [effect('wipe:S3Z8NB0K412345', 'erase (clear)', forGood)],
  install: [effect('write:S3Z8NB0K412345', 'debian 1d4c7a0e22b1, 334 MB to send', forGood)],
  eject: [
    effect('eject', 'virtual cd -> empty, boot order back to normal', {
      certainty: {is: 'not', because: 'already so'},
    }),
  ],
  network: [effect('network', '52:54:00:00:00:20 -> 203.0.113.20/24 via 203.0.113.1')],
  verify: [
    effect('look', 'new ssh host key answers from outside', {certainty: {is: 'unknown', until: 'after install'}}),
  ],
};

export const plan: Plan = {
  version: 1,
  host: 'marruuk' as HostName,
  runbook: 'e95a2edc'.padEnd(64, '0') as Sha256,
  promiseSeconds: 12 * 3600,
  system: {vendor: 'Dell', model: 'R640', serial: '8FQ2K93', power: 'on', profile: 'dell'},
  steps: headings.map(({id, kind, irreversible, place}): PlannedStep => ({
    id,
    kind,
    irreversible,
    place,
    effects: effects[id] ?? [],
  })),
  facts: {isolate: {policy: 'none'}, mount: {serial: '8FQ2K93', profile: 'dell'}, wipe: {models: null}},
  keptDisks: [{name: 'worlds', serial: 'S3Z8NB0K498765', sizeBytes: 1_920_383_410_176}],
  errors: [],
  readAt: '2026-11-21T09:14:07.000Z' as Instant,
  digest: '9f2c61e0'.padEnd(64, '0') as Sha256,
};

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

const promiseSeconds = 12 * 3600;
const path: MediumPath = {bytesPerSecond: 170_000, rateFrom: 'runbook', losses: {known: 'mean', seconds: 1800}};

/** The light ISO over a slow path that earlier runs have measured. */
export const forecastPlan: Plan = {
  ...plan,
  outlooks: {
    mount: outlook(
      {...path, rateFrom: 'earlier runs', losses: {known: 'seen', losses: 2, seconds: 4000}},
      {name: 'light iso', bytes: 25_800_000, promiseSeconds},
    ),
  },
};

const vendor = {name: 'iso/vendor.iso', bytes: 5_400_000_000, lightBytes: 25_800_000, promiseSeconds};
const hopeless = outlook(path, vendor);

/** The vendor's own ISO over the incident's path. */
export const hopelessPlan: Plan = {
  ...plan,
  outlooks: {mount: hopeless},
  errors: hopeless.refusal ? [{step: 'mount' as StepId, fault: hopeless.refusal}] : [],
};
