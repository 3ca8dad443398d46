import {createHash, randomBytes} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Sha256} from '../../src/brand.ts';
import {openIsoServer, type OfferedIso} from '../../src/device/iso-server/serve.ts';
import {connectRedfish} from '../../src/device/redfish/connect.ts';
import {fault} from '../../src/fault.ts';
import {ailments, type Ailments} from '../../src/lab/bmc/ailment.ts';
import {board, type Board} from '../../src/lab/bmc/board.ts';
import {redfish} from '../../src/lab/bmc/redfish.ts';
import {serveBmc} from '../../src/lab/bmc/server.ts';
import {sessions} from '../../src/lab/bmc/sessions.ts';
import {standing} from '../../src/lab/bmc/standing.ts';
import type {Chassis} from '../../src/lab/machine/chassis.ts';
import {link, type Link} from '../../src/lab/machine/link.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import {Secret} from '../../src/secret.ts';
import type {World} from '../../src/step/world.ts';
import type {LightIso} from '../../src/step/world/image.ts';
import {selfSigned} from '../device/certificate.ts';
import {labBlueprint} from '../lab/lab-blueprint.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {brisk} from './brisk.ts';

/** The lab's BMC and line, and our ISO server, with a drive that reads over HTTP as QEMU's does in place of a machine. */
export interface Stage {
  readonly world: World;
  readonly ills: Ailments;
  readonly mind: Board;
  readonly line: Link;
  readonly iso: LightIso;
  readonly offer: OfferedIso;
  /** Starts of the machine, and inserts while it was on. */
  readonly counted: {starts: number; insertsWhileOn: number};
  /** The BMC reports its slot as empty, whatever is in it. */
  hideMedium(hidden: boolean): void;
  close(): Promise<void>;
}

const rangeBytes = 64 << 10;

export async function labBmcStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-bmc-stage-'));
  const clock = brisk(10);
  const content = randomBytes(4 << 20);
  const file = join(folder, 'rebuild.iso');
  await writeFile(file, content);
  const sha256 = createHash('sha256').update(content).digest('hex') as Sha256;
  const server = must(await openIsoServer({address: '127.0.0.1', clock}));
  const offer = must(await server.offer({token: 'k7Qm2vXw9TzB4nRs', file, sha256}));
  const iso: LightIso = {
    url: offer.url,
    sha256,
    bytes: content.length,
    base: 'd'.repeat(64) as Sha256,
    bootBytes: content.length,
  };

  const counted = {starts: 0, insertsWhileOn: 0};
  const line = link();
  const ills = ailments();
  let on = false;
  let loaded: string | undefined;
  let light = false;
  let hidden = false;
  let power = new AbortController();

  /** Reads the medium to its end, range after range; whatever goes wrong ends it for good, as a boot loader would. */
  async function start(from: 'cd' | 'disk', off: AbortSignal): Promise<void> {
    if (from !== 'cd' || loaded === undefined) return;
    for (let at = 0; at < iso.bytes; at += rangeBytes) {
      const last = Math.min(at + rangeBytes, iso.bytes) - 1;
      const reply = await fetch(loaded, {headers: {range: `bytes=${at}-${last}`}, signal: off});
      await reply.arrayBuffer();
      if (loaded === undefined || off.aborted) return;
    }
    light = true;
  }
  const chassis: Pick<Chassis, 'power' | 'on' | 'off' | 'restart' | 'load' | 'unload'> = {
    power: () => (on ? 'on' : 'off'),
    on: async () => {
      if (on) return ok(undefined);
      [on, light] = [true, false];
      counted.starts++;
      power = new AbortController();
      void start(mind.bootSource(), power.signal).catch(() => undefined);
      return ok(undefined);
    },
    off: async () => {
      [on, light] = [false, false];
      power.abort();
    },
    restart: async () => ok(undefined),
    load: async (url) => {
      if (on) counted.insertsWhileOn++;
      loaded = url;
      return ok(undefined);
    },
    unload: async () => {
      loaded = undefined;
      return ok(undefined);
    },
  };
  const mind = board({chassis: () => chassis as Chassis, link: line, ailments: ills, clock});
  const certificate = selfSigned();
  const port = await freePort();
  const bmcServer = await serveBmc({
    address: '127.0.0.1',
    port,
    certificate: certificate.cert,
    key: certificate.key,
    clock,
    accessLog: join(folder, 'access.log'),
    redfish: redfish({
      machine: labBlueprint(),
      power: () => (on ? 'on' : 'off'),
      board: {...mind, shown: () => (hidden ? {image: undefined, name: undefined} : mind.shown())},
      sessions: sessions({clock, room: 4, timeoutSeconds: 3600}),
      standing: standing({user: 'rebuild', password: new Secret('correct horse'), clock}),
      certificate: certificate.cert,
      ailments: ills,
      clock,
    }),
  });
  const over = new AbortController();
  const bmc = must(
    await connectRedfish(
      {
        url: `https://127.0.0.1:${port}`,
        certificate: certificate.pin,
        user: new Secret('rebuild'),
        password: new Secret('correct horse'),
        clock,
      },
      over.signal,
    ),
  );
  const plain = new Machine(runbook, new VirtualClock()).world();

  return {
    ills,
    mind,
    line,
    iso,
    offer,
    counted,
    hideMedium: (wanted) => (hidden = wanted),
    world: {
      ...plain,
      clock,
      bmc,
      earlier: () => undefined,
      forgone: () => false,
      shelf: {
        ...plain.shelf,
        light: async () => ok(iso),
        served: () => offer.served(),
        recount: () => offer.recount(),
      },
      target: {
        ...plain.target,
        hello: async () =>
          on && light
            ? ok({
                run: 'marruuk-1',
                bootId: `b${counted.starts}`,
                uptimeSeconds: 9,
                memoryBytes: 1e9,
                mediumNeeded: false,
              })
            : failed(fault('ssh.unreachable', 'nothing answers')),
      },
    },
    async close() {
      power.abort();
      await bmc.close();
      over.abort();
      bmcServer.down();
      line.close();
      await server.close();
      await rm(folder, {recursive: true, force: true});
    },
  };
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
