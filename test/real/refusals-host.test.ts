import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {
  atDesk,
  begin,
  openDesk,
  openStage,
  rebuild,
  record,
  says,
  untouched,
  writeRunbook,
  type Stage,
} from './refusals-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 1_000_000);
afterAll(() => stage?.end());

const start = ['run', 'marruuk', '--confirm', 'marruuk'];

test('a saved plan that no longer fits is refused, and the facts that changed are named', async () => {
  const desk = await openDesk(stage);
  const file = join(stage.directory, 'plan.json');
  const {told: planned} = await untouched(stage, () => atDesk(stage, desk, ['plan', 'marruuk', '-o', file]));
  says(planned, exit.done, 'Nothing was changed', 'S3Z8NB0K412345');
  const plan = ['run', 'marruuk', '--plan', file, '--confirm', 'marruuk'];

  const {sizeBytes} = JSON.parse(await readFile(file, 'utf8')).keptDisks[0] as {sizeBytes: number};
  await writeRunbook(stage, desk.runbook, (runbook) =>
    runbook.setIn(['disks', 'worlds', 'size'], `${sizeBytes - 4096}B`),
  );
  const {told: edited} = await untouched(stage, () => atDesk(stage, desk, plan));
  says(edited, exit.refused, `plan.stale: changed since ${file}: runbook`, 'next rebuild plan marruuk');

  await writeRunbook(stage, desk.runbook, (runbook) => runbook.setIn(['disks', 'system', 'serial'], 'S3Z8NB0K499999'));
  const {told: other} = await untouched(stage, () => atDesk(stage, desk, plan));
  says(other, exit.refused, 'disk.not-found: no disk with serial S3Z8NB0K499999');

  // The runbook as it was, and a world that is not: somebody has isolated the host in the meantime.
  await writeRunbook(stage, desk.runbook);
  const {told: none} = await untouched(stage, () =>
    atDesk(stage, desk, ['run', 'marruuk', '--plan', `${file}.gone`, '--confirm', 'marruuk']),
  );
  says(none, exit.usage, 'plan.unreadable', `next rebuild plan marruuk --runbook ${desk.runbook} -o FILE`);
  const colleague = await openDesk(stage);
  expect((await atDesk(stage, colleague, [...start, '--until', 'isolate'])).code).toBe(exit.done);
  const {told: changed} = await untouched(stage, () => atDesk(stage, desk, plan));
  says(changed, exit.refused, `plan.stale: changed since ${file}: isolate.policy`, 'next rebuild plan marruuk');
  expect(await record(desk, stage)).toEqual({runs: [], events: [], holder: undefined});
});

test('while a colleague is at the host every command that would change it names them', async () => {
  const desk = await openDesk(stage);
  // The colleague is stopped where isolation has been put on record and begins.
  const colleague = begin(stage, [...start, '--until', 'isolate', '--json', '--runbook', desk.runbook], desk);
  await colleague.heard('"step.started"', 'stdout');
  colleague.signal('SIGSTOP');
  const who = `lease.held: marruuk is held by`;
  const {pid} = colleague;
  const held = [who, `(pid ${pid}, run marruuk-1)`, 'Someone else works on this host now', 'next talk to the holder'];
  for (const argv of [start, ['resume', 'marruuk'], ['abandon', 'marruuk', '-m', 'mine now']]) {
    const {told} = await untouched(stage, () => atDesk(stage, desk, argv));
    says(told, exit.refused, ...held);
  }
  const status = await atDesk(stage, desk, ['status', 'marruuk']);
  says(status, exit.done, 'marruuk-1', `pid ${pid}`);
  colleague.signal('SIGCONT');
  const told = await colleague.end;
  expect(told.code).toBe(exit.done);
  const {runs, events, holder} = await record(desk, stage);
  expect([runs, events.map(({type}) => type), holder]).toEqual([
    ['marruuk-1'],
    ['run.begun', 'step.started', 'step.saved', 'step.done', 'run.stopped'],
    undefined,
  ]);

  // The run that was left stands in the way of a new one, and is named with both ways out.
  const {told: again} = await untouched(stage, () => atDesk(stage, desk, start));
  says(
    again,
    exit.refused,
    'run.unfinished: marruuk-1 has not ended',
    'next rebuild resume marruuk, or rebuild abandon marruuk -m REASON',
  );
  const {told: resumed} = await untouched(stage, () =>
    atDesk(stage, desk, ['resume', 'marruuk', '--until', 'isolate', '--json']),
  );
  expect(resumed.code).toBe(exit.done);
  // What is to be stopped at was reached in an earlier sitting: nothing after it may begin.
  expect((await record(desk, stage)).events.slice(5).map(({type}) => type)).toEqual([
    'run.resumed',
    'step.kept',
    'run.stopped',
  ]);
});

test('a colleague who has the lab and has begun no run yet keeps their machine', async () => {
  const program = join(import.meta.dirname, 'refusals-colleague.ts');
  const journal = join(stage.labHome, 'lab/journal.sqlite');
  const colleague = spawn(process.execPath, [program, journal, 'marruuk'], {stdio: ['pipe', 'pipe', 'inherit']});
  await once(colleague.stdout, 'data');
  try {
    // Not on the lab's controller: from here the command would make a new lab.
    const {told} = await untouched(stage, () => rebuild(stage, [...start, '--lab'], {home: stage.labHome, at: 'home'}));
    says(told, exit.refused, `lease.held: marruuk is held by lena@jump1 (pid ${colleague.pid}, run marruuk-9)`);
  } finally {
    colleague.stdin.end();
    await once(colleague, 'exit');
  }
});
