import type {Instant, StepId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import type {ChainVerdict} from '../journal/journal.ts';
import type {Json, JsonObject} from '../json.ts';
import {read, type GateHistory, type History} from './history.ts';
import {interruptionsOf} from './interruptions.ts';
import type {StepHistory} from './step-history.ts';
import {notDone} from './not-done.ts';
import {summarise, type RunSummary} from './summary.ts';

/** A run's post-mortem as a value: `report --json` prints it, `reportText` writes it out. */
export interface Account {
  readonly type: 'run.report';
  readonly summary: RunSummary;
  readonly rebuild: string;
  readonly facts: JsonObject;
  readonly chain: ChainVerdict;
  readonly disks: readonly DiskAccount[];
  readonly digests: readonly {readonly name: string; readonly value: string}[];
  /** What the gate asked for, and every approval that was brought; null where the run has none. */
  readonly gate: GateHistory | null;
  readonly deviations: readonly Deviation[];
  readonly notDone: readonly string[];
  readonly events: readonly Stored[];
}

export interface DiskAccount {
  readonly serial: string;
  readonly outcome: 'erased' | 'accepted, not proved' | 'sent, outcome unknown' | 'never begun';
  readonly method?: string;
  readonly at?: Instant;
}

export interface Deviation {
  readonly at: Instant;
  readonly kind:
    | 'failed'
    | 'left'
    | 'stopped'
    | 'resumed'
    | 'lapsed'
    | 'medium lost'
    | 'doubt'
    | 'handed over'
    | 'signers';
  readonly step?: StepId;
  readonly says: string;
}

/** Undefined where the record does not even have a beginning. `held`: somebody works on the run now. */
export function accountOf(stored: readonly Stored[], chain: ChainVerdict, held = false): Account | undefined {
  const history = read(stored);
  return (
    history && {
      type: 'run.report',
      summary: summarise(history, held),
      rebuild: history.rebuild,
      facts: history.facts,
      chain,
      disks: disksOf(history),
      digests: digestsOf(history),
      gate: history.gate ?? null,
      deviations: deviationsOf(history, held),
      notDone: notDone(history),
      events: stored,
    }
  );
}

const proofData = ({status}: StepHistory): JsonObject => (status.is === 'done' ? status.proof.data : {});

const wipeEffect = 'wipe:';

/** Erased by proof; else what is on record of the intent. */
function disksOf({steps}: History): readonly DiskAccount[] {
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
      return [...new Set([...sent.keys(), ...Object.keys(methods)])].map((serial): DiskAccount => {
        const reading = sent.get(serial);
        const at = reading && {at: reading.at};
        const method = methods[serial];
        if (typeof method === 'string') return {serial, outcome: 'erased', method, ...at};
        const outcomes = {
          sent: 'sent, outcome unknown',
          settled: 'accepted, not proved',
          present: 'accepted, not proved',
          absent: 'never begun',
        } as const;
        return {serial, outcome: reading ? outcomes[reading.is] : 'never begun', ...at};
      });
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
    ['host key of the old system', of('port.isolate', 'oldHostKey')],
    ['host key of the light system', history.facts['lightKey']],
    ['host key of the new system', of('host.verify', 'hostKey') ?? history.facts['hostKey']],
  ];
  return named.flatMap(([name, value]) => (typeof value === 'string' ? [{name, value}] : []));
}

/** Everything that did not go as planned, in the order in which it happened. */
function deviationsOf({steps, sittings, end, last, ledger, gate}: History, held: boolean): readonly Deviation[] {
  const ofSteps = steps.flatMap((step) => [
    ...step.attempts.flatMap((attempt) => ofAttempt(step, attempt)),
    ...step.checks.flatMap(({at, held, fault}): Deviation[] =>
      held ? [] : [{at, kind: 'lapsed', step: step.heading.id, says: `no longer true: ${fault?.says ?? ''}`}],
    ),
    ...step.effects.flatMap(({at, effect, is}): Deviation[] =>
      is === 'present' || is === 'absent'
        ? [{at, kind: 'doubt', step: step.heading.id, says: `${effect} had no recorded outcome; found ${is}`}]
        : [],
    ),
  ]);
  const ofMedia = interruptionsOf(ledger).flatMap(({at, cause, step, says}): Deviation[] =>
    cause === 'medium lost' || cause === 'medium unread'
      ? [{at, kind: 'medium lost', says, ...(step !== null && {step})}]
      : [],
  );
  const ofSittings = sittings.slice(1).map(({at, by, after}): Deviation => ({
    at,
    kind: 'resumed',
    says: `by ${by}${after === 'no word' ? '; the controller before had gone without a word' : ''}${after === 'a hand-over' ? '; on another machine than before' : ''}`,
  }));
  const ofEnd: readonly Deviation[] =
    end.is === 'stopped'
      ? [{at: end.at, kind: 'stopped', says: end.why}]
      : end.is === 'open' && !held
        ? [{at: last, kind: 'left', says: 'the record ends here and nobody works on the run: its controller died'}]
        : [];
  return [...ofSteps, ...ofMedia, ...ofSigners(gate), ...ofSittings, ...ofEnd].toSorted((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  );
}

/** The list of those who may sign is not in the runbook's digest: that it changed while a run depended on it is told. */
function ofSigners(gate: History['gate']): readonly Deviation[] {
  let known = gate?.terms.signers;
  return (gate?.approvals ?? []).flatMap(({at, signers}): Deviation[] => {
    const changed = signers !== known;
    known = signers;
    return changed ? [{at, kind: 'signers', says: 'the list of allowed signers is not the one it was before'}] : [];
  });
}

function ofAttempt(
  {heading}: StepHistory,
  {number, ended, begun, end, fault}: StepHistory['attempts'][number],
): Deviation[] {
  const at = ended ?? begun;
  if (end === 'failed')
    return [{at, kind: 'failed', step: heading.id, says: `attempt ${number}: ${fault?.code}: ${fault?.says}`}];
  if (end === 'left') return [{at, kind: 'left', step: heading.id, says: `attempt ${number} has no recorded outcome`}];
  return [];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
