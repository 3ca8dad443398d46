import {readFileSync, writeFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {expect, test} from 'vitest';
import type {HostName, Instant, RunId, Serial, Sha256} from '../../src/brand.ts';
import {sign} from '../../src/device/signature/sign.ts';
import {exit} from '../../src/exit.ts';
import {approvalFile, textOf, type Approval} from '../../src/gate/statement.ts';
import {openStage, says, trace, type Stage} from './stage.ts';

const gate = 'gate: {approvers: 2, within: 2h, for: [wipe]}';
const start = ['run', 'marruuk', '--confirm', 'marruuk'];
/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};
const passphrase = {env: {HANDOVER: 'correct horse battery staple'}};

/** A run that waits before the erasure, begun by lena. */
async function waiting(): Promise<Stage> {
  const stage = await openStage({gate});
  says(await stage.rebuild('first', [...start, '--key', stage.key('lena')]), exit.waits, 'waits before 5 wipe: 0 of 2');
  return stage;
}

test(
  'begun, approved here and elsewhere, handed over, resumed by a second person, and told in the report',
  slow,
  async () => {
    const stage = await waiting();
    const {rebuild, key, path} = stage;
    const asks = 'asked by lena@example.org, who cannot approve it';
    says(
      await rebuild('first', ['status', 'marruuk']),
      exit.done,
      'marruuk-1 waits 5/9 wipe',
      asks,
      'disks S3Z8NB0K412345',
    );
    // Nothing is begun, read or written by a resume that still has to wait.
    const before = await trace(stage, 'first');
    says(await rebuild('first', ['resume', 'marruuk']), exit.waits, 'rebuild approve marruuk --key FILE -m WHY');
    expect(await trace(stage, 'first')).toEqual(before);

    const omar = ['approve', 'marruuk', '--key', key('omar'), '-m', 'serial numbers compared by telephone'];
    says(await rebuild('first', omar), exit.done, 'approved by omar@example.org', '1 of 2 approvals.');

    says(await rebuild('first', ['approve', 'marruuk-1', '--ask', 'marruuk.plan']), exit.done);
    const vera = ['approve', '--plan', 'marruuk.plan', '-o', 'vera.approval', '--key', key('vera'), '-m', 'agreed'];
    const elsewhere = await rebuild('elsewhere', vera, {bare: true});
    says(elsewhere, exit.done, '480 GB Lab Disk S3Z8NB0K412345', 'waits for 2 approvals, each good for 2h');
    says(
      await rebuild('first', ['approve', 'marruuk', '--add', 'vera.approval']),
      exit.done,
      '2 of 2 approvals: the gate',
    );
    says(await rebuild('first', ['status']), exit.done, 'resume marruuk');

    const given = ['export', 'marruuk', '-o', 'marruuk.handover', '--passphrase', 'env:HANDOVER'];
    says(await rebuild('first', given, passphrase), exit.done, 'marruuk-1 is handed over');
    const file = readFileSync(path('marruuk.handover'), 'utf8');
    expect(file).not.toContain('PRIVATE KEY');
    expect(file).not.toContain(JSON.parse(readFileSync(path('first/runs/marruuk-1/keys/media.json'), 'utf8')).token);

    const taken = ['import', 'marruuk.handover', '--passphrase', 'env:HANDOVER'];
    const there = await rebuild('second', taken, {...passphrase, bare: true});
    says(there, exit.done, 'of them new, chain ok', path('second/runs/marruuk-1/handed-over/marruuk.yaml'));
    expect(there.stdout).toMatch(/^ {4}rebuild resume marruuk$/m);
    // There the host's name finds the example alone, which has no gate: the run knows its own runbook.
    says(
      await rebuild('second', ['resume', 'marruuk'], {bare: true}),
      exit.done,
      'wipe opened',
      'approved=vera@example.org,omar@example.org',
      'marruuk-1 done',
    );
    expect(stage.machine.counts.wipes).toBe(1);
    expect(stage.machine.system).toBe('renewed');

    const report = await rebuild('second', ['report', 'marruuk'], {bare: true});
    says(
      report,
      exit.done,
      'chain ok',
      '## Approvals',
      'asked by `lena@example.org`',
      'serial numbers compared by telephone',
      'opened',
      'handed over to another machine by',
      'on another machine than before',
    );
    const summary = JSON.parse((await rebuild('second', ['report', 'marruuk', '--json'], {bare: true})).stdout).summary;
    expect(summary.gates).toEqual([
      expect.objectContaining({step: 'wipe', needs: 2, approvedBy: ['vera@example.org', 'omar@example.org']}),
    ]);
    expect(summary.gateWaitedSeconds).toBeGreaterThan(0);

    // The end comes back as a record, so that the first machine knows it too.
    says(await rebuild('second', ['export', 'marruuk', '-o', 'end.handover'], {bare: true}), exit.done, 'has ended');
    says(await rebuild('first', ['import', 'end.handover'], {bare: true}), exit.done, 'rebuild report marruuk-1');
    says(await rebuild('first', ['status'], {bare: true}), exit.done, 'marruuk-1 done 9/9');
    says(await rebuild('first', [...start, '--key', key('lena')]), exit.refused, 'run.already-done', '--again');
  },
);

test('what is signed can be checked by ssh-keygen alone', slow, async () => {
  const stage = await waiting();
  says(await stage.rebuild('first', ['approve', 'marruuk', '--ask', 'p.plan']), exit.done);
  const asked = ['approve', '--plan', 'p.plan', '-o', 'a', '--key', stage.key('omar')];
  says(await stage.rebuild('x', asked, {bare: true}), exit.done);
  const text = readFileSync(stage.path('a'), 'utf8');
  const line = text.indexOf('\n') + 1;
  writeFileSync(stage.path('a.sig'), text.slice(line));
  const {execa} = await import('execa');
  const by = ['-n', 'rebuild-approval', '-I', 'omar@example.org', '-f', stage.path('allowed_signers')];
  const {stdout} = await execa('ssh-keygen', ['-Y', 'verify', ...by, '-s', stage.path('a.sig')], {
    input: text.slice(0, line),
  });
  expect(stdout).toContain('Good "rebuild-approval" signature for omar@example.org');
});

test('each approval that is none is refused with its own reason, and changes nothing', slow, async () => {
  const stage = await waiting();
  const {rebuild, key, path} = stage;
  says(await rebuild('first', ['approve', 'marruuk', '--ask', 'p.plan']), exit.done);
  const signPlan = async (plan: string, person: string, to: string) =>
    says(await rebuild('x', ['approve', '--plan', plan, '-o', to, '--key', key(person)], {bare: true}), exit.done);
  await signPlan('p.plan', 'omar', 'good');
  await signPlan('p.plan', 'mallory', 'of-mallory');
  await signPlan('p.plan', 'lena', 'of-lena');
  const good = readFileSync(path('good'), 'utf8');
  writeFileSync(path('changed'), good.replace('S3Z8NB0K412345', 'S3Z8NB0K498765'));
  writeFileSync(path('cut'), good.slice(0, -40));
  writeFileSync(path('huge'), 'x'.repeat(1_000_000));
  writeFileSync(path('plan-changed'), readFileSync(path('p.plan'), 'utf8').replace('480000000000', '480000000001'));

  const before = await trace(stage, 'first');
  const add = (file: string) => rebuild('first', ['approve', 'marruuk', '--add', file]);
  says(await add('of-mallory'), exit.refused, 'gate.signer-refused');
  says(await add('of-lena'), exit.refused, 'gate.own-approval');
  says(await add('changed'), exit.refused, 'gate.signature-bad');
  says(await add('cut'), exit.refused, 'gate.approval-unreadable');
  says(await add('huge'), exit.refused, 'gate.approval-unreadable', 'too large');
  says(await add('p.plan'), exit.refused, 'gate.approval-unreadable');
  says(await add('none'), exit.refused, 'gate.approval-unreadable', 'ENOENT');
  says(
    await rebuild('x', ['approve', '--plan', 'plan-changed', '-o', 'y', '--key', key('omar')], {bare: true}),
    exit.usage,
    'plan.unreadable',
    'changed after it was saved',
  );
  expect(await trace(stage, 'first')).toEqual(before);
});

test('a person who is taken off the list no longer counts, though they had approved', slow, async () => {
  const stage = await waiting();
  for (const person of ['omar', 'vera'])
    says(await stage.rebuild('first', ['approve', 'marruuk', '--key', stage.key(person)]), exit.done);
  const signers = readFileSync(stage.path('allowed_signers'), 'utf8');
  writeFileSync(stage.path('allowed_signers'), signers.replace(/^omar.*\n/m, ''));
  const before = await trace(stage, 'first');
  says(await stage.rebuild('first', ['resume', 'marruuk']), exit.waits, 'waits before 5 wipe');
  expect(await trace(stage, 'first')).toEqual(before);
});

test('approvals whose time is over no longer open the gate: resume waits, and nothing is touched', slow, async () => {
  const stage = await openStage({gate: 'gate: {approvers: 2, within: 20s, for: [wipe]}'});
  const {rebuild, key} = stage;
  says(await rebuild('first', [...start, '--key', key('lena')]), exit.waits, 'each approval good for 20s');
  let last = '';
  for (const person of ['omar', 'vera']) {
    const approved = await rebuild('first', ['approve', 'marruuk', '--key', key(person), '--json']);
    says(approved, exit.done);
    last = (JSON.parse(approved.stdout) as {expires: string}).expires;
  }
  await sleep(Math.max(0, Date.parse(last) - Date.now()) + 50);
  const before = await trace(stage, 'first');
  const waits = await rebuild('first', ['resume', 'marruuk']);
  says(waits, exit.waits, '0 of 2 approvals', 'void omar@example.org: it expired at', 'void vera@example.org');
  expect(await trace(stage, 'first')).toEqual(before);
  expect(stage.machine.counts.wipes).toBe(0);
});

test('nobody begins a run with a gate without a name on the list', slow, async () => {
  const stage = await openStage({gate});
  const before = await trace(stage, 'first');
  const again = `rebuild run marruuk --runbook ${stage.runbook} --key FILE`;
  says(await stage.rebuild('first', start), exit.refused, 'gate.requester-unknown', again);
  const mallory = [...start, '--key', stage.key('mallory')];
  says(await stage.rebuild('first', mallory), exit.refused, 'gate.requester-unknown', 'is not on');
  const lonely = await openStage({gate, people: ['lena', 'omar']});
  const asLena = [...start, '--key', lonely.key('lena')];
  says(
    await lonely.rebuild('first', asLena),
    exit.refused,
    'gate.signers-missing',
    'names 2; the gate needs 2 besides',
  );
  expect(await trace(stage, 'first')).toEqual(before);
});

test('an approval of a saved plan is good for one run of it, and for no other plan', slow, async () => {
  const stage = await openStage({gate: 'gate: {approvers: 1, within: 2h, for: [isolate]}'});
  const {rebuild, key} = stage;
  const run = (more: readonly string[] = []) => rebuild('first', [...start, '--key', key('lena'), ...more]);
  says(await rebuild('first', ['plan', 'marruuk', '-o', 'p.plan']), exit.done, 'Saved p.plan');
  const asked = ['approve', '--plan', 'p.plan', '-o', 'omar.approval', '--key', key('omar'), '-m', 'go'];
  says(await rebuild('x', asked, {bare: true}), exit.done);
  says(await run(['--plan', 'p.plan']), exit.waits, 'waits before 1 isolate');
  says(
    await rebuild('first', ['approve', 'marruuk', '--add', 'omar.approval']),
    exit.done,
    '1 of 1 approvals: the gate opens',
  );
  says(await rebuild('first', ['approve', 'marruuk', '--add', 'omar.approval']), exit.done, 'was approved already');
  says(await rebuild('first', ['abandon', 'marruuk', '-m', 'another day']), exit.done);

  says(await run(['--plan', 'p.plan']), exit.waits, 'waits before 1 isolate');
  says(
    await rebuild('first', ['approve', 'marruuk', '--add', 'omar.approval']),
    exit.refused,
    'gate.approval-spent',
    'marruuk-1',
  );
  says(await rebuild('first', ['abandon', 'marruuk', '-m', 'another day']), exit.done);

  // Another world, another plan: the edge is shut by now.
  stage.machine.policy = {mode: 'quarantine', admit: ['10.9.0.2']};
  says(await run(), exit.waits, 'waits before 1 isolate');
  says(
    await rebuild('first', ['approve', 'marruuk', '--add', 'omar.approval']),
    exit.refused,
    'gate.approval-elsewhere',
  );
  expect(await stage.journal('first').runs('marruuk' as HostName)).toMatchObject({
    value: ['marruuk-3', 'marruuk-2', 'marruuk-1'] as RunId[],
  });
});

test(
  'a signature that is good, under a statement that is for something else, is refused by what it is for',
  slow,
  async () => {
    const stage = await waiting();
    const {rebuild, key, path} = stage;
    const stored = await stage.journal('first').read('marruuk-1' as RunId);
    const begun = stored.ok ? stored.value[0]?.event : undefined;
    if (begun?.type !== 'run.begun' || !begun.gate) throw new Error('it has no gate');
    const {machine, disks, steps} = begun.gate;
    const at = new Date(Date.now() - 60_000).toISOString() as Instant;
    const fits: Approval = {
      type: 'rebuild-approval',
      version: 1,
      host: begun.host,
      plan: begun.plan,
      machine,
      disks,
      steps,
      seen: {run: begun.run},
      by: 'omar@jump2',
      at,
      expires: new Date(Date.now() + 3_600_000).toISOString() as Instant,
      why: '',
    };
    const before = await trace(stage, 'first');
    const wrong: readonly (readonly [Partial<Approval>, string])[] = [
      [{expires: past(0.01)}, 'gate.approval-expired'],
      [{at: past(3), expires: past(-9)}, 'gate.approval-expired'],
      [{plan: 'd'.repeat(64) as Sha256}, 'gate.approval-elsewhere'],
      [{seen: {run: 'marruuk-2' as RunId}}, 'gate.approval-elsewhere'],
      [{host: 'mpex' as HostName}, 'gate.approval-elsewhere'],
      [{disks: ['S3Z8NB0K498765'] as Serial[]}, 'gate.target-differs'],
      [{machine: 'MRK-2017-0930'}, 'gate.target-differs'],
    ];
    for (const [index, [more, code]] of wrong.entries()) {
      const statement = {...fits, ...more};
      const signature = await sign(textOf(statement), key('omar'));
      writeFileSync(path(`wrong-${index}`), approvalFile(statement, signature.ok ? signature.value : ''));
      says(await rebuild('first', ['approve', 'marruuk', '--add', `wrong-${index}`]), exit.refused, code);
    }
    expect(await trace(stage, 'first')).toEqual(before);
    const signature = await sign(textOf(fits), key('omar'));
    writeFileSync(path('right'), approvalFile(fits, signature.ok ? signature.value : ''));
    says(await rebuild('first', ['approve', 'marruuk', '--add', 'right']), exit.done, '1 of 2 approvals');
  },
);

const past = (hours: number): Instant => new Date(Date.now() - hours * 3_600_000).toISOString() as Instant;
