import fc from 'fast-check';
import type {HostName, Instant, Sha256, StepId} from '../../src/brand.ts';
import {digestOf} from '../../src/plan/assemble.ts';
import {outlook} from '../../src/plan/outlook.ts';
import {planFormat, type Plan} from '../../src/plan/plan.ts';
import {transferOutlook} from '../../src/plan/transfer.ts';
import {timesOf} from '../../src/plan/times.ts';
import {catalogue, type FaultCode} from '../../src/fault-catalogue.ts';

const stepId = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/) as fc.Arbitrary<StepId>;
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/) as fc.Arbitrary<Sha256>;
const bytes = fc.integer({min: 0, max: 2 ** 45});
const seconds = fc.double({min: 0, max: 1e7, noNaN: true});
const text = fc.string({unit: 'grapheme', maxLength: 40});
const json = fc.dictionary(text, fc.jsonValue({maxDepth: 2})) as fc.Arbitrary<Plan['facts'][string]>;

/** A record with some of its members: an absent one is not there, as the types have it. */
const some = <T, K extends keyof T = never>(model: {[P in keyof T]: fc.Arbitrary<T[P]>}, requiredKeys: K[] = []) =>
  fc.record(model, {requiredKeys}) as unknown as fc.Arbitrary<Partial<T> & Pick<T, K>>;

const make = {vendor: text, model: text};

const effect = some(
  {
    id: text,
    says: text,
    certainty: fc.oneof(
      fc.constant({is: 'will' as const}),
      fc.record({is: fc.constant('not' as const), because: text}),
      fc.record({is: fc.constant('unknown' as const), until: stepId, because: text}),
    ),
    undo: fc.boolean(),
    irreversible: fc.boolean(),
    disk: some({name: text, serial: text, sizeBytes: bytes, ...make}, ['name', 'serial', 'sizeBytes']),
    seconds: fc.tuple(seconds, seconds).map(([a, b]) => ({from: Math.min(a, b), to: Math.max(a, b)})),
    bytes,
  },
  ['id', 'says', 'certainty', 'undo', 'irreversible'],
);

const losses = fc.oneof(
  fc.constant({known: 'nothing'} as const),
  fc.record({known: fc.constant('mean' as const), seconds: fc.integer({min: 1, max: 1e6})}),
  fc.record({known: fc.constant('session' as const), seconds: fc.integer({min: 1, max: 1e6})}),
  fc.record({known: fc.constant('seen' as const), losses: fc.nat(50), seconds: fc.integer({min: 1, max: 1e6})}),
);
const path = some(
  {
    bytesPerSecond: fc.oneof(fc.constant(0), fc.double({min: 1, max: 1e9, noNaN: true})),
    rateFrom: fc.constantFrom('runbook' as const, 'earlier runs' as const, 'nothing' as const),
    losses,
  },
  ['rateFrom', 'losses'],
);
const image = some({name: text, packedBytes: bytes, isoBytes: bytes, promiseSeconds: seconds}, ['name', 'packedBytes']);
const medium = some({name: text, bytes, promiseSeconds: seconds, own: some({lightBytes: bytes, force: text})}, [
  'name',
  'bytes',
]);
const fault = some(
  {
    code: fc.constantFrom(...(Object.keys(catalogue) as FaultCode[])),
    says: text,
    state: text,
    next: text,
    detail: json,
  },
  ['code', 'says'],
);

const content = fc
  .uniqueArray(stepId, {minLength: 1, maxLength: 6})
  .chain((ids) =>
    some(
      {
        version: fc.constant(planFormat),
        host: fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/) as fc.Arbitrary<HostName>,
        runbook: sha256,
        promiseSeconds: seconds,
        system: fc.record({vendor: text, model: text, serial: text, profile: text}),
        steps: fc.tuple(
          ...ids.map((id) =>
            fc.record({
              id: fc.constant(id),
              kind: text,
              irreversible: fc.boolean(),
              place: fc.record({file: text, line: fc.nat(), column: fc.nat()}),
              effects: fc.uniqueArray(effect, {maxLength: 4, selector: ({id}) => id}),
            }),
          ),
        ),
        facts: fc.record(Object.fromEntries(ids.map((id) => [id, json])), {requiredKeys: []}),
        gate: fc.record({approvers: fc.integer({min: 1, max: 9}), withinSeconds: seconds, steps: fc.subarray(ids)}),
        keptDisks: fc.array(
          some({name: text, serial: text, sizeBytes: bytes, ...make, unseen: fc.constant(true as const)}, [
            'serial',
            'sizeBytes',
          ]),
          {maxLength: 4},
        ),
        errors: fc.uniqueArray(some({step: fc.constantFrom(...ids), fault}, ['fault']), {
          maxLength: 2,
          selector: ({step}) => step ?? '',
        }),
      },
      ['version', 'host', 'runbook', 'system', 'steps', 'facts', 'keptDisks', 'errors'],
    ),
  )
  // A fact that is read back from a file has no keys but its own.
  .map((plan) => JSON.parse(JSON.stringify(plan)) as Omit<Plan, 'digest' | 'readAt' | 'moving'>);

/** Any plan that can be printed, with whatever a device may have put into it. */
export const randomPlan: fc.Arbitrary<Plan> = fc
  .tuple(content, path, path, medium, image, fc.date({noInvalidDate: true, min: new Date(0), max: new Date(4e12)}))
  .map(([plan, path, link, medium, image, readAt]) => {
    const {steps, facts, promiseSeconds} = plan;
    const [first, last] = [steps[0]?.id ?? '', steps.at(-1)?.id ?? ''];
    const outlooks = {
      [first]: outlook(path, medium),
      ...(last !== first && {[last]: transferOutlook({path, link}, image)}),
    };
    const times = timesOf({steps, facts, outlooks, runs: [], promiseSeconds});
    return {
      ...plan,
      readAt: readAt.toISOString() as Instant,
      digest: digestOf(plan),
      moving: {bmc: 'https://10.9.0.31', power: 'on', path, link, outlooks, times},
    };
  });
