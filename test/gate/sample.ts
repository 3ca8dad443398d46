import type {HostName, Instant, RunId, Serial, Sha256, StepId} from '../../src/brand.ts';
import type {GateTerms, Signed} from '../../src/gate/gate.ts';
import type {Asked} from '../../src/gate/judge.ts';
import type {Approval} from '../../src/gate/statement.ts';

export const now = '2026-11-21T10:00:00.000Z' as Instant;
export const minutes = (count: number): Instant => new Date(Date.parse(now) + count * 60_000).toISOString() as Instant;

const subject = {
  version: 1,
  host: 'marruuk' as HostName,
  plan: 'a'.repeat(64) as Sha256,
  machine: 'MRK-2017-0929',
  disks: ['S3Z8NB0K412345', 'S3Z8NB0K412346'] as Serial[],
} as const;

export const signature = `-----BEGIN SSH SIGNATURE-----\n${'A'.repeat(70)}\n-----END SSH SIGNATURE-----\n`;

export const terms: GateTerms = {
  approvers: 2,
  withinSeconds: 7200,
  steps: ['wipe', 'install'] as StepId[],
  machine: subject.machine,
  disks: subject.disks,
  signers: 'b'.repeat(64) as Sha256,
  requester: {
    statement: {...subject, type: 'rebuild-request', run: 'marruuk-3' as RunId, by: 'lena@jump1', at: minutes(-30)},
    signature,
    principal: 'lena@example.org',
    key: 'SHA256:lena',
  },
};

export const asked: Asked = {host: subject.host, run: 'marruuk-3' as RunId, plan: subject.plan, terms};

export const approval = (more: Partial<Approval> = {}): Approval => ({
  ...subject,
  type: 'rebuild-approval',
  steps: terms.steps,
  seen: {run: asked.run},
  by: 'omar@jump2',
  at: minutes(-10),
  expires: minutes(110),
  why: 'serial numbers compared by telephone',
  ...more,
});

export const signed = (person: string, more: Partial<Approval> = {}): Signed<Approval> => ({
  statement: approval({by: `${person}@jump2`, ...more}),
  signature,
  principal: `${person}@example.org`,
  key: `SHA256:${person}`,
});
