import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import {beforehand} from './isolation/beforehand.ts';
import {checkData} from './check.ts';
import {edgePolicy, readPolicy, samePolicy} from './isolation/edge-policy.ts';
import {interrupted} from './interrupted.ts';
import {isolationChecks} from './isolation/checks.ts';
import {asDeclared, withSources} from './isolation/declared.ts';
import {few, flowData, flowText, leaks, openPaths, pathText, refused as refusedFlows} from './port/leak.ts';
import {bare, port} from './port/port.ts';
import type {Hand, Proof, Step} from './step.ts';
import {staysShut, telling, tryPaths, trySsh} from './port/try-paths.ts';
import type {Look, World} from './world.ts';
import type {EdgePolicy, Flow} from './world/edge.ts';
import type {Vantage} from './world/vantage.ts';

const params = z.strictObject({
  allow: z
    .array(z.ipv4())
    .readonly()
    .default([])
    .describe('Addresses beside the controller that may still reach the host’s SSH.'),
  resolver: z
    .array(z.ipv4())
    .max(4)
    .readonly()
    .default([])
    .describe('Our own DNS servers, by address, that the host may still ask. By default DNS is closed with the rest.'),
  block: z
    .array(port)
    .min(1)
    .readonly()
    .optional()
    .describe(
      'Only these ports, in place of everything. It is tested like the rest, and fails with what goes around it: a ' +
        'beacon falls back to 443 and DNS, a worm takes 445.',
    ),
  listen: formats.duration
    .optional()
    .describe(
      'How long the gateway is watched for what the host gets through, such as 30s. By default 20s with `block`, and ' +
        'else as long as the other tests take.',
    ),
});
type Params = z.infer<typeof params>;

const wantedPolicy = ({run}: Pick<Look, 'run'>, {allow, resolver, block}: Params): EdgePolicy => {
  const admit = [run.controllerAddress, ...allow];
  if (block !== undefined) return {mode: 'blocking', admit, block};
  return {mode: 'quarantine', admit, ...(resolver.length > 0 && {resolver})};
};

export const portIsolate: Step<Params, {readonly policy: string}> = {
  kind: 'port.isolate',
  summary: 'Closes the host’s port at the edge, from outside the host, both ways; only the controller’s SSH stays.',
  irreversible: false,
  heldUntil: ['network.restore'],
  params,

  async probe(look) {
    const policy = await readPolicy(look);
    return policy.ok ? ok({policy: policy.value?.mode ?? 'none'}) : policy;
  },

  plan: ({block}, facts, {edge, network}) => [
    block === undefined
      ? {
          id: 'quarantine',
          says:
            facts.policy === 'quarantine'
              ? `${edge.address} already quarantines ${bare(network.address)}`
              : `${edge.address} ${edge.interface}: quarantine ${bare(network.address)}`,
          certainty: facts.policy === 'quarantine' ? {is: 'not', because: 'already so'} : {is: 'will'},
          undo: true,
          irreversible: false,
          seconds: {from: 1, to: 10},
        }
      : {
          id: 'block',
          says: `${edge.address} ${edge.interface}: refuse ${few(block)} of ${bare(network.address)}, no more`,
          certainty: {is: 'will'},
          undo: true,
          irreversible: false,
          seconds: {from: 20, to: 40},
        },
  ],

  async apply(world, params, hand) {
    const wanted = wantedPolicy(world, params);
    const [admitted, outside] = sides(world, params);
    const now = await readPolicy(world);
    if (!now.ok) return now;
    const before = await beforehand(world, outside, now.value, hand);
    if (!before.ok) return before;
    if (!samePolicy(now.value, wanted)) {
      const open = await trySsh(world, admitted);
      if (!open.ok) return open;
      const enforced = await world.edge.enforce(wanted);
      if (!enforced.ok) return enforced;
      const shut = await staysShut(world, open.value, hand.signal);
      if (!shut.ok) return shut;
      if (shut.value)
        return failed(fault('isolation.too-tight', `tcp/22 of the host was open from ${shut.value.name}, and is shut`));
    }
    const heard = await listening(world, params, hand);
    if (!heard.ok) return heard;
    return ok({says: 'isolated', data: before.value});
  },

  async verify(look, params) {
    const [admitted, outside] = sides(look, params);
    // Side by side: closed paths answer with seconds of silence.
    const [now, tried, working, flows, refused] = await Promise.all([
      look.edge.policy(),
      tryPaths(look, outside),
      trySsh(look, admitted),
      look.edge.flows(),
      look.edge.refused(),
    ]);
    if (!now.ok) return now;
    const wanted = wantedPolicy(look, params);
    if (!samePolicy(asDeclared(now.value, look), wanted))
      return failed(fault('edge.not-as-set', 'the gateway does not hold the quarantine for this host'));
    if (!tried.ok) return tried;
    if (!working.ok) return working;
    if (!flows.ok) return flows;
    if (!refused.ok) return refused;
    const open = openPaths(tried.value);
    // What the gateway let through while a transfer had its way open belongs to that transfer.
    const out = flows.value ? leaks(flows.value, withSources(wanted, look), look.runbook.network.gateway) : [];
    if (open.length > 0 || out.length > 0) return leaking(params, open.map(pathText), out);
    const names = outside.map(({name}) => name);
    const placed = new Set(admitted.map(({address}) => address));
    const checks = isolationChecks(
      {
        admitted: [
          ...admitted.map((vantage) => ({who: vantage.name, open: working.value.includes(vantage)})),
          ...params.allow.filter((address) => !placed.has(address)).map((who) => ({who, open: undefined})),
        ],
        resolver: params.block === undefined ? params.resolver : [],
        flows: flows.value,
        tried: tried.value,
      },
      look.earlier(portIsolate.kind),
    );
    return ok({
      says: names.length ? `closed when tried from ${names.join(' and ')}` : 'rules read back; no vantage to try from',
      data: {
        policy: {...wanted},
        tried: telling.map(String),
        from: names,
        checks: checkData(checks),
        refusedPackets: refused.value.packets,
        ...(flows.value && {
          refused: refusedFlows(flows.value, look.runbook.network.gateway).slice(0, most).map(flowData),
          more: flows.value.full,
        }),
      },
    });
  },

  async undo(world, _, {data}) {
    const before = edgePolicy.optional().safeParse(data['policyBefore']);
    if (!before.success) return failed(fault('edge.not-as-set', 'it is not on record what the gateway held before'));
    const back = before.data ? await world.edge.enforce(before.data) : await world.edge.lift();
    if (!back.ok) return back;
    const digest = await world.edge.digest();
    if (!digest.ok) return digest;
    return digest.value === data['rulesBefore']
      ? ok({says: 'the gateway holds what it held before, byte for byte', data: {rules: digest.value}})
      : failed(
          fault('edge.not-as-set', 'ours is taken back, but others have changed the gateway’s rules since', {
            detail: {before: data['rulesBefore'] ?? null, now: digest.value},
          }),
        );
  },
};

// A worm tries thousands of places; a proof needs to show that and no more.
const most = 32;

/** Those who may reach the host's SSH, and everybody else: the first must, the others must not. */
function sides({vantages, run}: Look, {allow}: Params): readonly [readonly Vantage[], readonly Vantage[]] {
  const admitted = new Set<string | undefined>([run.controllerAddress, ...allow]);
  return [
    vantages.filter(({address}) => admitted.has(address)),
    vantages.filter(({address}) => !admitted.has(address)),
  ];
}

async function listening(world: World, {listen, block}: Params, hand: Hand): Promise<Result<void>> {
  const seconds = listen === undefined ? (block === undefined ? 0 : 20) : (durationSeconds(listen) ?? 0);
  const until = world.clock.ticks() + seconds * 1000;
  for (let left = seconds; left > 0; left = Math.ceil((until - world.clock.ticks()) / 1000)) {
    hand.progress({
      says: 'watching the gateway for what gets through',
      done: seconds - left,
      of: seconds,
      unit: 'seconds',
    });
    await world.clock.sleep(Math.min(left, 1) * 1000, hand.signal);
    if (hand.signal.aborted) return interrupted();
  }
  return ok(undefined);
}

function leaking({block}: Params, open: readonly string[], out: readonly Flow[]): Result<Proof> {
  const through = out.map(flowText);
  const parts = [
    ...(through.length > 0 ? [`${few(through)} got through`] : []),
    ...(open.length > 0 ? [`${few(open)} ${open.length > 1 ? 'are' : 'is'} open`] : []),
  ];
  const lead = block === undefined ? '' : `refusing ${few(block)} alone is no isolation: `;
  return failed(fault('isolation.leaks', `${lead}${parts.join('; ')}`, {detail: {through, open}}));
}
