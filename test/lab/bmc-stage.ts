import {createServer} from 'node:http';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connectRedfish, type RedfishBmc} from '../../src/device/redfish/connect.ts';
import type {Sha256} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {ailments} from '../../src/lab/bmc/ailment.ts';
import {bmcClock} from '../../src/lab/bmc/bmc-clock.ts';
import {board, type Board} from '../../src/lab/bmc/board.ts';
import {redfish} from '../../src/lab/bmc/redfish.ts';
import {serveBmc} from '../../src/lab/bmc/server.ts';
import {sessions, type Sessions} from '../../src/lab/bmc/sessions.ts';
import {standing, type Standing} from '../../src/lab/bmc/standing.ts';
import {bmcActs} from '../../src/lab/fault/bmc-strike.ts';
import type {Acts} from '../../src/lab/fault/act.ts';
import {chance} from '../../src/lab/fault/chance.ts';
import type {FaultName, FaultOf} from '../../src/lab/fault/lab-fault.ts';
import {link} from '../../src/lab/machine/link.ts';
import {freePort} from '../../src/lab/userspace/slirp.ts';
import {Secret} from '../../src/secret.ts';
import type {Result} from '../../src/result.ts';
import {selfSigned, type Certificate} from '../device/certificate.ts';
import {hasty} from '../device/hasty.ts';
import {labBlueprint} from './lab-blueprint.ts';
import {noteChassis} from './note-chassis.ts';

type BmcFault = Extract<FaultName, `bmc-${string}`>;

/** The lab's BMC on this machine's loopback with a machine that only notes, and the product's client before it. */
export interface BmcStage {
  readonly board: Board;
  /** A medium that the BMC can read. */
  readonly iso: string;
  /** What was done to the machine, and where it started from. */
  readonly did: readonly string[];
  readonly standing: Standing;
  readonly sessions: Sessions;
  /** Where another client finds it: its certificate as a file, and what it logs in with. */
  readonly elsewhere: {
    readonly url: string;
    readonly certificate: string;
    readonly user: string;
    readonly password: string;
  };
  readonly pin: Sha256;
  connect(): Promise<Result<RedfishBmc>>;
  /** Strikes; with `forSeconds` it is mended once the client has waited that long. */
  strike<N extends BmcFault>(fault: N, more: Omit<FaultOf<N>, 'fault' | 'when'>): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** With `intruded`, what an owner of the host has left behind is in it. */
export async function bmcStage({
  intruded = false,
  certificate = selfSigned(),
}: {
  readonly intruded?: boolean;
  readonly certificate?: Certificate;
} = {}): Promise<BmcStage> {
  const clock = hasty();
  const directory = mkdtempSync(join(tmpdir(), 'rebuild-bmc-'));
  const file = join(directory, 'bmc.crt');
  writeFileSync(file, certificate.cert);
  const password = new Secret('correct horse');
  const did: string[] = [];
  let power: 'on' | 'off' = 'on';

  const shelf = createServer((_, outgoing) => {
    outgoing.writeHead(200, {'accept-ranges': 'bytes', 'content-length': 9});
    outgoing.end();
  });
  shelf.listen(0, '127.0.0.1');
  await once(shelf, 'listening');

  const ills = ailments();
  const line = link();
  const pool = sessions({clock});
  const stands = standing({user: 'rebuild', password, clock, ...(intruded && {intruded: pool})});
  const time = bmcClock(clock);
  const mind: Board = board({chassis: () => chassis, link: line, ailments: ills, clock: time});
  const chassis = noteChassis({
    did: (what) => void did.push(what),
    power: () => power,
    turn: (to) => {
      power = to;
    },
    start: () => void did.push(`start from ${mind.bootSource()}`),
  });
  const port = await freePort();
  const server = await serveBmc({
    address: '127.0.0.1',
    port,
    certificate: certificate.cert,
    key: certificate.key,
    clock,
    accessLog: join(directory, 'access.jsonl'),
    redfish: redfish({
      machine: labBlueprint(),
      power: () => power,
      board: mind,
      sessions: pool,
      standing: stands,
      certificate: certificate.cert,
      ailments: ills,
      clock: time,
    }),
  });
  const acts: Acts<BmcFault> = bmcActs({ailments: ills, board: mind, sessions: pool, server, clock: time});
  const made: RedfishBmc[] = [];

  return {
    board: mind,
    iso: `http://127.0.0.1:${(shelf.address() as AddressInfo).port}/light.iso`,
    did,
    standing: stands,
    sessions: pool,
    pin: certificate.pin,
    elsewhere: {url: `https://127.0.0.1:${port}`, certificate: file, user: 'rebuild', password: password.reveal()},
    async connect() {
      const connected = await connectRedfish(
        {
          url: `https://127.0.0.1:${port}`,
          certificate: certificate.pin,
          user: new Secret('rebuild'),
          password,
          newpassword: new Secret('staple battery'),
          clock,
          firmware: 'uefi',
        },
        never,
      );
      if (connected.ok) made.push(connected.value);
      return connected;
    },
    async strike(fault, more) {
      const act = acts[fault] as (fault: object, draws: unknown) => ReturnType<Acts<BmcFault>[BmcFault]>;
      const struck = await act({fault, when: {at: 'now'}, ...more}, chance(1));
      if (!struck.ok) throw new Error(struck.fault.says);
      const {forSeconds} = more as {forSeconds?: number};
      if (forSeconds !== undefined) void waited(clock, forSeconds).then(struck.value);
    },
    async close() {
      for (const each of made) await each.close();
      server.down();
      line.close();
      shelf.close();
      rmSync(directory, {recursive: true});
    },
  };
}

/** On a clock whose sleeps pass at once, time is what others have slept. */
async function waited(clock: Clock, seconds: number): Promise<void> {
  const end = clock.ticks() + seconds * 1000;
  while (clock.ticks() < end) await new Promise(setImmediate);
}
