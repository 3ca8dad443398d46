import {constants} from 'node:fs';
import {open, writeFile} from 'node:fs/promises';
import type {Instant, RunId} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {readSigners} from '../device/signature/signers.ts';
import {sign} from '../device/signature/sign.ts';
import {verify} from '../device/signature/verify.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import type {Gate, Signed} from '../gate/gate.ts';
import {isOpen, objection, tally} from '../gate/judge.ts';
import {approvalFile, maxApprovalBytes, parseApprovalFile, textOf, type Approval} from '../gate/statement.ts';
import {subjectOf} from '../gate/subject.ts';
import {later} from '../journal/lease.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import {escape} from '../view/escape.ts';
import {approvedText, askedBy, statementText} from '../view/gate.ts';
import {read, type History} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {planText} from '../view/plan.ts';
import {readPlan, runnable} from './saved-plan.ts';
import {refuse, type Reading} from './reading.ts';
import {who} from './who.ts';

export interface ApproveOptions {
  readonly why: string;
  /** The key to sign with; by default the user's own. */
  readonly key?: string;
}

type Draft = Omit<Approval, 'seen' | 'why'>;

/** An approval of a saved plan alone, as a file: for an approver who has neither the journal nor the runbook. */
export async function approvePlan(
  file: string,
  output: string,
  {why, key}: ApproveOptions,
  reading: Pick<Reading, 'out' | 'err' | 'json' | 'paint' | 'clock' | 'journal'>,
): Promise<ExitCode> {
  const {out, err, json, paint, clock} = reading;
  const saved = await readPlan(file);
  if (!saved.ok) return refuse(reading, saved.fault);
  const {plan} = saved.value;
  const sound = runnable(plan);
  if (!sound.ok) return refuse(reading, sound.fault, plan.host);
  if (!plan.gate) return refuse(reading, fault('gate.none', `${file} is a plan without a gate`), plan.host);
  if (!json) err(`${planText(plan, {underWay: true}, paint).join('\n')}\n\n`);
  const approval: Approval = {...draft(plan, plan.gate, clock), seen: {planFile: saved.value.file}, why};
  const signature = await sign(textOf(approval), key);
  if (!signature.ok) return refuse(reading, signature.fault, plan.host);
  try {
    await writeFile(output, approvalFile(approval, signature.value), {flag: 'wx', mode: 0o644});
  } catch (error) {
    const {code = 'unknown error'} = error as NodeJS.ErrnoException;
    err(`${escape(output)} ${code === 'EEXIST' ? 'exists already' : `cannot be written: ${code}`}\n`);
    return exit.usage;
  }
  out(
    json
      ? `${jsonText({type: 'approval', file: output, approval})}\n`
      : `${[...statementText(approval), `Saved ${escape(output)}. Where the run is:`, `    rebuild approve ${plan.host} --add ${escape(output)}`].join('\n')}\n`,
  );
  return exit.done;
}

/** Signs an approval of a run that this machine has, and adds it. */
export async function approveRun(
  run: RunId,
  file: string,
  {why, key}: ApproveOptions,
  reading: Reading,
): Promise<ExitCode> {
  const waiting = await waitingRun(run, reading);
  if (!waiting.ok) return refuse(reading, waiting.fault, hostOf(run));
  const {host, plan, gate} = waiting.value;
  const {terms} = gate;
  const at = reading.clock.now();
  const approval: Approval = {
    type: 'rebuild-approval',
    version: 1,
    host,
    plan,
    machine: terms.machine,
    disks: terms.disks,
    steps: terms.steps,
    seen: {run},
    by: who(),
    at,
    expires: later(at, terms.withinSeconds * 1000),
    why,
  };
  if (!reading.json) reading.err(`${statementText(approval).join('\n')}\n`);
  const signature = await sign(textOf(approval), key);
  if (!signature.ok) return refuse(reading, signature.fault, host);
  return add(waiting.value, file, {statement: approval, signature: signature.value}, reading);
}

/** Adds an approval that came as a file. */
export async function addApproval(run: RunId, from: string, file: string, reading: Reading): Promise<ExitCode> {
  const waiting = await waitingRun(run, reading);
  if (!waiting.ok) return refuse(reading, waiting.fault, hostOf(run));
  const brought = await readApproval(from);
  if (!brought.ok) return refuse(reading, brought.fault, waiting.value.host);
  if (!reading.json) reading.err(`${statementText(brought.value.statement).join('\n')}\n`);
  return add(waiting.value, file, brought.value, reading);
}

type Waiting = History & {readonly gate: NonNullable<History['gate']>};

/** The run, if a step of it still waits for people, and this machine is the one to go on with it. */
async function waitingRun(run: RunId, {journal}: Reading): Promise<Result<Waiting>> {
  const stored = await journal.read(run);
  if (!stored.ok) return stored;
  const history = read(stored.value);
  if (!history?.gate) return failed(fault('gate.none', `${run} has no gate`));
  const {gate, end, steps} = history;
  if (end.is === 'done' || end.is === 'abandoned') return failed(fault('gate.none', `${run} has ended`));
  if (end.is === 'away') return failed(fault('run.handed-over', `${run} was handed over by ${end.by}`));
  const open = steps.filter(({heading, status}) => gate.terms.steps.includes(heading.id) && status.is !== 'done');
  return open.length > 0
    ? ok({...history, gate})
    : failed(fault('gate.none', `every step of ${run} that waits for people is done`));
}

/** Checks whose it is and what it is for, and puts it on record; a refusal leaves everything as it was. */
async function add(
  history: Waiting,
  file: string,
  {statement, signature}: Pick<Signed<Approval>, 'statement' | 'signature'>,
  reading: Reading,
): Promise<ExitCode> {
  const {journal, clock, out, json, lab} = reading;
  const {host, run, gate} = history;
  const asked = askedBy(history);
  if (!asked) throw new Error(`${run} has no gate`);
  const signers = await readSigners(file);
  if (!signers.ok) return refuse(reading, signers.fault, host);
  const signer = await verify(textOf(statement), signature, signers.value);
  if (!signer.ok) return refuse(reading, signer.fault, host);
  const approval: Signed<Approval> = {statement, signature, ...signer.value};
  const wrong = objection(approval, asked, clock.now()) ?? (await spent(history, statement, reading));
  if (wrong) return refuse(reading, wrong, host);
  const known = gate.approvals.some((each) => textOf(each.approval.statement) === textOf(statement));
  if (!known) {
    // Beside whoever drives the run: no lease is taken, and none is needed, to say yes.
    const stored = await journal.append(run, {type: 'gate.approved', approval, signers: signers.value.digest});
    if (!stored.ok) return refuse(reading, stored.fault, host);
  }
  const all = [...gate.approvals.map((each) => each.approval), ...(known ? [] : [approval])];
  const counted = tally(all, asked, clock.now());
  const next = isOpen(counted)
    ? `rebuild resume ${host}${lab ? ' --lab' : ''}`
    : `rebuild status ${host}${lab ? ' --lab' : ''}`;
  out(
    json
      ? `${jsonText({
          type: 'approval',
          run,
          host,
          principal: approval.principal,
          key: approval.key,
          expires: statement.expires,
          has: counted.hold.length,
          needs: counted.needs,
          next,
        })}\n`
      : `${approvedText(run, approval, counted, known).join('\n')}\n    ${next}\n`,
  );
  return exit.done;
}

/** An approval of a saved plan names no run, so nothing but this keeps it from being used for two. */
async function spent({host, run}: History, statement: Approval, {journal}: Reading) {
  if ('run' in statement.seen) return undefined;
  const runs = await journal.runs(host);
  if (!runs.ok) return runs.fault;
  for (const other of runs.value.filter((each) => each !== run)) {
    const stored = await journal.read(other);
    // What cannot be read cannot show that the approval is unused.
    if (!stored.ok) return stored.fault;
    const used = stored.value.some(
      ({event}) => event.type === 'gate.approved' && textOf(event.approval.statement) === textOf(statement),
    );
    if (used) return fault('gate.approval-spent', `it was used for ${other}`);
  }
  return undefined;
}

async function readApproval(file: string): Promise<Result<{readonly statement: Approval; readonly signature: string}>> {
  const refused = (says: string) => failed(fault('gate.approval-unreadable', `${file}: ${says}`));
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return refused('it is no regular file');
    if (stat.size > maxApprovalBytes) return refused('it is too large for an approval');
    const text = new TextDecoder('utf-8', {fatal: true}).decode(await handle.readFile());
    const parsed = parseApprovalFile(text);
    return parsed
      ? ok({statement: parsed.approval, signature: parsed.signature})
      : refused('it is not in the form of an approval');
  } catch (error) {
    return refused(error instanceof Error && 'code' in error ? String(error.code) : 'it is not text');
  }
}

function draft(plan: Plan, gate: Gate, clock: Clock): Draft {
  const at: Instant = clock.now();
  return {
    ...subjectOf(plan),
    type: 'rebuild-approval',
    steps: gate.steps,
    by: who(),
    at,
    expires: later(at, gate.withinSeconds * 1000),
  };
}

const hostOf = (run: RunId): string => run.slice(0, run.lastIndexOf('-'));
