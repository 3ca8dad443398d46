import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {BmcBaseline, Runbook} from '../runbook/runbook.ts';
import {deviations, firmwareDeviations, risks, type Deviation, type Expected, type Mend} from './bmc-deviation.ts';
import type {BmcState} from './bmc-state.ts';
import {interrupted} from './interrupted.ts';
import type {Effect, Hand, Mistake, Proof, Step} from './step.ts';
import type {Look, World} from './world.ts';

const params = z.strictObject({
  deviations: z
    .enum(['mend', 'refuse'])
    .default('refuse')
    .describe(
      'mend: foreign accounts, sessions, subscriptions and media are removed, ways from the host are closed, and what ' +
        'is left after that fails the step. refuse: whatever deviates fails it, as the last audit of a run should.',
    ),
});
type Params = z.infer<typeof params>;

/** Sessions are no facts of a plan: they come and go. */
type Facts = {readonly deviations: readonly string[]; readonly risks: readonly string[]};

export const bmcAudit: Step<Params, Facts> = {
  kind: 'bmc.audit',
  summary:
    'Holds the BMC against bmc.baseline: accounts, roles, sessions, subscriptions, ways from the host, versions, media.',
  irreversible: false,
  heldUntil: [],
  params,

  check: ({deviations: how}, runbook, at) => [
    ...needsBaseline(runbook),
    ...(how === 'mend' && runbook.steps.slice(0, at).some(({kind}) => starts.includes(kind))
      ? [
          {
            path: ['deviations'],
            says: 'closes the ways from the host once it has been started: put it before that step',
          },
        ]
      : []),
  ],

  async probe(look, params) {
    const found = await audit(look, 'all');
    if (!found.ok) return found;
    const {state, baseline, all} = found.value;
    const lasting = all.filter(({mend}) => mend?.is !== 'end session');
    if (params.deviations === 'mend') {
      const [stays] = unmendable(all);
      if (stays) return failed(deviates(unmendable(all)));
    }
    return ok({
      deviations: params.deviations === 'mend' ? lasting.map(({says}) => says) : [],
      risks: [...risks(state, baseline)],
    });
  },

  plan: ({deviations: how}, facts): readonly Effect[] => [
    {
      id: 'audit',
      says: how === 'mend' ? 'end every session but this one' : 'the BMC as bmc.baseline says, or the run stops',
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
      seconds: {from: 2, to: 180},
    },
    ...facts.deviations.map((says, index): Effect => ({
      id: `mend:${index}`,
      says: `mend: ${says}`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
    })),
    ...facts.risks.map((says, index): Effect => ({
      id: `risk:${index}`,
      says: says.split(':')[0] ?? says,
      certainty: {is: 'not', because: says.slice(says.indexOf(':') + 2)},
      undo: false,
      irreversible: false,
    })),
  ],

  async apply(world, params, hand) {
    const found = await audit(world, 'all');
    if (!found.ok) return found;
    const {state, all} = found.value;
    await hand.note(`the BMC lists ${summary(state)}`, {state: recordOf(state)});
    const mended: string[] = [];
    if (params.deviations === 'mend') {
      const done = await mendAll(world, state, all, hand);
      if (!done.ok) return done;
      mended.push(...done.value);
    }
    const after = mended.length === 0 ? found : await audit(world, 'all');
    if (!after.ok) return after;
    if (after.value.all.length > 0) return failed(deviates(after.value.all));
    const open = risks(after.value.state, after.value.baseline);
    for (const risk of open) await hand.note(`a risk that stays: ${risk}`);
    return ok({
      says: 'as the baseline says',
      data: {
        mended,
        risks: [...open],
        accounts: after.value.state.accounts.filter(({enabled}) => enabled).map(({name}) => name),
      },
    });
  },

  async verify(look) {
    const found = await audit(look, 'access');
    if (!found.ok) return found;
    const {state} = found.value;
    // A later step that died while it mounted our own medium has left it there.
    const all = found.value.all.filter(({mend}) => mend?.is !== 'eject');
    return all.length > 0
      ? failed(deviates(all))
      : ok({says: `as the baseline says: ${summary(state)}`, data: {certificate: look.runbook.bmc.certificate}});
  },
};

// What runs on the host then may be malware from another place that it starts from.
const starts: readonly string[] = ['target.boot', 'installer.boot'];

function needsBaseline({bmc}: Runbook): readonly Mistake[] {
  return bmc.baseline === undefined ? [{path: [], says: 'needs bmc.baseline: what the BMC is held against'}] : [];
}

interface Audited {
  readonly state: BmcState;
  readonly baseline: BmcBaseline;
  readonly all: readonly Deviation[];
}

async function audit(look: Look, depth: 'access' | 'all'): Promise<Result<Audited>> {
  const {baseline, certificate} = look.runbook.bmc;
  if (baseline === undefined) throw new Error('a runbook with bmc.audit was let through without bmc.baseline');
  const state = await look.bmc.state(depth);
  if (!state.ok) return state;
  const seen = seenBefore(look);
  const expected: Expected = {
    baseline,
    certificate,
    // Between a mount and an ejection of ours the drive is ours.
    mediaMayBe: look.earlier('media.mount') !== undefined && look.earlier('media.eject') === undefined,
    ...(seen && {seen}),
  };
  const versions = depth === 'all' ? firmwareDeviations(state.value, baseline) : [];
  return ok({state: state.value, baseline, all: [...deviations(state.value, expected), ...versions]});
}

function seenBefore(look: Look): readonly string[] | undefined {
  const names = look.earlier(bmcAudit.kind)?.data['accounts'];
  return Array.isArray(names) ? names.map(String) : undefined;
}

const unmendable = (all: readonly Deviation[]): readonly Deviation[] => all.filter(({mend}) => mend === undefined);

/**
 * Everything but this session is ended, whoever's it is: what was stolen may be our own password. Ways from the host are
 * closed before accounts are removed, so that nothing comes back over them.
 */
async function mendAll(
  world: World,
  {accounts, sessions}: BmcState,
  all: readonly Deviation[],
  hand: Hand,
): Promise<Result<readonly string[]>> {
  const stays = unmendable(all);
  if (stays.length > 0) return failed(deviates(stays));
  const others = sessions.filter(({own}) => !own);
  const wanted: readonly Deviation[] = [
    ...all.filter(({mend}) => mend?.is !== 'end session'),
    ...others.map(({id, user, from}): Deviation => ({
      says: `${user || 'nobody that is named'} was logged in${from && ` from ${from}`}`,
      mend: {is: 'end session', id},
    })),
  ];
  if (all.some(({mend}) => mend?.is === 'remove account') && !accounts.some(({own}) => own))
    return failed(fault('bmc.deviates', 'it does not list the account that this run logs in with; none is removed'));
  const done: string[] = [];
  for (const kind of order) {
    for (const {says, mend} of wanted) {
      if (mend?.is !== kind) continue;
      if (hand.signal.aborted) return interrupted();
      hand.progress({says});
      const mended = await perform(world, mend, hand.signal);
      if (!mended.ok) return mended;
      await hand.note(`${says}: ${mended.value}`);
      done.push(says);
    }
  }
  return ok(done);
}

const order: readonly Mend['is'][] = ['close way', 'remove account', 'end session', 'remove subscription', 'eject'];

const said = (done: Result<unknown>, says: string): Result<string> => (done.ok ? ok(says) : done);

async function perform({bmc}: World, mend: Mend, signal: AbortSignal): Promise<Result<string>> {
  switch (mend.is) {
    case 'remove account': {
      const removed = await bmc.removeAccount(mend.id, signal);
      return removed.ok ? ok(removed.value) : removed;
    }
    case 'end session':
      return said(await bmc.endSession(mend.id, signal), 'ended');
    case 'remove subscription':
      return said(await bmc.removeSubscription(mend.id, signal), 'removed');
    case 'close way':
      return said(await bmc.closeWay(mend.name, signal), 'closed');
    case 'eject':
      return said(await bmc.eject(signal), 'ejected');
    default:
      return mend satisfies never;
  }
}

const deviates = (all: readonly Deviation[]) =>
  fault(
    'bmc.deviates',
    all.length === 1 ? (all[0]?.says ?? '') : `${all.length} deviations, the first: ${all[0]?.says}`,
    {
      detail: {deviations: all.map(({says}) => says)},
    },
  );

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

const summary = ({accounts, sessions, subscriptions}: BmcState): string =>
  [
    count(accounts.length, 'account'),
    count(sessions.length, 'session'),
    count(subscriptions.length, 'subscription'),
  ].join(', ');

/** What the BMC said, for the record: through JSON, so that it is what the journal holds. */
const recordOf = (state: BmcState): Proof['data'] => JSON.parse(JSON.stringify(state)) as Proof['data'];
