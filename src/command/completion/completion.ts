import {hostName, runId} from '../../brand.ts';
import type {Candidate, Place} from './wants.ts';

/** Where names that are not in the table of commands come from. None of them may fail or be slow. */
export interface Names {
  /** Hosts with a runbook. */
  hosts(): Promise<readonly string[]>;
  /** Ids of runs, the newest first. */
  runs(lab: boolean): Promise<readonly string[]>;
  /** Of the run, or of a host's newest run. */
  stepsOfRun(name: string, lab: boolean): Promise<readonly string[]>;
  /** Of the host's runbook, or of that file's. */
  stepsOfRunbook(nameOrFile: string): Promise<readonly string[]>;
  /** What can be explained. */
  explained(): Promise<readonly Candidate[]>;
  /** What there is help for. */
  helped(): Promise<readonly Candidate[]>;
  /** What `rebuild lab` understands behind these words. */
  lab(words: readonly string[]): Promise<readonly string[]>;
}

/** What a shell is told: words to choose from, and whether it may offer files or folders of its own. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: 'none' | 'files' | 'folders';
}

/** What can stand where the cursor is. */
export async function completionOf(place: Place, names: Names): Promise<Completion> {
  const {part, before} = place;
  const {texts, files = 'none'} = await wanted(place, names);
  const seen = new Set<string>();
  const candidates = texts.filter(({text}) => {
    const fits = text.startsWith(part) && isPlain(text) && !seen.has(text);
    seen.add(text);
    return fits;
  });
  return {candidates: candidates.map(({text, says}) => ({text: before + text, says})), files};
}

/**
 * Names come from file names and from the journal, and a shell reads a completed word again: one that could be more
 * than a word to it is not offered.
 */
const isPlain = (text: string): boolean => /^[\w.:/+,-]+$/.test(text);

interface Wanted {
  readonly texts: readonly Candidate[];
  readonly files?: Completion['files'];
}

async function wanted(place: Place, names: Names): Promise<Wanted> {
  const {wants, command, given, lab} = place;
  switch (wants.want) {
    case 'these': {
      const also = wants.also ? await wanted({...place, wants: {want: wants.also}}, names) : {texts: []};
      return {texts: [...wants.these, ...also.texts]};
    }
    case 'host':
      return {texts: bare(await hostsFor(place, names))};
    case 'run': {
      const runs = await names.runs(lab);
      return {texts: bare([...hostsOf(runs), ...runs])};
    }
    case 'step':
      return {texts: bare(await stepsFor(place, names))};
    case 'name':
      return {texts: await (command === 'help' ? names.helped() : names.explained())};
    case 'names':
      return {texts: bare((await names.hosts()).filter((host) => !given.includes(host))), files: 'files'};
    case 'words':
      return {texts: bare(await names.lab(given))};
    case 'file':
      return {texts: [], files: 'files'};
    case 'folder':
      return {texts: [], files: 'folders'};
    case 'reason':
    case 'serial':
      return {texts: []};
    case 'reference':
    case 'digest':
      return {texts: bare(['env:', 'file:', 'command:'])};
    default:
      return wants satisfies never;
  }
}

const bare = (texts: readonly string[]): readonly Candidate[] => texts.map((text) => ({text, says: ''}));

// What these do needs a run; every other command begins from a runbook.
const ofRuns: ReadonlySet<string> = new Set(['resume', 'approve', 'release', 'stop', 'abandon', 'forgo', 'status']);

async function hostsFor({command, given, wants, lab}: Place, names: Names): Promise<readonly string[]> {
  // `--confirm HOST` repeats the host that was named.
  if (wants.want === 'host' && command === 'run' && given[0] !== undefined) return [given[0]];
  return ofRuns.has(command) ? hostsOf(await names.runs(lab)) : names.hosts();
}

const hostsOf = (runs: readonly string[]): readonly string[] =>
  runs.flatMap((run) => (runId(run) ? (hostName(run.slice(0, run.lastIndexOf('-'))) ?? []) : []));

async function stepsFor({command, given, runbook, lab}: Place, names: Names): Promise<readonly string[]> {
  const [about] = given;
  if (about === undefined) return [];
  const recorded = command === 'run' ? [] : await names.stepsOfRun(about, lab);
  return recorded.length > 0 || command === 'log' ? recorded : names.stepsOfRunbook(runbook ?? about);
}

/** One candidate a line, a tab before what it means, and as the last line what the shell may add: for the scripts. */
export const completionText = ({candidates, files}: Completion): string =>
  [...candidates.map(({text, says}) => (says === '' ? text : `${text}\t${says}`)), `:${files}`, ''].join('\n');
