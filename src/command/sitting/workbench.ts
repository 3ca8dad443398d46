import {dirname, resolve} from 'node:path';
import type {RunId, Sha256} from '../../brand.ts';
import {connectRedfish} from '../../device/redfish/connect.ts';
import {lazily} from '../../device/redfish/lazy.ts';
import {renewedOver} from '../../device/renewed.ts';
import {keptSession, type KeptSession} from '../../device/ssh/kept.ts';
import {sshSuspect} from '../../device/suspect/suspect.ts';
import {windowsSuspect} from '../../device/suspect/windows.ts';
import {sshTarget} from '../../device/target/target.ts';
import {folderEvidence} from '../../device/vault/vault.ts';
import {staticBusybox} from '../../image/debian/static-busybox.ts';
import {makeMasker, type Masker} from '../../mask/mask.ts';
import type {Tell} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {Secret} from '../../secret.ts';
import type {BmcPassword} from '../../step/bmc/state.ts';
import {bare} from '../../step/port/port.ts';
import type {Outside} from '../../step/world.ts';
import {hostRecord} from '../host-record.ts';
import type {RunKey, RunKeys} from './run-keys.ts';
import {fetchSecrets} from '../secret/secrets.ts';
import type {Session} from '../session.ts';
import {operatorOf} from '../operator.ts';
import {openShelf} from '../shelf/shelf.ts';
import {openSurroundings} from './surroundings.ts';
import type {Subject} from '../subject.ts';
import {thisProgram} from '../this-program.ts';

/** Every device of a run, each connected when it is first used. */
export interface Workbench {
  readonly world: Outside;
  readonly masker: Masker;
  /** Ends the sessions at the devices, the BMC's among them: its pool is small. */
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  readonly run: RunId;
  readonly keys: RunKeys;
  /** Of the lease on the host; without one the light system can only be looked at. */
  readonly epoch?: number;
  /** On resume: the OS image the run was planned with. */
  readonly image?: Sha256;
  /** On resume: the light ISO the run was begun with. */
  readonly iso?: Sha256;
  /** The BMC's password that this run knows to hold. */
  readonly inForce?: BmcPassword;
  readonly say: (line: string) => void;
  readonly tell: Tell;
}

export async function openWorkbench(
  {home, clock, journal}: Session,
  {runbook, file}: Subject,
  {run, keys, image, iso, epoch = 0, inForce = 'password', say, tell}: WorkbenchOptions,
): Promise<Result<Workbench>> {
  const secrets = await fetchSecrets(runbook);
  if (!secrets.ok) return secrets;
  const {user, password, newpassword, edge: edgeKey, vantages: vantageKeys} = secrets.value;
  const opened = await openSurroundings(runbook, {...(edgeKey && {edge: edgeKey}), vantages: vantageKeys});
  if (!opened.ok) return opened;
  const surroundings = opened.value;

  const {url, certificate} = runbook.bmc;
  const over = new AbortController();
  const bmc = lazily(() =>
    connectRedfish(
      {
        url,
        certificate,
        user,
        password,
        ...(newpassword && {newpassword, inForce}),
        clock,
        firmware: runbook.host.firmware,
        serial: runbook.host.serial,
      },
      over.signal,
    ),
  );
  const shelf = openShelf({
    home,
    clock,
    run,
    runbook,
    folder: dirname(resolve(file)),
    keys,
    image,
    iso,
    say,
    tell,
    signal: over.signal,
    address: async () => (runbook.controller.address ? ok(runbook.controller.address) : bmc.localAddress()),
  });
  const light = loginToHost(runbook, keys, keys.light);
  const renewed = loginToHost(runbook, keys, keys.host);
  const target = sshTarget(light, epoch);
  const old = loginToSuspect(runbook, secrets.value.suspect);
  const suspect =
    old && runbook.suspect?.system === 'windows'
      ? windowsSuspect(old, clock)
      : sshSuspect(old, () => staticBusybox(over.signal), clock);
  return ok({
    masker: makeMasker([
      password,
      ...(newpassword ? [newpassword] : []),
      ...(edgeKey ? [edgeKey] : []),
      ...(secrets.value.suspect ? [secrets.value.suspect] : []),
      ...Object.values(vantageKeys),
      ...[keys.controller, keys.light, keys.host].map(({privateKey}) => privateKey),
      keys.media.token,
    ]),
    world: {
      run: {
        id: run,
        controllerKey: keys.controller.publicLine,
        lightPin: keys.light.pin,
        hostPin: keys.host.pin,
        get controllerAddress() {
          return surroundings.controllerAddress;
        },
      },
      locate: () => surroundings.locate(),
      runbook,
      clock,
      record: () => hostRecord(journal, runbook),
      bmc,
      edge: surroundings.edge,
      shelf,
      target,
      renewed: renewedOver(renewed),
      suspect,
      evidence: folderEvidence({
        state: home.state,
        run,
        host: runbook.host.name,
        asset: runbook.host.serial,
        operator: () => operatorOf(journal, run, keys.controller.pin),
        tool: thisProgram,
        key: keys.controller,
        clock,
      }),
      vantages: surroundings.vantages,
    },
    close: async () => {
      for (const line of [surroundings, renewed, target, suspect]) line.close();
      await shelf.close();
      await bmc.close();
      over.abort();
    },
  });
}

/** The host's own SSH, as one of its systems: which one is said by the host key that must answer. */
function loginToHost({network}: Runbook, {controller}: RunKeys, {pin}: RunKey): KeptSession {
  const {address, port} = network.reach ?? {address: bare(network.address), port: 22};
  // It is asked again and again while it starts; a short wait for each attempt finds it soon after it is up.
  const limits = {connectMs: 3000};
  return keptSession({address, port, user: 'root', key: controller.privateKey, hostKey: pin, limits});
}

/** The old system, by its own key; where the runbook has no way to it, every step that would ask it was refused. */
function loginToSuspect({suspect}: Runbook, key: Secret | undefined): KeptSession | undefined {
  return suspect && key && keptSession({...suspect, key});
}
