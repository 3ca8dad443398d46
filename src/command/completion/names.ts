import {readFile} from 'node:fs/promises';
import {runId, stepId} from '../../brand.ts';
import type {Journal} from '../../journal/journal.ts';
import type {Candidate} from './wants.ts';
import type {Names} from './completion.ts';
import {findRunbook, knownHosts, type RunbookPlaces} from '../runbook-file.ts';
import {openReading} from '../session.ts';

export interface NameSources {
  readonly places: RunbookPlaces;
  readonly helped: () => Promise<readonly Candidate[]>;
}

/** Names from this machine's runbooks and journal, read only. What cannot be read has no names: a shell shows no faults. */
export function namesHere({places, helped}: NameSources): Names {
  return {
    hosts: () => knownHosts(places),
    runs: (lab) => fromJournal(lab, runsOf),
    stepsOfRun: (name, lab) =>
      fromJournal(lab, async (journal) => {
        const [newest] = (await runsOf(journal)).filter((run) => run === name || run.startsWith(`${name}-`));
        const id = newest === undefined ? undefined : runId(newest);
        const stored = id && (await journal.read(id));
        const begun = stored?.ok ? stored.value[0]?.event : undefined;
        return begun?.type === 'run.begun' ? begun.steps.map((step) => step.id) : [];
      }),
    async stepsOfRunbook(nameOrFile) {
      const found = await findRunbook(nameOrFile, places);
      return found.ok ? stepsIn(await readFile(found.value.path, 'utf8').catch(() => '')) : [];
    },
    async explained() {
      const [{names}, {kinds}] = await Promise.all([import('../help/explain.ts'), import('../../step/registry.ts')]);
      return names({kinds}).map((text) => ({text, says: ''}));
    },
    helped,
    async lab([verb, ...words]) {
      const {labVerbs} = await import('../lab/request.ts');
      if (verb === undefined) return labVerbs;
      if (verb !== 'fault') return words.length === 0 ? knownHosts(places) : [];
      return words.length === 0 ? (await import('../../lab/fault/lab-fault.ts')).faultNames : [];
    },
  };
}

async function fromJournal(
  lab: boolean,
  read: (journal: Journal) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const opened = openReading(lab);
  if (!opened.ok) return [];
  try {
    return await read(opened.value.journal);
  } finally {
    opened.value.journal.close();
  }
}

async function runsOf(journal: Journal): Promise<readonly string[]> {
  const runs = await journal.runs();
  return runs.ok ? runs.value : [];
}

/** The ids of a runbook's steps, even where it has mistakes elsewhere. */
async function stepsIn(text: string): Promise<readonly string[]> {
  const {isMap, isSeq, parseDocument} = await import('yaml');
  const steps = parseDocument(text, {logLevel: 'silent'}).get('steps');
  if (!isSeq(steps)) return [];
  return steps.items.flatMap((step) => {
    const id: unknown = isMap(step) ? step.get('id') : undefined;
    return typeof id === 'string' ? (stepId(id) ?? []) : [];
  });
}
