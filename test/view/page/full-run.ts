import type {Instant, Sha256, StepId} from '../../../src/brand.ts';
import type {Event} from '../../../src/engine/event.ts';
import type {GateTerms, Signed} from '../../../src/gate/gate.ts';
import type {Approval} from '../../../src/gate/statement.ts';
import {toTheEnd, untilInstall, type Story} from '../story.ts';

const step = (id: string): StepId => id as StepId;

const signed = {
  signature: '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n',
  key: 'SHA256:ZcYkQQ4LTFdPpM9/Lmh+G1jN8UMEypK2OEGSuQ7yqqo',
};
const digest = 'a'.repeat(64) as Sha256;

/** Everything that can happen to a run, in one: a gate, losses, cuts, a dead controller, a failure, a hand-over. */
export function fullRun(): Story {
  const told = untilInstall();
  const [first, ...rest] = told.stored;
  if (first?.event.type !== 'run.begun') throw new Error('a story begins');
  const facts = {
    ...first.event.facts,
    forced: {mount: 'the vendor insists'},
    again: {run: 'marruuk-2'},
    forecast: {isolate: {from: 1, to: 10}, boot: {from: 60, to: 200}, install: {from: 100, to: 300}},
  };
  const {host, run} = first.event;
  const subject = {version: 1, host, plan: digest, machine: '8FQ2K93', disks: [], at: first.at} as const;
  const gate: GateTerms = {
    approvers: 1,
    withinSeconds: 7200,
    steps: [step('install')],
    machine: '8FQ2K93',
    disks: [],
    signers: digest,
    requester: {
      ...signed,
      principal: 'lena@example.org',
      statement: {type: 'rebuild-request', ...subject, by: 'lena@jump1', run},
    },
  };
  const begun: Extract<Event, {type: 'run.begun'}> = {...first.event, facts, gate, promiseSeconds: 3600};
  (told.stored as unknown[]).splice(0, told.stored.length, {...first, event: begun}, ...rest);
  const approval: Signed<Approval> = {
    ...signed,
    principal: 'omar@example.org',
    statement: {
      type: 'rebuild-approval',
      ...subject,
      steps: [step('install')],
      by: 'omar@jump2',
      why: 'serials compared',
      expires: '2026-11-21T12:00:00.000Z' as Instant,
      seen: {run},
    },
  };
  return toTheEnd(
    told
      .tell({type: 'gate.reached', step: step('install'), has: 0, needs: 1})
      .tell({type: 'run.stopped', why: 'gate'})
      .after(5400)
      .tell({type: 'gate.approved', approval, signers: digest})
      .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
      .after(3)
      .tell({type: 'step.kept', step: step('wipe'), proof: {says: 'read back as zero: system', data: {}}})
      .tell({type: 'gate.opened', step: step('install'), by: ['omar@example.org']})
      .started('install')
      .after(20)
      .saved('install', {phase: 'writing', image: digest, bootId: 'b1', written: '0-9'})
      .after(12)
      .interrupted('install', 'link cut', 'reset', {over: true, seconds: 4, attempts: 1, bytesAgain: 2_300_000})
      .after(6)
      .interrupted('install', 'link cut', 'nothing moved for 5 s', {over: true, seconds: 6, attempts: 2})
      .after(90)
      .tell({type: 'run.resumed', by: 'lena@jump1', pid: 9})
      .tell({type: 'effect.found', step: step('install'), effect: 'write:S3Z8NB0K412345', verdict: 'present'})
      .started('install', 2)
      .after(30)
      .failed('install', 'os.differs', '3 chunks differ from the manifest, the first at byte 4096')
      .tell({type: 'run.stopped', why: 'failed'})
      .after(240)
      .tell({type: 'run.resumed', by: 'lena@jump1', pid: 10})
      .tell({type: 'step.lapsed', step: step('boot'), fault: {code: 'ssh.unreachable', says: 'no SSH server answered'}})
      .started('boot', 2)
      .after(61)
      .done('boot', 'light system is up, host key pinned', {bootId: 'b3', isoBytesServed: 34_000_000}),
    3,
  );
}
