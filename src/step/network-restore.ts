import {z} from 'zod';
import {fault} from '../fault.ts';
import {until} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Port} from '../runbook/runbook.ts';
import {admitThisController, followMoves} from './isolation/admit.ts';
import {readPolicy, samePolicy} from './isolation/edge-policy.ts';
import {installation} from './system/installation.ts';
import {interrupted} from './interrupted.ts';
import {lightIsUp} from './boot/light-is-up.ts';
import {bare, ports} from './port/port.ts';
import type {Hand, Step} from './step.ts';
import type {Look, World} from './world.ts';
import type {EdgePolicy} from './world/edge.ts';
import type {RenewedFacts} from './world/renewed.ts';

const params = z.strictObject({
  open: ports.describe('Ports that the outside may reach once the host is back.'),
  out: ports
    .default(['tcp/443', 'udp/53', 'tcp/53', 'udp/123'])
    .describe(
      'Ports to which the host may open connections, as far as the gateway routes them: by default HTTPS, DNS and NTP.',
    ),
  block: ports.default([]).describe('Ports that stay refused in both directions, whatever `open` and `out` say.'),
});
type Params = z.infer<typeof params>;

const serving = (look: Look, {open, out, block}: Params): EdgePolicy => ({
  mode: 'serving',
  admit: [look.run.controllerAddress],
  open,
  out,
  block,
});

/** What a list comes to beside `block`, which wins. */
const named = (wanted: readonly Port[], block: readonly Port[]): string =>
  wanted.filter((port) => !block.includes(port)).join(', ') || 'nothing';

// A server's self-test and a first start together: nothing is written meanwhile, so waiting costs only time.
const startMs = 15 * 60_000;

export const networkRestore: Step<Params, Readonly<Record<string, never>>> = {
  kind: 'network.restore',
  summary:
    'Sees that the new system has its network, starts it from its disk, and opens the declared ports at the edge, in and out.',
  irreversible: false,
  heldUntil: [],
  params,

  /**
   * The gateway must answer. What it answers is no fact of the plan: the steps before this one change the policy, and
   * whatever it is by then, this step replaces it.
   */
  async probe(look) {
    const policy = await look.edge.policy();
    return policy.ok ? ok({}) : policy;
  },

  plan: ({open, out, block}, _, {network, edge}) => [
    {
      id: 'network',
      says: `${network.mac} -> ${network.address} via ${network.gateway}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
    {
      id: 'start',
      says: 'start the new system from its disk, wait for its pinned key',
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
      seconds: {from: 15, to: 900},
    },
    {
      id: 'serve',
      says: `${edge.address}: open ${named(open, block)}${block.length ? `, keep ${block.join(', ')} shut` : ''}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
    {
      id: 'out',
      says: `${edge.address}: let out ${named(out, block)}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
  ],

  async apply(world, params, hand) {
    const begun = world.clock.ticks();
    const admitted = await admit(world);
    if (!admitted.ok) return admitted;
    const up = await world.renewed.hello();
    if (!up.ok) {
      const started = await startNew(world, hand);
      if (!started.ok) return started;
    }
    const seconds = Math.round((world.clock.ticks() - begun) / 1000);
    const enforced = await serve(world, params);
    return enforced.ok ? ok({says: 'started', data: {seconds}}) : enforced;
  },

  async verify(look, params) {
    const up = await look.renewed.hello();
    if (!up.ok) return up;
    const wrong = differences(look, up.value);
    if (wrong.length) return failed(fault('host.differs', wrong[0] as string, {detail: {differences: wrong}}));
    const policy = await look.edge.policy();
    if (!policy.ok) return policy;
    if (!samePolicy(policy.value, serving(look, params)))
      return failed(fault('edge.not-as-set', 'the gateway does not hold the rules of the restored host'));
    return ok({
      says: `${bare(look.runbook.network.address)} answers with the key pinned beforehand`,
      data: {bootId: up.value.bootId, hostKey: up.value.hostPin, address: look.runbook.network.address},
    });
  },
};

/** From here on nobody checks the quarantine any more, and it may admit the address of an earlier sitting. */
async function admit(world: World): Promise<Result<unknown>> {
  await world.locate();
  const admitted = await admitThisController(world);
  if (admitted.ok || admitted.fault.code !== 'edge.unreachable') return admitted;
  // The connection to the edge dies with the address that it was made from.
  await world.locate();
  return admitThisController(world);
}

async function serve(world: World, params: Params): Promise<Result<void>> {
  const now = await readPolicy(world);
  if (!now.ok) return now;
  const wanted = serving(world, params);
  return samePolicy(now.value, wanted) ? ok(undefined) : world.edge.enforce(wanted);
}

async function startNew(world: World, hand: Hand): Promise<Result<RenewedFacts>> {
  const light = await lightIsUp(world, hand);
  if (!light.ok) return light;
  if (light.value) {
    hand.progress({says: 'reading its network from the disk'});
    const configured = await isConfigured(world);
    if (!configured.ok) return configured;
    const normal = await world.bmc.bootNormally(hand.signal);
    if (!normal.ok) return normal;
    hand.progress({says: 'switching it off'});
    const settled = await world.target.settle();
    if (!settled.ok) return settled;
    const off = await world.bmc.power('off', hand.signal);
    if (!off.ok) return off;
  }
  const on = await world.bmc.power('on', hand.signal);
  if (!on.ok) return on;

  const began = world.clock.ticks();
  const moves = followMoves(world, hand);
  const up = await until<Result<RenewedFacts>>(
    async () => {
      hand.progress({says: `starting from disk, ${Math.round((world.clock.ticks() - began) / 1000)} s`});
      const hello = await world.renewed.hello();
      if (hello.ok) return hello;
      await moves.follow();
      // A key that is not the pinned one will not become it: that is an answer, not a delay.
      return hello.fault.code === 'ssh.host-key-differs' ? hello : undefined;
    },
    {everyMs: 500, deadlineMs: startMs, clock: world.clock, signal: hand.signal},
  );
  await moves.settled();
  if (up.end === 'met') return up.value;
  return up.end === 'aborted'
    ? interrupted()
    : failed(
        fault('host.not-up', `no answer at ${bare(world.runbook.network.address)} for ${startMs / 60_000} minutes`),
      );
}

/** The install has put it there. What it has finished nobody writes to any more, the light system sees to that. */
async function isConfigured({runbook, shelf, target}: World): Promise<Result<void>> {
  const installed = installation(runbook);
  if (!installed) return failed(fault('disk.not-found', 'no os.install step says which disk holds the new system'));
  const {serial} = installed.disk;
  const wanted = shelf.networkFiles();
  const there = await target.installed(
    serial,
    wanted.map(({path}) => path),
  );
  if (!there.ok) return there;
  const other = wanted.find(({content}, index) => there.value[index] !== content);
  return other === undefined
    ? ok(undefined)
    : failed(fault('host.differs', `${other.path} on ${serial} is not what this run has put there`));
}

function differences({runbook}: Look, up: RenewedFacts): readonly string[] {
  const {network, host} = runbook;
  const found: string[] = [];
  if (up.hostname !== host.name) found.push(`its name is ${up.hostname}, not ${host.name}`);
  const addresses = up.addresses[network.mac] ?? [];
  if (!addresses.includes(network.address))
    found.push(`${network.mac} has ${addresses.join(', ') || 'no address'}, not ${network.address}`);
  if (up.defaultGateway !== network.gateway)
    found.push(`its gateway is ${up.defaultGateway ?? 'missing'}, not ${network.gateway}`);
  return found;
}
