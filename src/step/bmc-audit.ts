import {z} from 'zod';
import {failed, ok, type Result} from '../result.ts';
import type {BmcBaseline, Runbook} from '../runbook/runbook.ts';
import {deviations, firmwareDeviations, risks, type Deviation, type Expected} from './bmc/deviation.ts';
import {deviates, mendAll, unmendable} from './bmc/mend.ts';
import type {BmcState} from './bmc/state.ts';
import {brief} from './brief.ts';
import type {Effect, Mistake, Proof, Step} from './step.ts';
import type {Look} from './world.ts';

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
  // The last one looks for itself, and more strictly.
  heldUntil: ['bmc.audit'],
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
      says: brief(`mend: ${says}`),
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
    })),
    ...facts.risks.map((says, index): Effect => ({
      id: `risk:${index}`,
      says: brief(says.split(':')[0] ?? says),
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

/** A plan’s effects have a line each, and names are the BMC’s. */
const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

const summary = ({accounts, sessions, subscriptions}: BmcState): string =>
  [
    count(accounts.length, 'account'),
    count(sessions.length, 'session'),
    count(subscriptions.length, 'subscription'),
  ].join(', ');

/** What the BMC said, for the record: through JSON, so that it is what the journal holds. */
const recordOf = (state: BmcState): Proof['data'] => JSON.parse(JSON.stringify(state)) as Proof['data'];
