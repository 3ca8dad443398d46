import type {Instant, RunId, StepId} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import type {FaultCode} from '../fault.ts';
import {certificatesOf, type Certificate} from '../certificate/certificate.ts';
import type {ChainVerdict} from '../journal/journal.ts';
import type {Json, JsonObject} from '../json.ts';
import {deviationsOf, type Deviation} from './deviations.ts';
import {figuresOf, type Figures} from './figures.ts';
import {endOf} from './elapsed.ts';
import {read, type GateHistory, type History, type Leaving} from './history.ts';
import {isObject} from '../shape.ts';
import type {StepHistory} from './step-history.ts';
import {notDone} from './not-done.ts';
import {prompts, type Prompt} from './prompts.ts';
import {summarise, type RunSummary} from './summary.ts';

/** A run's post-mortem as a value: `report --json` prints it, `reportText` writes it out. */
export interface Account {
  readonly type: 'run.report';
  readonly summary: RunSummary;
  readonly rebuild: string;
  readonly facts: JsonObject;
  /** Where it does not hold, everything below is an account of the entries before that place alone. */
  readonly chain: ChainVerdict;
  readonly figures: Figures;
  /** Who drove the run, and from when to when. */
  readonly sittings: readonly SittingAccount[];
  readonly attempts: readonly AttemptAccount[];
  readonly disks: readonly DiskAccount[];
  /** One for each disk that was erased, and read back. */
  readonly certificates: readonly Certificate[];
  readonly digests: readonly {readonly name: string; readonly value: string}[];
  /** What the gate asked for, and every approval that was brought; null where the run has none. */
  readonly gate: GateHistory | null;
  readonly deviations: readonly Deviation[];
  readonly notDone: readonly string[];
  /** From the place on at which the chain breaks: what the rows say, which proves nothing. Empty where it holds. */
  readonly unproved: readonly UnprovedEntry[];
  /** For people to answer. */
  readonly prompts: readonly Prompt[];
  readonly events: readonly Stored[];
}

/** A row that the chain does not prove. */
export interface UnprovedEntry {
  readonly row: number;
  readonly seq: number;
  readonly at: string;
  /** The event's type; null where it cannot be read. */
  readonly type: Event['type'] | null;
}

/** Stands in for an account where not even the run's first entry is proved. */
export interface Unreadable {
  readonly type: 'run.unreadable';
  readonly run: RunId;
  readonly chain: ChainVerdict;
  readonly unproved: readonly UnprovedEntry[];
}

export interface SittingAccount {
  readonly by: string;
  readonly begun: Instant;
  /** The last that was heard of it. */
  readonly ended: Instant;
  /** How it was left; null where it is the last. */
  readonly left: Leaving | null;
}

/** One try at a step. `ended` is null while it goes on; of one that was `left` it is the last that was heard of it. */
export interface AttemptAccount {
  readonly step: StepId;
  readonly number: number;
  readonly begun: Instant;
  readonly ended: Instant | null;
  readonly end: 'open' | 'done' | 'failed' | 'left';
  /** Checkpoints it saved. */
  readonly saved: number;
  readonly fault: {readonly code: FaultCode; readonly says: string} | null;
}

export interface DiskAccount {
  readonly serial: string;
  readonly outcome:
    | 'erased'
    | 'left out, not erased'
    | 'accepted, not proved'
    | 'sent, outcome unknown'
    | 'never begun';
  readonly method?: string;
  readonly at?: Instant;
}

export interface AccountOptions {
  /** Somebody works on the run now. */
  readonly held?: boolean;
  readonly unproved?: readonly UnprovedEntry[];
}

/** Undefined where the record does not even have a beginning. `stored` is what the chain proves. */
export function accountOf(
  stored: readonly Stored[],
  chain: ChainVerdict,
  {held = false, unproved = []}: AccountOptions = {},
): Account | undefined {
  const history = read(stored);
  if (history === undefined) return undefined;
  // A record that was cut short by somebody's hand says nothing of how its controller ended.
  const known = summarise(history, held || !chain.holds);
  const summary: RunSummary = chain.holds
    ? known
    : {...known, result: 'unsure', next: 'rebuild explain journal.broken'};
  return {
    type: 'run.report',
    summary,
    rebuild: history.rebuild,
    facts: history.facts,
    chain,
    figures: figuresOf(history, summary, stored),
    sittings: sittingsOf(history),
    attempts: attemptsOf(history),
    disks: disksOf(history),
    certificates: certificatesOf(stored, chain),
    digests: digestsOf(history),
    gate: history.gate ?? null,
    deviations: deviationsOf(history, stored, held || !chain.holds),
    notDone: notDone(history),
    unproved,
    prompts,
    events: stored,
  };
}

const sittingsOf = (history: History): readonly SittingAccount[] =>
  history.sittings.map(({by, at, left}, index, all) =>
    left && index < all.length - 1
      ? {by, begun: at, ended: left.at, left: left.why}
      : {by, begun: at, ended: left?.at ?? endOf(history), left: null},
  );

const attemptsOf = ({steps}: History): readonly AttemptAccount[] =>
  steps
    .flatMap(({heading, attempts}) =>
      attempts.map(({number, begun, ended, end, saved, fault}) => ({
        step: heading.id,
        number,
        begun,
        ended: ended ?? null,
        end,
        saved,
        fault: fault ? {code: fault.code, says: fault.says} : null,
      })),
    )
    .toSorted((a, b) => (a.begun < b.begun ? -1 : a.begun > b.begun ? 1 : 0));

const proofData = ({status}: StepHistory): JsonObject => (status.is === 'done' ? status.proof.data : {});

const wipeEffect = 'wipe:';

/** Erased by proof; else what is on record of the intent. */
function disksOf({steps, forgone}: History): readonly DiskAccount[] {
  return steps
    .filter(({heading}) => heading.kind === 'disk.wipe')
    .flatMap((step) => {
      const erased = proofData(step)['erased'];
      const methods: JsonObject = isObject(erased) ? erased : {};
      const sent = new Map(
        step.effects
          .filter(({effect}) => effect.startsWith(wipeEffect))
          .map((reading) => [reading.effect.slice(wipeEffect.length), reading]),
      );
      return [...new Set([...sent.keys(), ...Object.keys(methods), ...forgone.map(({disk}) => disk)])].map(
        (serial): DiskAccount => {
          const reading = sent.get(serial);
          const at = reading && {at: reading.at};
          const method = methods[serial];
          if (forgone.some(({disk}) => disk === serial)) return {serial, outcome: 'left out, not erased', ...at};
          if (typeof method === 'string') return {serial, outcome: 'erased', method, ...at};
          const outcomes = {
            sent: 'sent, outcome unknown',
            settled: 'accepted, not proved',
            present: 'accepted, not proved',
            absent: 'never begun',
          } as const;
          return {serial, outcome: reading ? outcomes[reading.is] : 'never begun', ...at};
        },
      );
    });
}

function digestsOf(history: History): Account['digests'] {
  const of = (kind: string, name: string): Json | undefined =>
    history.steps
      .filter(({heading}) => heading.kind === kind)
      .map((step) => proofData(step)[name])
      .at(-1);
  const named: readonly (readonly [string, Json | undefined])[] = [
    ['plan', history.plan],
    ['runbook', history.runbook],
    ['light iso', of('media.mount', 'iso')],
    ['light iso, part that is the same for every host', of('media.mount', 'base')],
    ['os image', of('os.install', 'image')],
    ['manifest of the evidence', of('evidence.capture', 'manifest')],
    ['host key of the old system', of('port.isolate', 'oldHostKey')],
    ['host key of the light system', history.facts['lightKey']],
    ['host key of the new system', of('host.verify', 'hostKey') ?? history.facts['hostKey']],
  ];
  return named.flatMap(([name, value]) => (typeof value === 'string' ? [{name, value}] : []));
}
