import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Port} from '../runbook/runbook.ts';
import {installation} from './installation.ts';
import {bare, ports} from './port.ts';
import type {Hand, Step} from './step.ts';
import type {Look, RenewedFacts, Vantage} from './world.ts';

const params = z.strictObject({
  expect: ports.describe('Ports that must be open from every vantage; every other TCP port must not be.'),
  refused: ports
    .default([])
    .describe('Ports that must not be open even to the controller’s neighbours: what was isolated.'),
});
type Params = z.infer<typeof params>;

const everyTcpPort: readonly Port[] = Array.from({length: 65_535}, (_, index): Port => `tcp/${index + 1}`);

// What is most often found open on servers, and what backdoors have used: for vantages where trying every port takes
// hours (closed ports are silence) or minutes (each goes through another server's SSH).
const telling: readonly Port[] = [
  21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 465, 587, 631, 873, 993, 995, 1080, 1337, 1433, 2049,
  2222, 2375, 2376, 3128, 3306, 3333, 3389, 4444, 5000, 5432, 5555, 5900, 5985, 6379, 6443, 6666, 6667, 7777, 8000,
  8080, 8081, 8443, 8888, 9000, 9001, 9090, 9200, 10_000, 11_211, 14_444, 25_565, 27_017, 31_337, 45_700,
].map((number): Port => `tcp/${number}`);

/** Ports to try from a place: all of them from the controller, as long as closed ones answer there. */
async function worthTrying(vantage: Vantage, address: string, own: boolean): Promise<Result<readonly Port[]>> {
  if (!own) return ok(telling);
  for (const port of ['tcp/1', 'tcp/65535'] as const) {
    const reach = await vantage.reach(address, port);
    if (!reach.ok) return reach;
    if (reach.value === 'silent') return ok(telling);
  }
  return ok(everyTcpPort);
}

export const hostVerify: Step<Params, Record<string, never>> = {
  kind: 'host.verify',
  summary: 'Looks from outside: the pinned key answers, exactly the declared ports are open, the old system is gone.',
  irreversible: false,
  heldUntil: [],
  params,

  probe: async () => ok({}),

  plan: ({expect, refused}) => [
    {
      id: 'look',
      says: `from outside: ${expect.join(', ') || 'nothing'} open, no other${refused.length ? `; ${refused.join(', ')} shut` : ''}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
  ],

  apply: (world, params, hand) => inspect(world, params, hand),
  verify: (look, params) => identity(look).then((found) => (found.ok ? inspectKeys(look, params, found.value) : found)),
};

/** The whole look; `verify` afterwards repeats only what takes no time. */
async function inspect(look: Look, {expect, refused}: Params, hand: Hand): ReturnType<typeof hostVerify.apply> {
  const address = bare(look.runbook.network.address);
  const wrong: string[] = [];
  const tried: Record<string, number> = {};
  for (const vantage of look.vantages) {
    const ports = await worthTrying(vantage, address, vantage === look.vantages[0]);
    if (!ports.ok) return ports;
    hand.progress({says: `${ports.value.length} ports from ${vantage.name}`});
    const open = await vantage.scan(address, [...new Set([...ports.value, ...expect])]);
    if (!open.ok) return open;
    tried[vantage.name] = ports.value.length;
    for (const port of expect) if (!open.value.includes(port)) wrong.push(`${port} is not open from ${vantage.name}`);
    for (const port of open.value) if (!expect.includes(port)) wrong.push(`${port} is open from ${vantage.name}`);
    for (const port of refused) {
      const reach = await vantage.reach(address, port);
      if (!reach.ok) return reach;
      if (reach.value === 'open') wrong.push(`${port} is open from ${vantage.name} and must stay shut`);
    }
  }
  if (wrong.length) return failed(fault('host.differs', wrong[0] as string, {detail: {differences: wrong}}));
  return ok({
    says: 'looked',
    data: {from: look.vantages.map(({name}) => name), tried, open: expect, refused},
  });
}

/** Whether it is the new system: asked over SSH, and held against what was known before it existed. */
async function identity(look: Look): Promise<Result<RenewedFacts>> {
  const up = await look.renewed.hello();
  if (!up.ok) return up;
  const wrong: string[] = [];
  const light = look.earlier('target.boot')?.data['bootId'];
  if (up.value.bootId === light) wrong.push('it has the light system’s boot id: it was not started anew');
  const old = look.earlier('port.isolate')?.data['oldHostKey'];
  if (up.value.hostPin === old) wrong.push('it has the old system’s host key');
  const image = look.earlier('os.install')?.data['image'];
  if (up.value.image !== image) wrong.push(`it says image ${up.value.image ?? 'none'}, not the one that was written`);
  const serial = installation(look.runbook)?.disk.serial;
  if (up.value.rootDisk !== serial) wrong.push(`its root is on disk ${up.value.rootDisk ?? 'unknown'}, not ${serial}`);
  return wrong.length ? failed(fault('host.differs', wrong[0] as string, {detail: {differences: wrong}})) : up;
}

async function inspectKeys(look: Look, {expect}: Params, up: RenewedFacts): ReturnType<typeof hostVerify.verify> {
  const address = bare(look.runbook.network.address);
  const seen = await Promise.all(look.vantages.map((vantage) => keyFrom(vantage, address)));
  for (const key of seen) {
    if (!key.ok) return key;
    if (key.value !== look.run.hostPin)
      return failed(
        fault('ssh.host-key-differs', `host key ${key.value ?? 'none'} answers, pinned is ${look.run.hostPin}`),
      );
  }
  return ok({
    says: `new key from ${look.vantages.length} vantages; only ${expect.join(', ') || 'nothing'} open`,
    data: {bootId: up.bootId, hostKey: up.hostPin, release: up.release},
  });
}

const keyFrom = (vantage: Vantage, address: string) => vantage.hostKey(address, 22);
