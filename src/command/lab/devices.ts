import type {HostName} from '../../brand.ts';
import {within} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {insideController, labAttach, labOverlay, labUp} from '../../lab/lab.ts';
import type {FaultScript} from '../../lab/fault/script.ts';
import {searchPath} from '../../lab/program.ts';
import type {Work} from '../../view/work.ts';
import {become} from '../become.ts';

// Set for the process that already is on the lab's controller.
const insideVariable = 'REBUILD_INSIDE_LAB';

export interface LabWish {
  /** A new machine with its old system, in place of one that is there. */
  readonly fresh: boolean;
  readonly firmware?: 'uefi' | 'bios';
  readonly secureBoot?: boolean;
  readonly work: Work;
}

/**
 * The runbook with the lab's devices. Where they are on a network of their own, this process first becomes one on the
 * lab's controller: the same command, the same process id, another network namespace.
 */
export async function onLab(runbook: Runbook, wish: LabWish): Promise<Result<Runbook>> {
  const {name} = runbook.host;
  if (process.env[insideVariable] === name) {
    const lab = await labAttach(name);
    return lab.ok ? ok(labOverlay(runbook, lab.value)) : lab;
  }
  const lab = wish.fresh
    ? await labUp(runbook, {
        fresh: true,
        suspect: async (...values) => (await import('./images.ts')).makeSuspect(...values),
        progress: within('lab', wish.work.tell),
        signal: new AbortController().signal,
        ...(wish.firmware === undefined ? {} : {firmware: wish.firmware}),
        ...(wish.secureBoot && {secureBoot: true}),
      })
    : await labAttach(name);
  if (!lab.ok) return lab;
  // Another process may come next, on the same terminal.
  wish.work.pause();
  const inside = insideController(lab.value);
  if (inside === undefined) return ok(labOverlay(runbook, lab.value));
  const [program = 'ip', ...prefix] = inside;
  const environment = {...process.env, [insideVariable]: name};
  return become(
    program,
    [...prefix, process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    environment,
    searchPath,
  );
}

/** Hands the lab's keeper what is to go wrong; its moments count from here. */
export async function armLab(host: HostName, script: FaultScript): Promise<Result<void>> {
  const lab = await labAttach(host);
  if (!lab.ok) return lab;
  const armed = await lab.value.control.script(script);
  return armed.ok ? ok(undefined) : armed;
}
