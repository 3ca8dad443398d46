import type {Sha256} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Bmc} from '../../step/world/bmc.ts';
import type {Profile} from '../profile/profile.ts';
import {access} from './access.ts';
import {setBoot} from './boot.ts';
import type {Boot} from './boot-request.ts';
import {client} from './client.ts';
import {readDrives} from './drives.ts';
import {readHealth} from './health.ts';
import {enduring} from '../../endure.ts';
import {exchange} from './exchange.ts';
import {keyring, type Keys} from './keyring.ts';
import {limits, type Limits} from './limits.ts';
import {local} from './local.ts';
import {bmcLog} from './log.ts';
import {logins} from './logins.ts';
import {findMachine, systemFacts} from './machine.ts';
import {readPapers} from './papers.ts';
import {patiently} from './patience.ts';
import {setPower} from './power.ts';
import {refusal} from './refusal.ts';
import {takeScreen} from './screen.ts';
import {sessionsPath} from './session.ts';
import {link} from './tree.ts';
import {virtualMedia} from './virtual-media.ts';
import {wire} from './wire.ts';

export interface RedfishOptions extends Keys {
  /** `https://ADDRESS[:PORT]`; anything after that is not used. */
  readonly url: string;
  /** SHA-256 of the leaf certificate in DER. */
  readonly certificate: Sha256;
  readonly clock: Clock;
  /** How the host starts; sets the override's mode where the BMC has one. */
  readonly firmware?: 'uefi' | 'bios';
  /** Chooses among several systems of one BMC. It is not checked here: `system()` tells which one it is. */
  readonly serial?: string;
  readonly limits?: Partial<Limits>;
}

export interface RedfishBmc extends Bmc {
  /** This controller's address on the path to the BMC. */
  readonly localAddress: string;
  readonly profile: Profile;
  /** Deletes the session, also after an abort. Does not fail. */
  close(): Promise<void>;
}

/**
 * Connects, checks the certificate, logs in and finds the machine. `signal` ends this and every later request of the
 * connection. Faults: `bmc.unreachable`, `bmc.certificate-differs` (nothing was sent), `bmc.credentials-refused`
 * (tried once), `bmc.refused`, `bmc.feature-missing`.
 */
export async function connectRedfish(options: RedfishOptions, signal: AbortSignal): Promise<Result<RedfishBmc>> {
  const url = URL.parse(options.url);
  if (url?.protocol !== 'https:')
    return failed(fault('bmc.certificate-differs', 'bmc.url is not https: nothing would prove who answers'));
  const bounds = {...limits, ...options.limits};
  const line = wire(url.origin, options.certificate, bounds);
  const connected = await overWire(line, options, bounds, signal);
  if (!connected.ok) await line.destroy();
  return connected;
}

async function overWire(
  line: ReturnType<typeof wire>,
  {clock, firmware, serial, ...secrets}: RedfishOptions,
  bounds: Limits,
  signal: AbortSignal,
): Promise<Result<RedfishBmc>> {
  const send = exchange(line, bounds);
  const request = {method: 'GET', path: '/redfish/v1/'} as const;
  // A BMC that is off shall be told at once; one that answers but has trouble gets the time any read gets.
  const root = await patiently(send, clock, 'unknown')(request, signal);
  if (!root.ok) return root;
  // A root that wants credentials itself breaks DMTF's rule and says nothing of sessions; the usual place is tried.
  if (root.value.status >= 400 && root.value.status !== 401)
    return failed(refusal(request, root.value, (says) => says));
  const sessions =
    root.value.status === 401 ? '/redfish/v1/SessionService/Sessions' : sessionsPath(line.origin, root.value.body);
  const keys = keyring(secrets);
  const guarded = link(root.value.body, 'Systems') ?? '/redfish/v1/Systems';
  const who = logins(
    send,
    {origin: line.origin, sessions, guarded: local(line.origin, guarded) ?? guarded},
    keys,
    clock,
  );
  const session = client(send, line.origin, who, keys.mask, clock, signal);
  const machine = await findMachine(session, root.value.body, serial);
  const localAddress = line.localAddress();
  if (!machine.ok || localAddress === undefined) {
    await who.close();
    return machine.ok ? failed(fault('bmc.unreachable', 'the connection to the BMC has gone')) : machine;
  }
  const media = virtualMedia(session, machine.value, clock);
  const log = bmcLog(session, machine.value);
  const {system, profile} = machine.value;
  const may = access({
    client: session,
    root: root.value.body,
    machine: machine.value,
    sessions,
    logins: who,
    keys,
    clock,
    life: signal,
  });
  const toCd: Boot = {from: 'cd', ...(firmware === undefined ? {} : {firmware})};

  return ok({
    localAddress,
    profile,
    async system() {
      const reply = await session.get(system);
      return reply.ok ? systemFacts(profile, reply.value.body) : reply;
    },
    media: () => media.read(),
    events: (mark) => log.read(mark),
    drives: () => readDrives(session, system),
    health: () => enduring(() => readHealth(session, machine.value), clock, signal),
    papers: (within) => readPapers(session, within),
    screen: (within) => takeScreen(session, machine.value, clock, within),
    insert: (url, within) => enduring(() => media.insert(url, within), clock, within),
    eject: (within) => enduring(() => media.eject(within), clock, within),
    bootCdOnce: (within) => enduring(() => setBoot(session, machine.value, toCd, clock, within), clock, within),
    bootNormally: (within) =>
      enduring(() => setBoot(session, machine.value, {from: 'disk'}, clock, within), clock, within),
    power: (want, within) => enduring(() => setPower(session, system, want, clock, within), clock, within),
    state: (depth) => enduring(() => may.state(depth), clock, signal),
    takes: (password) => enduring(() => may.takes(password), clock, signal),
    removeAccount: (id, within) => enduring(() => may.removeAccount(id, within), clock, within),
    endSession: (id, within) => enduring(() => may.endSession(id, within), clock, within),
    removeSubscription: (id, within) => enduring(() => may.removeSubscription(id, within), clock, within),
    closeWay: (name, within) => enduring(() => may.closeWay(name, within), clock, within),
    changePassword: (within) => may.changePassword(within),
    async close() {
      await who.close();
      await line.destroy();
    },
  });
}
