import {randomInt} from 'node:crypto';
import {constants} from 'node:fs';
import {mkdir, open, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {RunId} from '../brand.ts';
import type {Event} from '../engine/event.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {besideText, maxHandOverBytes, parseHandOver, parseKeys, type HandOver} from '../handover/hand-over.ts';
import {unseal, type Sealed} from '../handover/seal.ts';
import {findImage} from '../image/os/stock.ts';
import {parseEvent} from '../journal/parse-event.ts';
import {borrow, borrowing} from '../lab/borrowed.ts';
import {failed, ok, type Result} from '../result.ts';
import {Secret} from '../secret.ts';
import {escape, wrap} from '../view/escape.ts';
import {jsonText} from '../view/json.ts';
import {screenColumns} from '../view/row.ts';
import {leaseMs} from './sitting/lease-keeper.ts';
import {openingPassphrase} from './secret/passphrase.ts';
import {refuse, type Reading} from './reading.ts';
import {keepRunKeys, readCarriedKeys, type RunKeys} from './sitting/run-keys.ts';
import {keepPlan} from './sitting/run-plan.ts';
import {noteRunbook, runbookOf} from './sitting/run-runbook.ts';
import {sealedBundles, type SealedBundle} from './sealed-bundles.ts';
import type {Session} from './session.ts';
import {holder, who} from './who.ts';

/**
 * Takes up a run from a file. Nothing is kept before everything in it has been checked; then the keys, then the journal,
 * so that a run that is on record here can be gone on with.
 */
export async function importRun(
  file: string,
  {passphrase}: {readonly passphrase?: string},
  reading: Reading,
  session: Session,
): Promise<ExitCode> {
  const opened = await readHandOver(file);
  if (!opened.ok) return refuse(reading, opened.fault);
  const {handOver, sealed} = opened.value;
  const {run, host} = handOver;
  const wrong = await unfit(handOver, sealed, reading, session);
  if (wrong) return refuse(reading, wrong, host);
  if (sealed === null) {
    const received = await session.journal.receive(run, {links: handOver.entries, epoch: handOver.epoch});
    if (!received.ok) return refuse(reading, received.fault, host);
    const evidence = await evidenceOf(handOver, session);
    tell(handOver, {added: received.value.added, next: `rebuild report ${run}`, evidence}, reading);
    return exit.done;
  }
  const secret = await openingPassphrase(passphrase);
  if (!secret.ok) return refuse(reading, secret.fault, host);
  const keys = await keysOf(handOver, sealed, secret.value);
  if (!keys.ok) return refuse(reading, keys.fault, host);
  const taken = await takeOver(handOver, keys.value, session);
  if (!taken.ok) return refuse(reading, taken.fault, host);
  const {home} = session;
  const image = handOver.image === null ? undefined : await findImage(home, handOver.image);
  const machine = handOver.labAt === undefined ? undefined : await borrow(host, handOver.labAt);
  const own = await runbookOf(run, undefined, session);
  tell(
    handOver,
    {
      added: taken.value,
      next: `rebuild resume ${host}`,
      ...(own !== host && {runbook: own}),
      imageMissing: image !== undefined && !image.ok,
      labMissing: machine === 'not here',
      evidence: await evidenceOf(handOver, session),
    },
    reading,
  );
  return exit.done;
}

async function readHandOver(file: string) {
  const refused = (says: string) => failed(fault('handover.unreadable', `${file}: ${says}`));
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return refused('it is no regular file');
    if (stat.size > maxHandOverBytes) return refused('it is too large for a hand-over');
    const parsed = parseHandOver(new TextDecoder('utf-8', {fatal: true}).decode(await handle.readFile()));
    return parsed ? ok(parsed) : refused('it is damaged, cut off, or of another version of rebuild');
  } catch (error) {
    return refused(error instanceof Error && 'code' in error ? String(error.code) : 'it is not text');
  }
}

/** What forbids taking it up here, as far as can be told without its keys. */
async function unfit(
  {run, host, lab, labAt, entries}: HandOver,
  sealed: Sealed | null,
  reading: Reading,
  {journal}: Session,
) {
  if (lab !== (reading.lab === true))
    return fault('handover.unreadable', `${run} is ${lab ? '' : 'not '}a run of the lab`, {
      next: `rebuild import FILE${lab ? ' --lab' : ', without --lab'}`,
    });
  const events = entries.map(({event}) => parseEvent(event));
  const last = events.findLast((event) => event && deciding.includes(event.type))?.type;
  const ended = last === 'run.done' || last === 'run.abandoned';
  if (ended !== (sealed === null) || (!ended && last !== 'run.handed-over'))
    return fault('handover.unreadable', `${run} was never handed over, or its keys are not with it`);
  if (labAt !== undefined && !ended && borrowing(host, labAt) === 'in the way')
    return fault('lab.usage', `${host} has another lab here, and ${run} needs the one in ${labAt}`, {
      next: `rebuild lab down ${host}, then the same command again`,
    });
  const unfinished = await journal.unfinished(host);
  if (!unfinished.ok) return unfinished.fault;
  return unfinished.value === undefined || unfinished.value === run
    ? undefined
    : fault('run.unfinished', `${unfinished.value} has not ended on this machine`);
}

const deciding: readonly Event['type'][] = [
  'run.begun',
  'run.resumed',
  'run.handed-over',
  'run.taken-over',
  'run.done',
  'run.abandoned',
];

async function keysOf(handOver: HandOver, sealed: Sealed, secret: Secret): Promise<Result<RunKeys>> {
  const text = await unseal(sealed, secret.reveal(), besideText(handOver));
  if (text === undefined) return failed(fault('handover.secret-wrong', `the keys of ${handOver.run} do not open`));
  const carried = parseKeys(text);
  const keys = carried && readCarriedKeys(carried);
  return keys ? ok(keys) : failed(fault('handover.unreadable', `the keys of ${handOver.run} are not whole`));
}

/** Keys, plan and runbook first; then the journal; then, with the lease, the word that this machine goes on. */
async function takeOver(handOver: HandOver, keys: RunKeys, {journal, home}: Session): Promise<Result<number>> {
  const {run, host, plan, runbook, signers} = handOver;
  const stored = await keepRunKeys(home.state, run, keys);
  if (!stored.ok) return stored;
  const kept = plan === null ? ok(undefined) : await keepPlan(home, run, plan);
  if (!kept.ok) return kept;
  const folder = folderOf(home.state, run);
  await mkdir(folder, {recursive: true, mode: 0o700});
  for (const named of [runbook, signers])
    if (named) await writeFile(join(folder, named.name), named.text, {mode: 0o600, flush: true});
  const noted = runbook === null ? ok(undefined) : await noteRunbook(home, run, join(folder, runbook.name));
  if (!noted.ok) return noted;

  // By chance, so that a file that was imported twice never gives two machines the same epoch: the host heeds the
  // higher one, and turns the other away.
  const epoch = handOver.epoch + 1 + randomInt(1_000_000);
  const received = await journal.receive(run, {links: handOver.entries, epoch});
  if (!received.ok) return received;
  const lease = await journal.take(host, holder(`import ${run}`), leaseMs);
  if (!lease.ok) return lease;
  try {
    const event = {type: 'run.taken-over', by: who(), epoch: lease.value.epoch} as const;
    const taken = await journal.append(run, event, lease.value);
    return taken.ok ? ok(received.value.added) : taken;
  } finally {
    await journal.release(lease.value);
  }
}

const evidenceOf = ({entries, run}: HandOver, {home}: Session): Promise<readonly SealedBundle[]> =>
  sealedBundles(
    entries.flatMap(({event}) => parseEvent(event) ?? []),
    home.state,
    run,
  );

const folderOf = (state: string, run: RunId): string => join(state, 'runs', run, 'handed-over');

interface Outcome {
  readonly added: number;
  readonly next: string;
  /** The file of the runbook that came along, where the host's name finds another or none. */
  readonly runbook?: string;
  readonly imageMissing?: boolean;
  /** It is a run of the lab, and the lab's machine is not on this one. */
  readonly labMissing?: boolean;
  readonly evidence: readonly SealedBundle[];
}

function tell(
  handOver: HandOver,
  {added, next, runbook, imageMissing, labMissing, evidence}: Outcome,
  {out, json, lab}: Reading,
): void {
  const {run, host, by, at, entries, image} = handOver;
  const command = `${next}${lab ? ' --lab' : ''}`;
  if (json) {
    out(
      `${jsonText({type: 'import', run, host, from: by, entries: entries.length, added, image, runbook: runbook ?? null, imageMissing: imageMissing ?? false, evidence: evidence.map(({bundle, manifest, here, data, seal}) => ({bundle, manifest, here, data, seal})), next: command})}\n`,
    );
    return;
  }
  const lines = [
    `${run} is here: ${entries.length} entries, ${added} of them new, chain ok. Handed over by ${escape(by)} at ${at.slice(0, 19)}Z.`,
    ...(imageMissing
      ? [
          `OS image ${image?.slice(0, 12)} is not on this machine. Copy its folder os/${image?.slice(0, 12)}... from the other's cache ($REBUILD_CACHE) to the one here, or build it: rebuild image, which gives the same while its packages are the same.`,
        ]
      : []),
    ...(runbook === undefined ? [] : [`Its runbook and what stands beside it: ${runbook}`]),
    ...(labMissing
      ? [`The lab’s machine of this run is not here (${handOver.labAt}): the run can be read, not resumed.`]
      : []),
    ...evidence
      .filter(({here}) => !here)
      .map(
        ({bundle, manifest, data, seal}) =>
          `Evidence ${bundle}, manifest ${manifest.slice(0, 12)}, is not on this machine: no disk is erased on its ground before it is. Copy the other's folders to ${escape(data)} and ${escape(seal)}.`,
      ),
  ];
  out(`${[...lines.flatMap((line) => wrap(line, screenColumns - 1)), `    ${escape(command)}`].join('\n')}\n`);
}
