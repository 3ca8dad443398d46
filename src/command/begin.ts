import type {RunId, Sha256} from '../brand.ts';
import type {Event} from '../engine/event.ts';
import type {GateTerms} from '../gate/gate.ts';
import type {Json, JsonObject} from '../json.ts';
import type {Plan} from '../plan/plan.ts';
import {disksWritten} from '../step/disk.ts';
import {kinds} from '../step/registry.ts';
import type {RunFacts} from '../step/world.ts';
import type {Subject} from './subject.ts';
import {forecasts} from '../view/plan-time.ts';
import {version} from './help/version.ts';
import {who} from './who.ts';

export interface BegunWith {
  readonly iso?: Sha256 | undefined;
  readonly gate?: GateTerms | undefined;
  /** The script by which the lab is struck. */
  readonly faults?: string | undefined;
  /** The run that had rebuilt the host, where that was to be done once more all the same. */
  readonly again?: RunId | undefined;
}

/** The first event of a run: everything a later reader needs to know what was agreed to. */
export function begun(
  run: RunId,
  {runbook, lab}: Pick<Subject, 'runbook' | 'lab'>,
  plan: Plan,
  facts: RunFacts,
  {iso, gate, faults, again}: BegunWith,
): Event {
  const {promiseSeconds} = runbook.host;
  return {
    type: 'run.begun',
    run,
    host: runbook.host.name,
    by: who(),
    rebuild: version,
    plan: plan.digest,
    runbook: plan.runbook,
    ...(promiseSeconds === undefined ? {} : {promiseSeconds}),
    lab,
    steps: runbook.steps.map(({id, kind, place}) => {
      const {irreversible, heldUntil} = kinds.get(kind) ?? {irreversible: true, heldUntil: []};
      return {id, kind, irreversible, heldUntil, place};
    }),
    facts: {
      machine: {vendor: plan.system.vendor, model: plan.system.model, serial: plan.system.serial},
      ...imageFact(plan),
      ...(iso && {iso}),
      lightKey: facts.lightPin,
      hostKey: facts.hostPin,
      controller: facts.controllerAddress,
      erases: plan.steps.flatMap(({effects}) => effects.flatMap(({disk}) => (disk ? [disk.serial] : []))),
      installs: [...disksWritten(runbook).install],
      keeps: plan.keptDisks.map(({serial}) => serial),
      forecast: Object.fromEntries(forecasts(plan)),
      ...forcedFact(plan),
      ...(faults !== undefined && {faults}),
      ...(again && {again: {run: again}}),
    },
    ...(gate && {gate}),
  };
}

/** Media that the forecast calls hopeless, or might have, and why they are mounted all the same. */
function forcedFact({moving}: Plan): {readonly forced?: JsonObject} {
  const forced = Object.entries(moving?.outlooks ?? {}).flatMap(([step, outlook]) =>
    outlook.is === 'medium' && outlook.forced !== undefined ? [[step, outlook.forced]] : [],
  );
  return forced.length === 0 ? {} : {forced: Object.fromEntries(forced) as JsonObject};
}

/** The digest of the OS image that was agreed to. */
function imageFact({steps, facts}: Plan): {readonly image?: Json} {
  const install = steps.find(({kind}) => kind === 'os.install');
  const image = install && facts[install.id]?.['image'];
  return image === undefined ? {} : {image};
}
