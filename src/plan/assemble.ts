import {createHash} from 'node:crypto';
import type {Instant, Sha256} from '../brand.ts';
import {canonical, type JsonObject} from '../json.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Kinds} from '../step/kinds.ts';
import type {Findings} from './gather.ts';
import type {Plan, PlannedStep} from './plan.ts';

/** Runbook and findings, assembled into the exact effects in order. Pure. */
export function assemble(
  runbook: Runbook,
  digest: Sha256,
  {system, steps: found, outlooks, took}: Findings,
  kinds: Kinds,
  readAt: Instant,
): Plan {
  const errors: Plan['errors'][number][] = [];
  const facts: Record<string, JsonObject> = {};
  const steps = runbook.steps.map((entry): PlannedStep => {
    const kind = kinds.get(entry.kind);
    const finding = found[entry.id];
    if (!kind || !finding) throw new Error(`nothing was gathered for step ${entry.id}`);
    const heading = {id: entry.id, kind: entry.kind, irreversible: kind.irreversible, place: entry.place};
    if (!finding.ok) {
      errors.push({step: entry.id, fault: finding.fault});
      return {...heading, effects: []};
    }
    const refusal = outlooks[entry.id]?.refusal;
    if (refusal) errors.push({step: entry.id, fault: refusal});
    facts[entry.id] = finding.value;
    return {...heading, effects: kind.plan(entry.params, finding.value, runbook)};
  });
  const written = new Set(steps.flatMap(({effects}) => effects.flatMap(({disk}) => disk?.serial ?? [])));
  const content = {
    version: 1,
    host: runbook.host.name,
    runbook: digest,
    ...(runbook.host.promiseSeconds === undefined ? {} : {promiseSeconds: runbook.host.promiseSeconds}),
    system,
    steps,
    facts,
    ...gateOf(runbook),
    keptDisks: Object.values(runbook.disks)
      .filter(({serial}) => !written.has(serial))
      .map(({name, serial, sizeBytes}) => ({name, serial, sizeBytes})),
    errors,
  } as const;
  return {...content, outlooks, took, readAt, digest: digestOf(content)};
}

/** Without the list of signers: a plan is approved on machines that have another path to it, or none. */
function gateOf({gate}: Runbook): Pick<Plan, 'gate'> {
  return gate === undefined
    ? {}
    : {gate: {approvers: gate.approvers, withinSeconds: gate.withinSeconds, steps: gate.steps}};
}

/** Over what a reviewer agrees to: not over when it was read, how fast a path was lately, nor whether the host happened to be on. */
export function digestOf(content: Omit<Plan, 'digest' | 'readAt' | 'outlooks' | 'took'>): Sha256 {
  const {power: _, ...system} = content.system;
  // Through JSON so that an absent key and an undefined one are the same text.
  const text = canonical(JSON.parse(JSON.stringify({...content, system})) as JsonObject);
  return createHash('sha256').update(text).digest('hex') as Sha256;
}
