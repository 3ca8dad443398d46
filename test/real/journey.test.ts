import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {Ajv} from 'ajv';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import type {PlanDocument} from '../../src/plan/document-schema.ts';
import {
  atDesk,
  begin,
  openDesk,
  openStage,
  rebuild,
  record,
  says,
  untouched,
  type Desk,
  type Stage,
} from './refusals-stage.ts';

// Three people and two controllers, at the lab's machine, BMC and gateway.

const people = ['lena', 'omar', 'vera'] as const;
const passphrase = {HANDOVER: 'correct horse battery staple'};
let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await openStage();
  desk = await openDesk(stage, (runbook) =>
    runbook.set('gate', runbook.createNode({approvers: 2, within: '2h', for: ['wipe']})),
  );
  const lines: string[] = [];
  for (const person of people) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', person, '-f', path(person)]);
    lines.push(`${person}@example.org namespaces="rebuild-approval" ${await readFile(path(`${person}.pub`), 'utf8')}`);
  }
  await writeFile(path('allowed_signers'), lines.join(''));
}, 1_000_000);
afterAll(() => stage?.end());

const path = (name: string): string => join(stage.directory, name);
const type = (argv: readonly string[], env?: NodeJS.ProcessEnv) => atDesk(stage, desk, argv, env ? {env} : {});
const inLab = (argv: readonly string[]) => rebuild(stage, ['lab', ...argv], {home: stage.labHome, at: 'home'});

test('plan, save, review, a disk that is swapped, approvals, Ctrl-C, hand-over, resume, report', async () => {
  const file = path('marruuk.plan');
  const {told: printed} = await untouched(stage, () => type(['plan', 'marruuk', '-o', file, '--json']));
  says(printed, exit.done);
  expect(await record(desk, stage)).toEqual({runs: [], events: [], holder: undefined});
  const schema = JSON.parse((await type(['schema', 'plan'])).stdout) as object;
  const validate = new Ajv({strictTypes: false, strictRequired: false}).compile(schema);
  const plan = JSON.parse(await readFile(file, 'utf8')) as PlanDocument;
  expect(validate(plan), JSON.stringify(validate.errors)).toBe(true);
  expect(JSON.parse(printed.stdout)).toEqual(plan);
  expect(plan.errors).toEqual([]);

  const run = ['run', 'marruuk', '--plan', file, '--confirm', 'marruuk', '--key', path('lena')];
  says(await inLab(['fault', 'disk-swap', 'OTHER-1', '--disk', 'system']), exit.done, 'disk-swap: done');
  const {told: stale} = await untouched(stage, () => type(run));
  says(stale, exit.refused, 'plan.stale', 'disk OTHER-1', 'no disk with serial S3Z8NB0K412345');
  const {told: compared} = await untouched(stage, () => type(['plan', 'marruuk', '--against', file]));
  says(compared, exit.refused, 'It is stale', 'wipe.models.S3Z8NB0K412345.model');
  says(await inLab(['fault', 'mend']), exit.done);
  const {told: fits} = await untouched(stage, () => type(['plan', 'marruuk', '--against', file]));
  says(fits, exit.done, 'It still fits');

  says(await type(run), exit.waits, `Plan ${plan.digest.slice(0, 8)} still fits`, '0 of 2 approvals');
  const omar = ['approve', 'marruuk', '--key', path('omar'), '-m', 'serial numbers compared'];
  says(await type(omar), exit.done, '1 of 2 approvals');
  says(await type(['approve', 'marruuk', '--ask', path('asked.plan')]), exit.done);
  const elsewhere = {home: path('elsewhere'), at: 'home'} as const;
  const vera = ['approve', '--plan', path('asked.plan'), '-o', path('vera.approval'), '--key', path('vera')];
  says(await rebuild(stage, vera, elsewhere), exit.done, 'S3Z8NB0K412345');
  says(await type(['approve', 'marruuk', '--add', path('vera.approval')]), exit.done, '2 of 2 approvals');

  const resumed = begin(stage, ['resume', 'marruuk', '--json', '--runbook', desk.runbook], desk);
  await resumed.heard('"type":"effect.sent"');
  resumed.signal('SIGINT');
  says(await resumed.end, exit.interrupted, '"step.done"', 'stops after this step');

  const given = ['export', 'marruuk', '-o', path('marruuk.handover'), '--passphrase', 'env:HANDOVER'];
  says(await type(given, passphrase), exit.done, 'marruuk-1 is handed over');
  const second = {home: path('second'), env: passphrase};
  const taken = ['import', path('marruuk.handover'), '--passphrase', 'env:HANDOVER'];
  const there = await rebuild(stage, taken, second);
  says(there, exit.done, 'of them new, chain ok');
  const runbook = /--runbook (\S+)/.exec(there.words)?.[1] ?? '';
  const done = await rebuild(stage, ['resume', 'marruuk', '--runbook', runbook], second);
  expect(done.code, done.words).toBe(exit.done);

  const report = await rebuild(stage, ['report', 'marruuk'], second);
  says(report, exit.done, 'chain ok', 'serial numbers compared', 'handed over to another machine by');
  const {events} = await record(second, stage);
  expect(events.filter((event) => event.type === 'effect.sent' && event.step === 'wipe')).toHaveLength(1);

  // One byte of one row, past the journal's own triggers.
  const journal = new DatabaseSync(join(second.home, 'journal.sqlite'));
  for (const {name} of journal.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    journal.exec(`DROP TRIGGER ${String(name)}`);
  journal.exec("UPDATE entries SET event = replace(event, 'serial numbers compared', 'serial numbers Compared')");
  journal.close();
  const forged = await rebuild(stage, ['report', 'marruuk'], second);
  says(forged, exit.refused, 'does not hold at entry', 'event gate.approved', 'CHAIN BROKEN');
});
