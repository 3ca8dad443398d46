import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Port} from '../runbook/runbook.ts';
import {bare} from './port.ts';
import {readPolicy, samePolicy} from './edge-policy.ts';
import {sealed} from './reach.ts';
import {placeOf, sourcesNamed} from './source.ts';
import type {Hand, Proof, Step} from './step.ts';
import type {EdgePolicy, Look} from './world.ts';

const params = z.strictObject({
  allow: z
    .array(z.ipv4())
    .readonly()
    .default([])
    .describe('Addresses beside the controller that may still reach the host’s SSH.'),
});
type Params = z.infer<typeof params>;

// What the worm used and what a rebuilt host must not answer on while it is quarantined.
const tried: readonly Port[] = ['tcp/22', 'tcp/80', 'tcp/443', 'tcp/445'];

const quarantine = (look: Look, {allow}: Params): EdgePolicy => ({
  mode: 'quarantine',
  admit: [look.run.controllerAddress, ...allow],
});

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

  plan: (_, facts, {edge, network}) => [
    {
      id: 'quarantine',
      says:
        facts.policy === 'quarantine'
          ? `${edge.address} already quarantines ${bare(network.address)}`
          : `${edge.address} ${edge.interface}: quarantine ${bare(network.address)}`,
      certainty: facts.policy === 'quarantine' ? {is: 'not', because: 'already so'} : {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 1, to: 10},
    },
  ],

  async apply(world, params, hand) {
    const oldHostKey = await keyBefore(world, hand);
    const wanted = quarantine(world, params);
    const now = await readPolicy(world);
    if (!now.ok) return now;
    if (!samePolicy(now.value, wanted)) {
      const enforced = await world.edge.enforce(wanted);
      if (!enforced.ok) return enforced;
    }
    return ok({says: 'quarantined', data: oldHostKey === undefined ? {} : {oldHostKey}});
  },

  async verify(look, params) {
    // Side by side: closed paths answer with seconds of silence.
    const [now, closed] = await Promise.all([look.edge.policy(), nothingReaches(look, params)]);
    if (!now.ok) return now;
    if (!samePolicy(asDeclared(now.value, look), quarantine(look, params)))
      return failed(fault('edge.not-as-set', 'the gateway does not hold the quarantine for this host'));
    return closed;
  },
};

/** A transfer that was cut off may have left the way to its own sources open; that to any other place is not ours. */
function asDeclared(policy: EdgePolicy | undefined, {runbook}: Look): EdgePolicy | undefined {
  if (policy?.mode !== 'quarantine') return policy;
  const named = new Set(sourcesNamed(runbook).map(placeOf));
  return policy.reach?.every((place) => named.has(place)) ? sealed(policy) : policy;
}

/**
 * The old system's key, as far as it can be had: host.verify shows that another one answers in the end. The first that
 * was seen is kept: by the time the step is applied again, for a controller of another address, the light system answers.
 */
async function keyBefore({run, runbook, vantages}: Look, hand: Hand): Promise<string | undefined> {
  const kept = hand.at?.['oldHostKey'];
  if (typeof kept === 'string') return kept;
  const seen = await vantages[0]?.hostKey(bare(runbook.network.address), 22);
  if (!seen?.ok || !seen.value || seen.value === run.lightPin || seen.value === run.hostPin) return undefined;
  await hand.save({oldHostKey: seen.value});
  return seen.value;
}

async function nothingReaches(look: Look, {allow}: Params): Promise<Result<Proof>> {
  const address = bare(look.runbook.network.address);
  const outside = look.vantages.filter(
    ({address: from}) => from !== look.run.controllerAddress && !allow.includes(from ?? ''),
  );
  const paths = outside.flatMap((vantage) => tried.map((port) => ({vantage, port})));
  const reached = await Promise.all(
    paths.map(async ({vantage, port}) => ({from: vantage.name, port, reach: await vantage.reach(address, port)})),
  );
  for (const {from, port, reach} of reached) {
    if (!reach.ok) return reach;
    if (reach.value === 'open') return failed(fault('isolation.leaks', `${port} of the host is open from ${from}`));
  }
  const names = outside.map(({name}) => name);
  return ok({
    says: names.length ? `closed when tried from ${names.join(' and ')}` : 'rules read back; no vantage to try from',
    data: {tried: tried.map(String), from: names},
  });
}
