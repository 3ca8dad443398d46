import {createHash} from 'node:crypto';
import type {Instant, Sha256} from '../brand.ts';
import {canonical, type JsonObject} from '../json.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Kinds} from '../step/kinds.ts';
import type {Findings} from './gather.ts';
import {keptDisks} from './kept-disks.ts';
import {planFormat, type Plan, type PlannedStep} from './plan.ts';
import {timesOf} from './times.ts';

/** Runbook and findings, assembled into the exact effects in order. Pure. */
export function assemble(
  runbook: Runbook,
  digest: Sha256,
  {system: {power, ...system}, drives, steps: found, outlooks, record}: Findings,
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
    const outlook = outlooks[entry.id];
    if (outlook?.is === 'medium' && outlook.refusal) errors.push({step: entry.id, fault: outlook.refusal});
    facts[entry.id] = finding.value;
    return {...heading, effects: kind.plan(entry.params, finding.value, runbook)};
  });
  const {promiseSeconds} = runbook.host;
  const content = {
    version: planFormat,
    host: runbook.host.name,
    runbook: digest,
    ...(promiseSeconds === undefined ? {} : {promiseSeconds}),
    system,
    steps,
    facts,
    ...gateOf(runbook),
    keptDisks: keptDisks(runbook, steps, drives),
    errors,
  } as const;
  const times = timesOf({steps, facts, outlooks, runs: record.runs, promiseSeconds});
  return {
    ...content,
    readAt,
    digest: digestOf(content),
    moving: {bmc: runbook.bmc.url, power, path: record.path, link: record.link, outlooks, times},
  };
}

/** Without the list of signers: a plan is approved on machines that have another path to it, or none. */
function gateOf({gate}: Runbook): Pick<Plan, 'gate'> {
  return gate === undefined
    ? {}
    : {gate: {approvers: gate.approvers, withinSeconds: gate.withinSeconds, steps: gate.steps}};
}

/**
 * Over what a reviewer agrees to: not over when it was read, nor over what moves, nor over the path by which the runbook
 * was named (its own digest is in it).
 */
export function digestOf({steps, ...content}: Omit<Plan, 'digest' | 'readAt' | 'moving'>): Sha256 {
  const agreed = {
    ...content,
    steps: steps.map(({id, kind, irreversible, effects}) => ({id, kind, irreversible, effects})),
  };
  // Through JSON so that an absent key and an undefined one are the same text.
  const text = canonical(JSON.parse(JSON.stringify(agreed)) as JsonObject);
  return createHash('sha256').update(text).digest('hex') as Sha256;
}
