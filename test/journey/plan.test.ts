import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import {expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import type {PlanDocument} from '../../src/plan/document-schema.ts';
import {openStage, says, trace} from './stage.ts';

const confirmed = ['--confirm', 'marruuk'];
/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};

test('planned, reviewed as JSON, refused once a disk is another, and fit again with the disk back', slow, async () => {
  const stage = await openStage();
  const {rebuild, path, machine} = stage;
  const printed = await rebuild('home', ['plan', 'marruuk', '-o', 'marruuk.plan', '--json']);
  says(printed, exit.done);
  expect(machine.counts).toMatchObject({wipes: 0, starts: 0, inserts: 0, enforced: 0});
  // Nothing of this operator's state either: no journal, no keys.
  expect(existsSync(path('home')) ? readdirSync(path('home')) : []).toEqual([]);

  const schema = JSON.parse((await rebuild('home', ['schema', 'plan'], {bare: true})).stdout) as object;
  const plan = JSON.parse(printed.stdout) as PlanDocument;
  const validate = new Ajv({strictTypes: false, strictRequired: false}).compile(schema);
  expect(validate(plan), JSON.stringify(validate.errors)).toBe(true);
  expect(printed.stdout).toBe(readFileSync(path('marruuk.plan'), 'utf8'));
  expect(plan.keptDisks).toMatchObject([{name: 'worlds', serial: 'S3Z8NB0K498765', vendor: 'Lab', model: 'Disk'}]);
  expect(plan.steps.find(({id}) => id === 'wipe')?.effects).toMatchObject([
    {certainty: {is: 'will'}, irreversible: true, disk: {serial: 'S3Z8NB0K412345', vendor: 'Lab', model: 'Disk'}},
    {certainty: {is: 'unknown', until: 'boot'}},
  ]);
  expect(plan.moving).toMatchObject({power: 'on', total: {promise: 'open'}});
  says(await rebuild('home', ['plan', 'marruuk', '--against', 'marruuk.plan']), exit.done, 'It still fits', '0 differ');

  const [first] = machine.disks;
  const own = first?.serial;
  Object.assign(first ?? {}, {serial: 'OTHER-1'});
  const run = ['run', 'marruuk', '--plan', 'marruuk.plan', ...confirmed];
  const before = await trace(stage, 'home');
  const refused = await rebuild('home', run);
  says(refused, exit.refused, 'plan.stale', 'wipe.models.S3Z8NB0K412345.model', 'was "Disk" is (none)', 'disk OTHER-1');
  says(refused, exit.refused, 'no disk with serial S3Z8NB0K412345; there is OTHER-1');
  const told = JSON.parse((await rebuild('home', [...run, '--json'])).stdout) as {detail: {changed: object[]}};
  expect(told).toMatchObject({type: 'fault', code: 'plan.stale'});
  expect(told.detail.changed).toContainEqual(expect.objectContaining({about: 'disk', fact: 'OTHER-1', before: null}));
  says(await rebuild('home', ['plan', 'marruuk', '--against', 'marruuk.plan']), exit.refused, 'It is stale');
  const compared = await rebuild('home', ['plan', 'marruuk', '--against', 'marruuk.plan', '--json']);
  expect(JSON.parse(compared.stdout)).toMatchObject({
    type: 'plan.compared',
    fits: false,
    before: {digest: plan.digest},
  });
  expect(await trace(stage, 'home')).toEqual(before);

  Object.assign(first ?? {}, {serial: own});
  says(await rebuild('home', [...run, '--until', 'mount']), exit.done, `Plan ${plan.digest.slice(0, 8)} still fits`);
});

test(
  'a plan that was saved with an error can be read, and is never run, even when the error is gone',
  slow,
  async () => {
    const stage = await openStage();
    const {rebuild, machine} = stage;
    const [first] = machine.disks;
    const own = first?.serial;
    Object.assign(first ?? {}, {serial: 'OTHER-1'});
    const faulty = await rebuild('home', ['plan', 'marruuk', '-o', 'faulty.plan']);
    says(faulty, exit.refused, 'cannot be planned: disk.not-found', 'This plan cannot be run: 2 faults', 'OTHER-1');
    Object.assign(first ?? {}, {serial: own});
    const before = await trace(stage, 'home');
    const run = await rebuild('home', ['run', 'marruuk', '--plan', 'faulty.plan', ...confirmed]);
    const again = `rebuild plan marruuk --runbook ${stage.runbook} -o FILE`;
    says(run, exit.refused, 'plan.faulty', 'with an error at wipe: disk.not-found', again);
    says(await rebuild('home', ['plan', 'marruuk', '--against', 'faulty.plan']), exit.refused, 'error wipe');
    expect(await trace(stage, 'home')).toEqual(before);
  },
);

test(
  'a saved plan that was changed, or is of another format, is refused before any device is asked',
  slow,
  async () => {
    const stage = await openStage();
    const {rebuild, path} = stage;
    says(await rebuild('home', ['plan', 'marruuk', '-o', 'good']), exit.done);
    const good = readFileSync(path('good'), 'utf8');
    writeFileSync(path('changed'), good.replace('"promiseSeconds": 43200', '"promiseSeconds": 43201'));
    writeFileSync(path('older'), good.replace('"version": 2', '"version": 1'));
    for (const command of ['run', 'plan']) {
      const flag = command === 'run' ? [...confirmed, '--plan'] : ['--against'];
      says(await rebuild('home', [command, 'marruuk', ...flag, 'changed']), exit.usage, 'changed after it was saved');
      says(await rebuild('home', [command, 'marruuk', ...flag, 'older']), exit.usage, 'it has format 1');
      says(await rebuild('home', [command, 'marruuk', ...flag, 'none']), exit.usage, 'ENOENT');
    }
  },
);
