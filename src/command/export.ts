import {open, readFile, rm, type FileHandle} from 'node:fs/promises';
import {basename} from 'node:path';
import type {RunId} from '../brand.ts';
import {readSigners} from '../device/signature/signers.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {besideText, handOverText, type HandOver, type NamedText} from '../handover/hand-over.ts';
import {seal, type Sealed} from '../handover/seal.ts';
import type {Journal} from '../journal/journal.ts';
import {labFolder} from '../lab/folder.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Secret} from '../secret.ts';
import {kinds} from '../step/registry.ts';
import {escape, wrap} from '../view/escape.ts';
import {read, type History} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {screenColumns} from '../view/row.ts';
import {signersFile} from './sitting/gatekeeper.ts';
import {leaseMs} from './sitting/lease-keeper.ts';
import {sealingPassphrase} from './secret/passphrase.ts';
import {findRun, refuse, type Reading} from './reading.ts';
import {carriedKeys, loadRunKeys} from './sitting/run-keys.ts';
import {planFileOf} from './sitting/run-plan.ts';
import {runbookOf} from './sitting/run-runbook.ts';
import {findRunbook, loadRunbook, runbookPlaces} from './runbook-file.ts';
import {imagesOf} from './sitting/seat.ts';
import {sealedBundles, type SealedBundle} from './sealed-bundles.ts';
import type {Session} from './session.ts';
import {version} from './help/version.ts';
import {holder, who} from './who.ts';

export interface ExportOptions {
  readonly output: string;
  /** `env:`, `file:` or `command:`. */
  readonly passphrase?: string;
  /** The runbook, where it is neither found by the host's name nor where it was when the run began. */
  readonly runbook?: string;
}

/**
 * A run as a file. One that goes on is handed over by it: from then on this machine refuses to. One that has ended is
 * only copied, without keys.
 */
export async function exportRun(
  name: string,
  options: ExportOptions,
  reading: Reading,
  session: Session,
): Promise<ExitCode> {
  const run = await findRun(reading, name);
  if (!run.ok) return refuse(reading, run.fault);
  const id = run.value;
  const {journal} = session;
  const stored = await journal.read(id);
  if (!stored.ok) return refuse(reading, stored.fault, hostOf(id));
  const history = read(stored.value);
  if (!history) return refuse(reading, fault('journal.broken', `${id} has no beginning`), hostOf(id));
  const file = await reserved(options.output);
  if (!file) {
    reading.err(`${escape(options.output)} exists already, or cannot be written\n`);
    return exit.usage;
  }
  const ended = history.end.is === 'done' || history.end.is === 'abandoned';
  const done = await (ended ? copied(history, file, session) : handedOver(history, file, options, session));
  await file.close();
  if (!done.ok) {
    await rm(options.output, {force: true});
    return refuse(reading, done.fault, history.host);
  }
  const evidence = await sealedBundles(
    stored.value.map(({event}) => event),
    session.home.state,
    id,
  );
  tell(history, {file: options.output, evidence}, done.value, reading);
  return exit.done;
}

interface Exported {
  readonly entries: number;
  readonly image: string | null;
  readonly keys: boolean;
  /** To be shown once, where it was made here. */
  readonly passphrase?: Secret;
}

async function copied(history: History, file: FileHandle, {journal, clock}: Session): Promise<Result<Exported>> {
  const whole = await carried(history, journal, clock.now(), {plan: null, runbook: null, signers: null});
  if (!whole.ok) return whole;
  await write(file, handOverText(whole.value, null));
  return ok({entries: whole.value.entries.length, image: whole.value.image, keys: false});
}

async function handedOver(
  history: History,
  file: FileHandle,
  options: ExportOptions,
  session: Session,
): Promise<Result<Exported>> {
  const {journal, home, clock} = session;
  const {run, host} = history;
  const texts = await textsOf(history, options, session);
  if (!texts.ok) return texts;
  const keys = await loadRunKeys(home.state, run);
  if (!keys.ok) return keys;
  const passphrase = await sealingPassphrase(options.passphrase);
  if (!passphrase.ok) return passphrase;

  const lease = await journal.take(host, holder(`export ${run}`), leaseMs);
  if (!lease.ok) return lease;
  try {
    // Under the lease: a colleague may have gone on with it, or handed it over, until now.
    const now = await journal.read(run);
    if (!now.ok) return now;
    const end = read(now.value)?.end.is;
    if (end === 'done' || end === 'abandoned') return failed(fault('run.missing', `${run} has ended in the meantime`));
    if (end !== 'away') {
      // The journal first: were it the file first, a controller that died between the two would leave a run with two owners.
      const given = {type: 'run.handed-over', by: who(), epoch: lease.value.epoch} as const;
      const gone = await journal.append(run, given, lease.value);
      if (!gone.ok) return gone;
    }
    const whole = await carried(history, journal, clock.now(), texts.value);
    if (!whole.ok) return whole;
    const {secret, made} = passphrase.value;
    const sealed: Sealed = await seal(
      JSON.stringify(carriedKeys(keys.value)),
      secret.reveal(),
      besideText(whole.value),
    );
    await write(file, handOverText(whole.value, sealed));
    const {entries, image} = whole.value;
    return ok({entries: entries.length, image, keys: true, ...(made && {passphrase: secret})});
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return failed(
      fault('journal.unwritable', `${options.output}: ${code}: ${message}`, {
        next: `make room, then once more: rebuild export ${run} -o FILE`,
      }),
    );
  } finally {
    await journal.release(lease.value);
  }
}

type Texts = Pick<HandOver, 'plan' | 'runbook' | 'signers'>;

async function carried(
  {run, host, lab}: History,
  journal: Journal,
  at: HandOver['at'],
  texts: Texts,
): Promise<Result<HandOver>> {
  const [whole, stored] = [await journal.carry(run), await journal.read(run)];
  if (!whole.ok) return whole;
  if (!stored.ok) return stored;
  const {links, epoch} = whole.value;
  return ok({
    type: 'rebuild-handover',
    version: 1,
    run,
    host,
    lab,
    by: who(),
    at,
    rebuild: version,
    epoch,
    entries: links,
    ...texts,
    image: imagesOf(stored.value).image ?? null,
    ...(lab && {labAt: labFolder(host).directory}),
  });
}

/** Plan, runbook and signers: what a second machine cannot make up by itself. */
async function textsOf(history: History, options: ExportOptions, session: Session): Promise<Result<Texts>> {
  const {run, host} = history;
  const name = await runbookOf(run, options.runbook, session);
  const loaded = await loadRunbook(name, runbookPlaces(), kinds, host);
  if (!loaded.ok) return loaded;
  if (loaded.digest !== history.runbook)
    return failed(fault('runbook.changed', `${loaded.file} is not the runbook that ${run} was begun with`));
  const found = await findRunbook(name, runbookPlaces());
  if (!found.ok) return found;
  const plan = await readFile(planFileOf(session.home, run), 'utf8').catch(() => null);
  let signers: NamedText | null = null;
  if (loaded.runbook.gate) {
    const list = await readSigners(signersFile(loaded));
    if (!list.ok) return list;
    signers = {name: plainName(loaded.runbook.gate.signers, 'allowed_signers'), text: list.value.text};
  }
  const text = await readFile(found.value.path, 'utf8');
  return ok({plan, signers, runbook: {name: plainName(found.value.path, `${host}.yaml`), text}});
}

/** The last part of a path, where another machine can take it for a file's name. */
function plainName(path: string, otherwise: string): string {
  const name = basename(path);
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name) ? name : otherwise;
}

const reserved = (file: string): Promise<FileHandle | undefined> => open(file, 'wx', 0o600).catch(() => undefined);

async function write(file: FileHandle, text: string): Promise<void> {
  await file.writeFile(text);
  await file.sync();
}

interface Written {
  readonly file: string;
  /** What it names by digest. */
  readonly evidence: readonly SealedBundle[];
}

function tell(
  {run, host}: History,
  {file: output, evidence}: Written,
  exported: Exported,
  {out, err, json, lab}: Reading,
): void {
  const {entries, image, keys, passphrase} = exported;
  const flag = lab ? ' --lab' : '';
  const next = `rebuild import ${output}${flag}`;
  if (passphrase)
    err(`\n  Passphrase, shown this once: ${passphrase.reveal()}\n  It goes another way than the file.\n\n`);
  if (json) {
    out(
      `${jsonText({type: 'export', run, host, file: output, entries, image, evidence: evidence.map(({bundle, manifest, data, seal}) => ({bundle, manifest, data, seal})), handedOver: keys, next})}\n`,
    );
    return;
  }
  const lines = keys
    ? [
        `${run} is handed over: ${entries} entries, plan, runbook and sealed keys are in ${escape(output)}.`,
        'This machine goes on with it no more. Import the file on one machine, once.',
        ...(image === null
          ? []
          : [`OS image ${image.slice(0, 12)} is named and not in it: copy it, or build it there.`]),
        ...evidence.map(
          ({bundle, manifest, data, seal}) =>
            `Evidence ${bundle}, manifest ${manifest.slice(0, 12)}, is named and not in it: copy ${escape(data)} and ${escape(seal)}.`,
        ),
        'There:',
      ]
    : [`${run} has ended: its record, ${entries} entries, is in ${escape(output)}. There:`];
  out(`${[...lines.flatMap((line) => wrap(line, screenColumns - 1)), `    ${escape(next)}`].join('\n')}\n`);
}

const hostOf = (run: RunId): string => run.slice(0, run.lastIndexOf('-'));
