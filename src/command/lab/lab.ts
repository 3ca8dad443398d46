import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import type {HostName} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {plants, type Plant} from '../../image/os/suspect-plants.ts';
import {bmcPlants} from '../../lab/bmc/planted.ts';
import {readConsole} from '../../lab/console.ts';
import {takeDown} from '../../lab/down.ts';
import {labFolder, labHosts} from '../../lab/folder.ts';
import {isForNow} from '../../lab/fault/lab-fault.ts';
import {labAttach, labUp, type Lab} from '../../lab/lab.ts';
import type {MakeSuspect} from '../../lab/suspect.ts';
import {within, type Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {loadScript} from './fault-script.ts';
import type {LabRequest} from './request.ts';
import {statusText, suspectText} from './text.ts';

/** What `rebuild lab` needs of the command line around it. */
export interface LabSurroundings {
  readonly json: boolean;
  /** The result: stdout. */
  readonly out: (text: string) => void;
  /** Does what takes its time, and tells of it on stderr. */
  readonly work: <T>(work: (tell: Tell) => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  readonly runbook: (host: HostName) => Promise<Result<Runbook>>;
  readonly suspect: MakeSuspect;
}

/** Carries out one `rebuild lab ...`. */
export async function lab(request: LabRequest, around: LabSurroundings): Promise<Result<void>> {
  const host = request.host === undefined ? onlyLab(request.verb) : ok(request.host);
  if (!host.ok) return host;
  switch (request.verb) {
    case 'up':
      return up(host.value, request, around);
    case 'down': {
      const gone = await takeDown(host.value);
      if (!gone.ok) return gone;
      const {was, borrowed} = gone.value;
      const says = borrowed
        ? `it is kept in ${borrowed} and stays there; here it is used no more`
        : was
          ? 'the lab is gone'
          : 'there was none';
      tell(around, {host: host.value, up: false, ...(borrowed && {borrowed})}, `${says}\n`);
      return ok(undefined);
    }
    case 'console': {
      // The console outlives the machine: it is read from its file, whoever keeps the lab.
      const {serialConsole} = labFolder(host.value);
      if (!existsSync(serialConsole)) return failed(fault('lab.down', `${host.value} has shown nothing yet`));
      for await (const text of readConsole(serialConsole, {follow: request.follow, signal: around.signal}))
        around.out(text);
      return ok(undefined);
    }
    case 'status':
    case 'suspect':
    case 'screenshot':
    case 'fault':
    case 'script': {
      const attached = await labAttach(host.value);
      return attached.ok ? ask(attached.value, request, around) : attached;
    }
    default:
      return request satisfies never;
  }
}

async function up(
  host: HostName,
  {firmware, secureBoot}: Extract<LabRequest, {verb: 'up'}>,
  around: LabSurroundings,
): Promise<Result<void>> {
  const runbook = await around.runbook(host);
  if (!runbook.ok) return runbook;
  const raised = await around.work((tell) =>
    labUp(runbook.value, {
      fresh: true,
      progress: within('lab', tell),
      signal: around.signal,
      suspect: around.suspect,
      ...(firmware && {firmware}),
      ...(secureBoot && {secureBoot}),
    }),
  );
  return raised.ok ? status(raised.value, around) : raised;
}

async function ask(
  attached: Lab,
  request: Extract<LabRequest, {verb: 'status' | 'suspect' | 'screenshot' | 'fault' | 'script'}>,
  around: LabSurroundings,
): Promise<Result<void>> {
  switch (request.verb) {
    case 'status':
      return status(attached, around);
    case 'suspect': {
      const {host, suspect: before} = attached;
      const [now, keptDisks] = await Promise.all([attached.ask(), attached.keptDisks()]);
      const json = {
        host,
        before: before ?? null,
        now: now.ok ? {...now.value} : null,
        keptDisks,
        planted: plantedThere(before),
      };
      tell(around, json, suspectText({host, before, now, keptDisks, planted: plantedThere(before)}));
      return ok(undefined);
    }
    case 'screenshot': {
      const taken = await attached.control.screenshot();
      if (!taken.ok) return taken;
      try {
        await writeFile(request.output, taken.value);
      } catch (error) {
        return failed(fault('lab.failed', `cannot write ${request.output}: ${String(error)}`));
      }
      tell(around, {host: attached.host, file: request.output, bytes: taken.value.length}, `${request.output}\n`);
      return ok(undefined);
    }
    case 'fault': {
      const struck = await attached.control.strike(request.fault);
      if (!struck.ok) return struck;
      const waits = !isForNow(request.fault);
      const says = `${request.fault.fault}: ${waits ? 'waits for its moment' : 'done'}\n`;
      tell(around, {host: attached.host, fault: request.fault, waits}, says);
      return ok(undefined);
    }
    case 'script': {
      const script = await loadScript(request.file, process.stderr.columns);
      if (!script.ok) {
        for (const excerpt of script.excerpts) process.stderr.write(`${excerpt}\n\n`);
        return failed(script.fault);
      }
      const given = await attached.control.script(script.value);
      if (!given.ok) return given;
      const {seed, faults} = script.value;
      const says = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} from ${request.file}, seed ${seed}\n`;
      tell(around, {host: attached.host, file: request.file, seed, faults: faults.length}, says);
      return ok(undefined);
    }
    default:
      return request satisfies never;
  }
}

async function status(attached: Lab, around: LabSurroundings): Promise<Result<void>> {
  const {blueprint, host} = attached;
  const now = await attached.control.status();
  if (!now.ok) return now;
  const {firmware, secureBoot, accelerator, layout} = blueprint;
  tell(
    around,
    {host, up: true, firmware, secureBoot, accelerator, layout, ...now.value},
    statusText(blueprint, now.value),
  );
  return ok(undefined);
}

/** What the old system came up with, and its BMC; a lab without one has none of it. */
const plantedThere = (before: Lab['suspect']): readonly Plant[] =>
  before === undefined ? [] : [...plants, ...bmcPlants];

const tell = ({json, out}: LabSurroundings, value: object, text: string): void =>
  out(json ? `${JSON.stringify(value)}\n` : text);

/** The host of the only lab there is. */
function onlyLab(verb: LabRequest['verb']): Result<HostName> {
  const hosts = labHosts();
  const [only] = hosts;
  if (hosts.length === 1 && only !== undefined) return ok(only);
  if (hosts.length > 1) return failed(fault('lab.usage', `which one: ${hosts.join(', ')}?`));
  return verb === 'up'
    ? failed(fault('lab.usage', 'a lab of which host?', {next: 'rebuild lab up HOST'}))
    : failed(fault('lab.down', 'there is no lab', {next: 'rebuild lab up HOST'}));
}
