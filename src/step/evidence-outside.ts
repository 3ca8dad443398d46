import type {Custody} from '../evidence/custody.ts';
import type {Json, JsonObject} from '../json.ts';
import {canonical} from '../json.ts';
import {ok, type Result} from '../result.ts';
import type {Hand} from './step.ts';
import type {Vault, World} from './world.ts';

/** What can be known of the host without asking it: its BMC's papers and log, and what its gateway does with it. */
export async function takeOutside(world: World, vault: Vault, hand: Hand): Promise<Result<void>> {
  hand.progress({says: 'what the BMC and the gateway tell'});
  const papers = async (): Promise<Result<readonly Json[]>> => {
    const read = await world.bmc.papers(hand.signal);
    return read.ok ? ok(read.value.map((paper) => ({...paper}))) : read;
  };
  const gateway = async (): Promise<Result<readonly Json[]>> => {
    const policy = await world.edge.policy();
    if (!policy.ok) return policy;
    const refused = await world.edge.refused();
    if (!refused.ok) return refused;
    const flows = await world.edge.flows();
    if (!flows.ok) return flows;
    return ok([
      {policy: (policy.value ?? null) as Json},
      {refused: {...refused.value}},
      {flows: (flows.value ?? null) as Json},
    ]);
  };
  const sources = [
    {
      id: 'bmc',
      what: 'the BMC’s accounts, sessions, logs, virtual media, firmware and all else that it links to',
      source: world.runbook.bmc.url,
      over: 'redfish' as const,
      read: papers,
    },
    {
      id: 'gateway',
      what: 'the rules the gateway holds for the host, what it refused, and where to the host began something since',
      source: world.runbook.edge.address,
      over: 'gateway' as const,
      read: gateway,
    },
  ];
  for (const {id, what, source, over, read} of sources) {
    if (isTaken(vault.held, id)) continue;
    const began = world.clock.now();
    const lines = await read();
    const file = lines.ok ? await vault.begin(id, 'jsonl') : undefined;
    if (file && !file.ok) return file;
    if (lines.ok) for (const line of lines.value) await file?.value.write(Buffer.from(`${canonical(line)}\n`));
    const ended = await file?.value.end();
    if (ended && !ended.ok) return ended;
    const recorded = await vault.record({
      id: file?.value.id ?? `skipped-${id}`,
      what,
      source,
      method: {over, argv: lines.ok ? asked[over](lines.value) : asked[over]([])},
      began,
      ended: world.clock.now(),
      clockOffset: null,
      bytes: 0,
      ...ended?.value,
      ...(lines.ok ? {complete: true} : {complete: false, reason: lines.fault.code}),
    });
    if (!recorded.ok) return recorded;
  }
  return ok(undefined);
}

/** A path that a BMC names is hostile. */
const plain = (path: Json | undefined): string =>
  typeof path === 'string' && /^[!-~]{1,300}$/.test(path) ? path : '(a path of other characters)';

/** What was asked: the paths of Redfish in their order, the questions put to the edge. */
const asked: Readonly<Record<'redfish' | 'gateway', (lines: readonly Json[]) => readonly string[]>> = {
  redfish: (papers) => ['GET', ...papers.map((paper) => plain((paper as JsonObject)['path']))],
  gateway: () => ['policy', 'refused', 'flows'],
};

const isTaken = (held: readonly Custody[], id: string): boolean =>
  held.some((record) => record.complete && record.id.replace(/^\d+-/, '') === id);
