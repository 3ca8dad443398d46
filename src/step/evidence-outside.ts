import type {Tool} from '../evidence/custody.ts';
import {mayComeYet, type Lack} from '../evidence/outcome.ts';
import {canonical, type Json} from '../json.ts';
import {ok, type Result} from '../result.ts';
import {interrupted} from './interrupted.ts';
import type {Hand} from './step.ts';
import type {Vault, World} from './world.ts';

const ours: Tool = {name: 'rebuild', version: 'this run’s', sha256: null};

/** What every profile takes of the host without asking it, by the ids of the items. */
export const outsideItems = ['bmc', 'gateway'] as const;

/** What was told, and why it is less than all, or what an examiner should know of it. */
interface Account {
  readonly lines: readonly Json[];
  readonly lack?: Lack;
  readonly reason?: string;
}

/** What can be known of the host without asking it: its BMC's papers and log, and what its gateway does with it. */
export async function takeOutside(world: World, vault: Vault, accepted: boolean, hand: Hand): Promise<Result<void>> {
  hand.progress({says: 'what the BMC and the gateway tell'});
  const sources = {
    bmc: {
      what: 'the BMC’s accounts, sessions, logs, virtual media, firmware and all else that it links to',
      source: world.runbook.bmc.url,
      over: 'redfish',
      read: () => papers(world, hand),
    },
    gateway: {
      what: 'the rules the gateway holds for the host, what it refused, and where to the host began something since',
      source: world.runbook.edge.address,
      over: 'gateway',
      read: () => gateway(world),
    },
  };
  for (const id of outsideItems) {
    if (!mayComeYet(id, vault.held, accepted)) continue;
    const {what, source, over, read} = sources[id];
    const began = world.clock.now();
    const told = await read();
    if (hand.signal.aborted) return interrupted();
    const file = told.ok ? await vault.begin(id, 'jsonl') : undefined;
    if (file && !file.ok) return file;
    if (told.ok) for (const line of told.value.lines) await file?.value.write(Buffer.from(`${canonical(line)}\n`));
    const ended = await file?.value.end();
    if (ended && !ended.ok) return ended;
    const {lack, reason}: Omit<Account, 'lines'> = told.ok ? told.value : {lack: 'lost', reason: told.fault.code};
    const recorded = await vault.record({
      id: file?.value.id ?? `skipped-${id}`,
      what,
      source,
      method: {over, argv: []},
      tool: ours,
      began,
      ended: world.clock.now(),
      clockOffset: null,
      bytes: 0,
      ...ended?.value,
      complete: lack === undefined,
      ...(lack !== undefined && {lack}),
      ...(reason !== undefined && {reason}),
    });
    if (!recorded.ok) return recorded;
  }
  return ok(undefined);
}

const cuts = {lost: 'the BMC stopped answering', limit: 'the BMC links to more than is taken'} as const;

/** What a BMC answers for and does not show is not to be had of it: that is on record, and no fault of the capture. */
async function papers({bmc}: World, hand: Hand): Promise<Result<Account>> {
  const read = await bmc.papers(hand.signal);
  if (!read.ok) return read;
  const {papers, cut} = read.value;
  const refused = papers.filter(({trouble}) => trouble !== undefined).length;
  return ok({
    lines: papers.map((paper) => ({...paper})),
    ...(refused > 0 && {reason: `refused: ${refused} of ${papers.length} resources`}),
    ...(cut && {lack: cut, reason: cuts[cut]}),
  });
}

async function gateway({edge}: World): Promise<Result<Account>> {
  const policy = await edge.policy();
  if (!policy.ok) return policy;
  const refused = await edge.refused();
  if (!refused.ok) return refused;
  const flows = await edge.flows();
  if (!flows.ok) return flows;
  return ok({
    lines: [
      {policy: (policy.value ?? null) as Json},
      {refused: {...refused.value}},
      {flows: (flows.value ?? null) as Json},
    ],
  });
}
