import type {Custody, Tool} from '../evidence/custody.ts';
import type {Json} from '../json.ts';
import {canonical} from '../json.ts';
import {ok, type Result} from '../result.ts';
import type {Hand} from './step.ts';
import type {Vault, World} from './world.ts';

const ours: Tool = {name: 'rebuild', version: 'this run’s', sha256: null};

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
      over: 'redfish',
      read: papers,
    },
    {
      id: 'gateway',
      what: 'the rules the gateway holds for the host, what it refused, and where to the host began something since',
      source: world.runbook.edge.address,
      over: 'gateway',
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
      method: {over, argv: []},
      tool: ours,
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

const isTaken = (held: readonly Custody[], id: string): boolean =>
  held.some((record) => record.complete && record.id.replace(/^\d+-/, '') === id);
