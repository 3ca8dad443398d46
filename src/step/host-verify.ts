import {z} from 'zod';
import {fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import {failed, ok, type Result} from '../result.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import {checkData, notMade, passed, type Check} from './check.ts';
import {contactCheck, watchContacts} from './system/contact-watch.ts';
import {goldenCheck} from './system/golden.ts';
import {installation} from './system/installation.ts';
import {readIndicators} from './indicator/read.ts';
import {portChecks} from './port/scan.ts';
import {bare, ports} from './port/port.ts';
import type {Hand, Step} from './step.ts';
import type {Look, World} from './world.ts';
import type {RenewedFacts} from './world/renewed.ts';
import type {Vantage} from './world/vantage.ts';

const params = z.strictObject({
  expect: ports.describe('Ports that must be open from every vantage; every other port must not be.'),
  refused: ports
    .default([])
    .describe('Ports that must not be open even to the controller’s neighbours: what was isolated.'),
  golden: z
    .boolean()
    .default(false)
    .describe(
      'true: what starts by itself on the new system, its keys and its SUID files must be those of the image and of ' +
        'this run, and it must listen on nothing but what is declared.',
    ),
  indicators: z
    .array(z.string().min(1).max(255))
    .max(16)
    .readonly()
    .default([])
    .describe(
      'Lists of what was seen on the compromised host, none of which may be seen again: CSV with type and value, or a ' +
        'STIX 2.1 bundle; paths count from the runbook’s folder.',
    ),
  contacts: z
    .array(formats.anyAddress)
    .max(256)
    .readonly()
    .default([])
    .describe('Addresses of command servers, beside those among the indicators.'),
  watch: formats.duration
    .optional()
    .describe(
      'How long the gateway is watched for contact with those addresses, such as 24h; at least so long since the host ' +
        'was let out. On a contact the host goes back into quarantine.',
    ),
});
type Params = z.infer<typeof params>;

export const hostVerify: Step<Params, Record<string, never>> = {
  kind: 'host.verify',
  summary: 'Looks from outside: the pinned key answers, exactly the declared ports are open, the old system is gone.',
  irreversible: false,
  heldUntil: [],
  params,

  check: ({watch, contacts, indicators}) => [
    ...(contacts.length + indicators.length > 0 && watch === undefined
      ? [{path: ['watch'], says: 'nothing says how long to watch for contact: watch'}]
      : []),
    ...(watch !== undefined && contacts.length + indicators.length === 0
      ? [{path: ['watch'], says: 'nothing says whom to watch for: contacts, or indicators'}]
      : []),
  ],

  probe: async () => ok({}),

  plan: ({expect, refused, golden, watch, indicators, contacts}) => [
    {
      id: 'look',
      says: `from outside: ${expect.join(', ') || 'nothing'} open, no other${refused.length ? `; ${refused.join(', ')} shut` : ''}`,
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
    ...(golden
      ? [
          {
            id: 'golden',
            says: 'units, timers, cron, keys, SUID: those of the image',
            certainty: {is: 'will'} as const,
            undo: true,
            irreversible: false,
          },
        ]
      : []),
    ...(watch !== undefined
      ? [
          {
            id: 'watch',
            says: `no contact with ${indicators.length ? 'the indicators’ addresses' : `${contacts.length} addresses`} for ${watch}`,
            certainty: {is: 'will'} as const,
            undo: true,
            irreversible: false,
            seconds: {from: durationSeconds(watch) ?? 0, to: durationSeconds(watch) ?? 0},
          },
        ]
      : []),
  ],

  apply: (world, params, hand) => inspect(world, params, hand),
  verify: (look, params) => identity(look).then((found) => (found.ok ? inspectKeys(look, params, found.value) : found)),
};

/** The whole look; `verify` afterwards repeats only what takes no time. */
async function inspect(world: World, params: Params, hand: Hand): ReturnType<typeof hostVerify.apply> {
  const indicators = await readIndicators(world, params);
  if (!indicators.ok) return indicators;
  const scanned = await portChecks(world, params, hand);
  if (!scanned.ok) return scanned;
  const {checks: ports, tried} = scanned.value;
  const inside = await goldenCheck(world, params, indicators.value.usable);
  if (!inside.ok) return inside;
  const checks = [...ports, filesCheck(world), ...inside.value, ...indicators.value.checks];
  const wrong = verdict(checks);
  if (wrong) return wrong;

  const watched = await watchContacts(world, params, indicators.value.usable, hand);
  if (!watched.ok) return watched;
  const all = [...checks, ...watched.value];
  const late = verdict(all);
  if (late) {
    const closed = await isolateAgain(world);
    return closed.ok ? late : closed;
  }
  return ok({
    says: 'looked',
    data: {
      from: world.vantages.map(({name}) => name),
      tried,
      open: params.expect,
      refused: params.refused,
      checks: checkData(all),
    },
  });
}

/** What the light system found before the new one was first started, where the runbook had it look. */
function filesCheck(look: Look): Check {
  const earlier = look.earlier('files.verify');
  return earlier ? passed('files', earlier.says) : notMade('files', 'the runbook has no files.verify step');
}

/** Undefined where no check failed. */
function verdict(checks: readonly Check[]): Result<never> | undefined {
  const wrong = checks.filter(({verdict: is}) => is === 'failed');
  const [first] = wrong;
  if (!first) return undefined;
  const differences = wrong.flatMap((check) => check.differences ?? [check.says]);
  const detail: JsonObject = {differences, checks: checkData(checks)};
  return failed(fault(first.check === contactCheck ? 'contact.seen' : 'host.differs', first.says, {detail}));
}

/** Whoever calls home is no rebuilt host: it is closed off, as it was found. */
async function isolateAgain({edge, run}: World): Promise<Result<void>> {
  return edge.enforce({mode: 'quarantine', admit: [run.controllerAddress]});
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
