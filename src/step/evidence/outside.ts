import {mayComeYet, type Lack} from '../../evidence/outcome.ts';
import type {Fault} from '../../fault.ts';
import {canonical, type Json} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {Vault} from '../world/evidence.ts';

/** What every profile takes of the host without asking it, by the ids of the items. What is seen at one moment only goes first. */
export const outsideItems = ['screen', 'bmc', 'gateway'] as const;

/** What a source gave: a file's parts, what was asked for it, and why it is less than all, or what an examiner should know. */
interface Given {
  readonly form: 'jsonl' | 'png' | 'jpg';
  readonly parts: Iterable<Uint8Array>;
  readonly asked: readonly string[];
  readonly lack?: Lack;
  readonly reason?: string;
}

/**
 * What can be known of the host without asking it: its screen, its BMC's papers and log, and what its gateway does with
 * it.
 */
export async function takeOutside(world: World, vault: Vault, accepted: boolean, hand: Hand): Promise<Result<void>> {
  hand.progress({says: 'what the BMC and the gateway tell'});
  const {bmc, edge} = world.runbook;
  const sources = {
    screen: {
      what: 'the host’s screen, as the BMC shows it',
      source: bmc.url,
      over: 'redfish',
      read: () => screen(world, hand),
    },
    bmc: {
      what: 'the BMC’s accounts, sessions, logs, virtual media, firmware and all else that it links to',
      source: bmc.url,
      over: 'redfish',
      read: () => papers(world, hand),
    },
    gateway: {
      what: 'the rules the gateway holds for the host, what it refused, and where to the host began something since',
      source: edge.address,
      over: 'gateway',
      read: () => gateway(world),
    },
  };
  for (const id of outsideItems) {
    if (!mayComeYet(id, vault.held, accepted)) continue;
    const {what, source, over, read} = sources[id];
    const began = world.clock.now();
    const given = await read();
    if (hand.signal.aborted) return interrupted();
    const file = given.ok ? await vault.begin(id, given.value.form) : undefined;
    if (file && !file.ok) return file;
    if (given.ok) for (const part of given.value.parts) await file?.value.write(part);
    const ended = await file?.value.end();
    if (ended && !ended.ok) return ended;
    const {lack, reason}: Pick<Given, 'lack' | 'reason'> = given.ok
      ? given.value
      : {lack: lackOf(given.fault), reason: given.fault.code};
    const recorded = await vault.record({
      id: file?.value.id ?? `skipped-${id}`,
      what,
      source,
      method: {over, argv: given.ok ? given.value.asked : []},
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

/** Why a source gave nothing: it has no such thing, it answered with something else, or it did not answer. */
function lackOf({code}: Fault): Lack {
  if (code === 'bmc.screen-not-shown') return 'absent';
  return code === 'bmc.screen-unreadable' || code === 'bmc.refused' ? 'error' : 'lost';
}

async function screen({bmc}: World, hand: Hand): Promise<Result<Given>> {
  const shown = await bmc.screen(hand.signal);
  if (!shown.ok) return shown;
  const {form, data, asked} = shown.value;
  return ok({form, parts: [data], asked: ['POST', asked]});
}

const cuts = {lost: 'the BMC stopped answering', limit: 'the BMC links to more than is taken'} as const;

/** What a BMC answers for and does not show is not to be had of it: that is on record, and no fault of the capture. */
async function papers({bmc}: World, hand: Hand): Promise<Result<Given>> {
  const read = await bmc.papers(hand.signal);
  if (!read.ok) return read;
  const {papers, cut} = read.value;
  const refused = papers.filter(({trouble}) => trouble !== undefined).length;
  return ok({
    ...lines(
      papers.map((paper) => ({...paper})),
      ['GET', ...papers.map(({path}) => plain(path))],
    ),
    ...(refused > 0 && {reason: `refused: ${refused} of ${papers.length} resources`}),
    ...(cut && {lack: cut, reason: cuts[cut]}),
  });
}

async function gateway({edge}: World): Promise<Result<Given>> {
  const policy = await edge.policy();
  if (!policy.ok) return policy;
  const refused = await edge.refused();
  if (!refused.ok) return refused;
  const flows = await edge.flows();
  if (!flows.ok) return flows;
  return ok(
    lines(
      [{policy: (policy.value ?? null) as Json}, {refused: {...refused.value}}, {flows: (flows.value ?? null) as Json}],
      ['policy', 'refused', 'flows'],
    ),
  );
}

const lines = (records: readonly Json[], asked: readonly string[]): Given => ({
  form: 'jsonl',
  asked,
  parts: records.values().map((record) => Buffer.from(`${canonical(record)}\n`)),
});

/** A path that a BMC names is hostile. */
const plain = (path: string): string => (/^[!-~]{1,300}$/.test(path) ? path : '(a path of other characters)');
