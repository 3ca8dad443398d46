import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, openSync, rmSync} from 'node:fs';
import {readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Blueprint} from '../blueprint.ts';
import type {LabFolder} from '../folder.ts';
import {searchPath} from '../program.ts';
import {cable, type Cable} from './cable.ts';
import {ideDrive, usbDrive} from './cd-drive.ts';
import {machineArguments} from './command-line.ts';
import {diskAilments, type DiskAilment} from './disk-ailments.ts';
import {diskLedger, type DiskCounts} from './disk-counts.ts';
import {inTurn} from './in-turn.ts';
import {connectQmp, type Qmp} from './qmp.ts';

/** The machine's power and its drive. Orders are carried out one after another. */
export interface Chassis {
  power(): 'on' | 'off';
  /** Times the machine was started, its own resets included. */
  starts(): number;
  on(): Promise<Result<void>>;
  /** Cuts the power. */
  off(): Promise<void>;
  /** Off and on again. */
  restart(): Promise<Result<void>>;
  /** The reset button: a machine that is off stays off. */
  reset(): Promise<Result<void>>;
  /** Stands still, its clocks too, until it is thawed or started anew. */
  freeze(): Promise<Result<void>>;
  thaw(): Promise<Result<void>>;
  /** The battery-backed clock is wrong by so much at every later start. */
  setClock(wrongBySeconds: number): void;
  /** Makes a disk sick; what it gives heals it. */
  ail(disk: number, ailment: DiskAilment): Promise<Result<() => Promise<void>>>;
  readonly cable: Cable;
  /** The button that asks the operating system to go down. */
  pressButton(): Promise<Result<void>>;
  /** Puts in what `url` names; where the machine is off, it finds it at its next start. */
  load(url: string): Promise<Result<void>>;
  unload(): Promise<Result<void>>;
  /** What each disk was given since the lab came up, by name. */
  counts(): Promise<Result<Readonly<Record<string, DiskCounts>>>>;
  /** The screen as PNG. */
  screenshot(): Promise<Result<Buffer>>;
}

export interface ChassisParts {
  readonly machine: Blueprint;
  readonly folder: LabFolder;
  /** QEMU's arguments for the network card. */
  readonly card: readonly string[];
  /** Asked at every start. */
  readonly bootSource: () => 'cd' | 'disk';
  readonly log: (says: string) => void;
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
  readonly qmp: Qmp;
}

const startMs = 20_000;
const countMs = 2000;

export function chassis({machine, folder, card, bootSource, log}: ChassisParts): Chassis {
  const next = inTurn();
  const drive = machine.cdDrive === 'ide' ? ideDrive() : usbDrive();
  const ledger = diskLedger(machine.disks);
  const disks = diskAilments(machine.disks.length);
  const wire = cable(folder.cable);
  let running: Running | undefined;
  let medium: string | undefined;
  let starts = 0;
  let wrongBySeconds = 0;

  const start = async (): Promise<Result<void>> => {
    if (running) return ok(undefined);
    const from = bootSource();
    rmSync(folder.monitor, {force: true});
    const argv = machineArguments(
      machine,
      {...folder},
      {
        from,
        card,
        ...(medium !== undefined && {medium}),
        ...(wrongBySeconds !== 0 && {clock: new Date(Date.now() + wrongBySeconds * 1000)}),
      },
    );
    const output = openSync(folder.machineLog, 'a', 0o600);
    // The kernel ends QEMU when the keeper goes, however it goes (prctl(2), PR_SET_PDEATHSIG).
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...argv], {
      stdio: ['ignore', output, output],
      env: {PATH: searchPath},
    });
    closeSync(output);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const connected = await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return failed(fault('lab.failed', 'QEMU ended'));
        const qmp = await connectQmp(folder.monitor);
        return qmp.ok ? qmp : undefined;
      },
      {everyMs: 20, deadlineMs: startMs, clock: systemClock, signal: new AbortController().signal},
    );
    if (connected.end !== 'met' || !connected.value.ok) {
      child.kill('SIGKILL');
      return failed(fault('lab.failed', `the machine did not start; QEMU's words are in ${folder.machineLog}`));
    }
    const qmp = connected.value.value;
    const mine: Running = {process: child, ended, qmp};
    running = mine;
    starts += 1;
    log(`machine: start ${starts} from ${from}`);
    void ended.then(() => {
      if (running !== mine) return;
      running = undefined;
      log('machine: QEMU ended by itself');
    });
    qmp.listen(({name, data}) => {
      if (name === 'BLOCK_IO_ERROR') log(`machine: I/O error on ${JSON.stringify(data['device'])}`);
      if (name === 'SHUTDOWN') void next(() => afterShutdown(mine, data['reason']));
    });
    drive.renew(medium !== undefined);
    if (machine.cdDrive === 'ide' && medium !== undefined) {
      const loaded = await drive.load(qmp, medium);
      if (!loaded.ok) log(`machine: starts without its medium: ${loaded.fault.says}`);
    }
    for (const part of [disks, wire]) {
      const attached = await part.attach(qmp);
      if (!attached.ok) log(`machine: starts without its faults: ${attached.fault.says}`);
    }
    const going = await qmp.execute('cont');
    return going.ok ? ok(undefined) : going;
  };

  const stop = async (): Promise<void> => {
    const mine = running;
    running = undefined;
    disks.detach();
    wire.detach();
    if (!mine) return;
    // A QEMU that hangs still loses its power.
    await Promise.race([ledger.close(mine.qmp), systemClock.sleep(countMs)]);
    mine.process.kill('SIGKILL');
    await mine.ended;
    mine.qmp.close();
  };

  const afterShutdown = async (from: Running, reason: unknown): Promise<void> => {
    if (running !== from) return;
    log(`machine: ${JSON.stringify(reason)}`);
    await stop();
    if (reason !== 'guest-reset') return;
    const started = await start();
    if (!started.ok) log(`machine: ${started.fault.says}`);
  };

  const off: Result<never> = failed(fault('lab.failed', 'the machine is off'));
  const tell = (command: string, parameters?: JsonObject): Promise<Result<void>> =>
    next(async () => {
      const done = running ? await running.qmp.execute(command, parameters) : off;
      return done.ok ? ok(undefined) : done;
    });

  return {
    power: () => (running ? 'on' : 'off'),
    starts: () => starts,
    on: () => next(start),
    off: () => next(stop),
    restart: () =>
      next(async () => {
        await stop();
        return start();
      }),
    reset: () =>
      next(async () => {
        if (!running) return off;
        await stop();
        return start();
      }),
    freeze: () => tell('stop'),
    thaw: () => tell('cont'),
    setClock: (seconds) => {
      wrongBySeconds = seconds;
    },
    ail: (disk, ailment) => next(() => disks.give(disk, ailment)),
    cable: wire,
    pressButton: () => tell('system_powerdown'),
    load: (url) =>
      next(async () => {
        const loaded = running ? await drive.load(running.qmp, url) : ok(undefined);
        if (loaded.ok) medium = url;
        return loaded;
      }),
    unload: () =>
      next(async () => {
        const had = medium;
        medium = undefined;
        return running && had !== undefined ? drive.unload(running.qmp) : ok(undefined);
      }),
    counts: () => next(() => ledger.read(running?.qmp)),
    screenshot: () =>
      next(async () => {
        if (!running) return off;
        const path = join(folder.directory, 'screen.png');
        const taken = await running.qmp.execute('screendump', {filename: path, format: 'png'});
        if (!taken.ok) return taken;
        const png = await readFile(path);
        await rm(path, {force: true});
        return ok(png);
      }),
  };
}
