import type {Custody} from '../evidence/custody.ts';
import type {Json} from '../json.ts';
import {canonical} from '../json.ts';
import {ok, type Result} from '../result.ts';
import {interrupted} from './interrupted.ts';
import type {Hand} from './step.ts';
import type {Vault, World} from './world.ts';

/** What a source gave: a file's parts, and what was asked for it. */
interface Given {
  readonly form: 'jsonl' | 'png' | 'jpg';
  readonly parts: Iterable<Uint8Array>;
  readonly asked: readonly string[];
}

/**
 * What can be known of the host without asking it: its screen, its BMC's papers and log, and what its gateway does with
 * it. What is seen at one moment only goes first.
 */
export async function takeOutside(world: World, vault: Vault, hand: Hand): Promise<Result<void>> {
  hand.progress({says: 'what the BMC and the gateway tell'});
  const screen = async (): Promise<Result<Given>> => {
    const shown = await world.bmc.screen(hand.signal);
    if (!shown.ok) return shown;
    const {form, data, asked} = shown.value;
    return ok({form, parts: [data], asked: ['POST', asked]});
  };
  const papers = async (): Promise<Result<Given>> => {
    const read = await world.bmc.papers(hand.signal);
    if (!read.ok) return read;
    return ok(
      lines(
        read.value.map((paper) => ({...paper})),
        ['GET', ...read.value.map(({path}) => plain(path))],
      ),
    );
  };
  const gateway = async (): Promise<Result<Given>> => {
    const policy = await world.edge.policy();
    if (!policy.ok) return policy;
    const refused = await world.edge.refused();
    if (!refused.ok) return refused;
    const flows = await world.edge.flows();
    if (!flows.ok) return flows;
    return ok(
      lines(
        [
          {policy: (policy.value ?? null) as Json},
          {refused: {...refused.value}},
          {flows: (flows.value ?? null) as Json},
        ],
        ['policy', 'refused', 'flows'],
      ),
    );
  };
  const sources = [
    {
      id: 'screen',
      what: 'the host’s screen, as the BMC shows it',
      source: world.runbook.bmc.url,
      over: 'redfish',
      read: screen,
    },
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
    const given = await read();
    if (hand.signal.aborted) return interrupted();
    const file = given.ok ? await vault.begin(id, given.value.form) : undefined;
    if (file && !file.ok) return file;
    if (given.ok) for (const part of given.value.parts) await file?.value.write(part);
    const ended = await file?.value.end();
    if (ended && !ended.ok) return ended;
    const absent = !given.ok && given.fault.code === 'bmc.screen-not-shown';
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
      ...(given.ok ? {complete: true} : {complete: false, reason: given.fault.code}),
      ...(absent && {absent}),
    });
    if (!recorded.ok) return recorded;
    if (absent) await hand.note('this BMC shows no picture of the host’s screen');
  }
  return ok(undefined);
}

const lines = (records: readonly Json[], asked: readonly string[]): Given => ({
  form: 'jsonl',
  asked,
  parts: records.values().map((record) => Buffer.from(`${canonical(record)}\n`)),
});

/** A path that a BMC names is hostile. */
const plain = (path: string): string => (/^[!-~]{1,300}$/.test(path) ? path : '(a path of other characters)');

/** What is there whole, and what its source is known not to have. */
const isTaken = (held: readonly Custody[], id: string): boolean =>
  held.some((record) => (record.complete || record.absent) && record.id.replace(/^(?:\d+|skipped)-/, '') === id);
