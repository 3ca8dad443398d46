import {copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {Ajv} from 'ajv';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {exit} from '../../src/exit.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {keyFiles} from '../../src/lab/material.ts';
import type {PlanDocument} from '../../src/plan/document-schema.ts';
import type {RunSummary} from '../../src/view/summary.ts';
import {openBrowser} from '../view/page/browser.ts';
import {record, untouched, type Stage} from './refusals-stage.ts';
import {begin, next, printed, says, type, type Person} from './typed.ts';

// What README tells a new user to type, with `--lab`, by four people and at two controllers: every command is one that is
// printed or in README, and the lab's own counts say what reached the machine.

const marruuk = hostName('marruuk')!;
const [disk, other] = ['S3Z8NB0K412345', 'OTHER-1'];
const people = ['lena', 'omar', 'vera', 'nils'] as const;
const passphrase = 'correct horse battery staple';

let top: string;
let lena: Person;
/** Of the four only lena has the machine's lab and runbook: vera signs where there is neither, nils takes over. */
const omar = (): Person => ({...lena, name: 'omar'});
const vera = (): Person => ({name: 'vera', folder: at('vera'), home: at('vera/home')});
const nils = (): Person => ({name: 'nils', folder: at('nils'), home: at('nils/home'), env: {HANDOVER: passphrase}});
const at = (name: string): string => join(top, name);

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  top = await mkdtemp('/tmp/rebuild-j-');
  for (const folder of ['clone/runbooks', 'vera', 'nils']) mkdirSync(at(folder), {recursive: true});
  lena = {name: 'lena', folder: at('clone'), home: at('home'), env: {HANDOVER: passphrase}};
  process.env['REBUILD_HOME'] = lena.home;
  const example = readFileSync(join(import.meta.dirname, '../../runbooks/marruuk.yaml'), 'utf8');
  const gated = example.replace(/^# (gate: .*)$/m, '$1');
  expect(gated).not.toBe(example);
  writeFileSync(at('clone/runbooks/marruuk.yaml'), gated);
  for (const person of people)
    await execa('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      person,
      '-f',
      at(person === 'nils' ? 'none' : `${person}.key`),
    ]);
  const line = (person: string): string =>
    `${person}@example.org namespaces="rebuild-approval" ${readFileSync(at(`${person}.key.pub`), 'utf8')}`;
  writeFileSync(at('clone/runbooks/allowed_signers'), ['lena', 'omar', 'vera'].map(line).join(''));
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(top, {recursive: true, force: true});
});

async function lab(): Promise<Lab> {
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

/** Bytes that the lab's devices count as written to the disk that is to be erased. */
async function writtenBytes(): Promise<number> {
  const disks = await (await lab()).control.disks();
  if (!disks.ok) throw new Error(disks.fault.says);
  return disks.value['system']?.writtenBytes ?? 0;
}

const state = ({home}: Person): {readonly home: string} => ({home: join(home, 'lab')});

test('plan, save, review, another disk, two approvals, Ctrl-C, hand-over, a second person, report', async () => {
  says(await type(lena, 'rebuild lab up marruuk'), exit.done, 'lab marruuk: up', disk);
  const stage: Stage = {lab: await lab(), directory: top, labHome: lena.home, end: async () => {}};
  const unchanged = async (who: Person, line: string) => (await untouched(stage, () => type(who, line))).told;

  // Planned, saved, read as JSON: nothing is written, in the world or in this home.
  const asJson = await unchanged(lena, 'rebuild plan marruuk --lab -o marruuk.plan --json');
  says(asJson, exit.done);
  expect(existsSync(join(lena.home, 'lab/journal.sqlite'))).toBe(false);
  const schema = JSON.parse((await type(lena, 'rebuild schema plan')).stdout) as object;
  const validate = new Ajv({strictTypes: false, strictRequired: false}).compile(schema);
  const plan = JSON.parse(asJson.stdout) as PlanDocument;
  expect(validate(plan), JSON.stringify(validate.errors)).toBe(true);
  expect(readFileSync(at('clone/marruuk.plan'), 'utf8')).toBe(asJson.stdout);
  expect(plan.errors).toEqual([]);
  expect(plan.steps.flatMap(({effects}) => effects.flatMap((each) => each.disk?.serial ?? []))).toContain(disk);

  // Another disk in the bay: the plan is refused by the facts that changed, with both serial numbers.
  const run = `rebuild run marruuk --lab --plan marruuk.plan --confirm marruuk --key ${at('lena.key')}`;
  says(await type(lena, `rebuild lab fault disk-swap ${other} --disk system`), exit.done, 'disk-swap: done');
  const stale = await unchanged(lena, run);
  says(
    stale,
    exit.refused,
    'plan.stale',
    `wipe.models.${disk}.model`,
    `disk ${disk} was 8 GB QEMU lab nvme system is system, not there`,
    `disk ${other} was not there is 8 GB QEMU`,
  );
  says(stale, exit.refused, `no disk with serial ${disk}; there is ${other}`);
  const told = JSON.parse((await unchanged(lena, `${run} --json`)).stdout) as {detail: {changed: object[]}};
  expect(told).toMatchObject({type: 'fault', code: 'plan.stale'});
  expect(told.detail.changed).toContainEqual(expect.objectContaining({about: 'disk', fact: other, before: null}));
  expect(await record(state(lena), stage)).toEqual({runs: [], events: [], holder: undefined});
  says(await unchanged(lena, 'rebuild plan marruuk --lab --against marruuk.plan'), exit.refused, 'It is stale');
  says(await type(lena, 'rebuild lab fault mend'), exit.done);
  const fits = await unchanged(lena, 'rebuild plan marruuk --lab --against marruuk.plan');
  says(fits, exit.done, 'It still fits');
  expect(next(fits)).toBe('rebuild run marruuk --lab --plan marruuk.plan');

  // As far as the gate.
  const waits = await type(lena, run);
  says(waits, exit.waits, `Plan ${plan.digest.slice(0, 8)} still fits`, 'waits before 5 wipe: 0 of 2 approvals');
  const commands = printed(waits);
  expect(commands).toEqual([
    'rebuild approve marruuk --lab --key FILE -m WHY',
    'rebuild approve marruuk --lab --ask marruuk-1.plan',
    'rebuild approve --plan marruuk-1.plan -o NAME.approval -m WHY',
    'rebuild approve marruuk --lab --add NAME.approval',
    'rebuild resume marruuk --lab',
  ]);
  const [approve = '', ask = '', sign = '', add = '', resume = ''] = commands;
  const before = await writtenBytes();
  says(await unchanged(lena, resume), exit.waits, '0 of 2 approvals');
  says(await type(lena, approve.replace('FILE', at('lena.key')).replace('WHY', 'mine')), exit.refused, 'own-approval');
  const agreed = await type(omar(), approve.replace('FILE', at('omar.key')).replace('WHY', 'serials-compared'));
  says(agreed, exit.done, 'approved by omar@example.org', '1 of 2 approvals');
  says(await unchanged(lena, resume), exit.waits, '1 of 2 approvals');
  says(await type(lena, ask), exit.done);
  says(await type(lena, ask), exit.usage, 'exists already');
  copyFileSync(at('clone/marruuk-1.plan'), at('vera/marruuk-1.plan'));
  const far = await type(vera(), `${sign.replace('NAME', 'vera').replace('WHY', 'agreed')} --key ${at('vera.key')}`);
  says(far, exit.done, disk, 'waits for 2 approvals, each good for 2h');
  copyFileSync(at('vera/vera.approval'), at('clone/vera.approval'));
  const open = await type(lena, add.replace('NAME', 'vera'));
  says(open, exit.done, '2 of 2 approvals: the gate opens');
  expect(await writtenBytes()).toBe(before);
  const {events: asked} = await record(state(lena), stage);
  expect(asked.flatMap((event) => (event.type === 'step.started' ? [event.step] : []))).not.toContain('wipe');

  // Ctrl-C in the erasure: the step ends, the next does not begin.
  const wiping = begin(lena, next(open));
  await wiping.heard('wipe sending');
  wiping.signal('SIGINT');
  const stopped = await wiping.end;
  says(stopped, exit.interrupted, 'stops after this step', 'wipe done', 'stopped before 6 install, as asked');
  expect(stopped.words).not.toContain('install started');
  expect(next(stopped)).toBe('rebuild resume marruuk --lab');
  const erased = await writtenBytes();

  // Handed over: nothing in the file opens without the passphrase, and this machine goes on no more.
  const away = await type(lena, 'rebuild export marruuk-1 --lab -o ../nils/marruuk.handover --passphrase env:HANDOVER');
  says(away, exit.done, 'marruuk-1 is handed over');
  const archive = readFileSync(at('nils/marruuk.handover'), 'utf8');
  const secrets = secretsOf(await lab(), join(lena.home, 'lab/runs/marruuk-1/keys'));
  for (const [name, secret] of secrets) {
    expect(secret.length, name).toBeGreaterThan(11);
    expect(archive, name).not.toContain(secret);
  }
  says(await unchanged(lena, 'rebuild resume marruuk --lab'), exit.refused, 'run.handed-over');

  // The second person, with a home of their own and no runbook, types what is printed.
  const there = await type(nils(), 'rebuild import marruuk.handover --lab --passphrase env:HANDOVER');
  says(there, exit.done, 'marruuk-1 is here', 'of them new, chain ok');
  const done = await type(nils(), next(there));
  says(done, exit.done, 'marruuk-1 done in', 'wipe kept proof="read back as zero: system"');
  const after = await record(state(nils()), stage);
  const sent = after.events.flatMap((event) => (event.type === 'effect.sent' ? [`${event.step} ${event.effect}`] : []));
  expect(sent).toContain(`wipe wipe:${disk}`);
  expect(new Set(sent).size).toBe(sent.length);
  const since = after.events.slice(after.events.findIndex((event) => event.type === 'run.taken-over'));
  expect(since.filter((event) => 'step' in event && event.step === 'wipe').map(({type: is}) => is)).toEqual([
    'step.kept',
  ]);
  const status = await stage.lab.control.status();
  // The old system, the light one, the new one: nothing was mounted or started twice.
  expect(status).toMatchObject({ok: true, value: {starts: 3, effects: {inserts: 1}}});
  expect(await stage.lab.keptDisks()).toEqual({worlds: 'untouched'});
  expect(await writtenBytes()).toBeGreaterThan(erased);

  // What is told of it, as text, as JSON and as a page.
  expect(next(done)).toBe('rebuild report marruuk-1 --lab');
  const report = await type(nils(), next(done));
  says(report, exit.done, 'chain ok', 'by `lena@', '`nils@', 'asked by `lena@example.org`', 'serials-compared');
  says(report, exit.done, '`vera@example.org`', 'wipe waited', 'handed over to another machine by');
  const {summary} = JSON.parse((await type(nils(), `${next(done)} --json`)).stdout) as {summary: RunSummary};
  expect(summary.gates).toMatchObject([{step: 'wipe', approvedBy: ['vera@example.org', 'omar@example.org']}]);
  expect(summary.gateWaitedSeconds).toBeGreaterThan(1);
  says(await type(nils(), `${next(done)} -o marruuk.html`), exit.done);
  const page = readFileSync(at('nils/marruuk.html'), 'utf8');
  expect(page).toContain('default-src &#39;none&#39;');
  expect(page).not.toMatch(/<script|<link|@import|url\((?!#)|(?:src|href)=(?!["']?#)/i);
  for (const name of ['lena@example.org', 'omar@example.org', 'vera@example.org', 'nils@'])
    expect(page).toContain(name);
  const browser = await openBrowser();
  try {
    const url = pathToFileURL(at('nils/marruuk.html')).href;
    await browser.open(url, {width: 1280});
    expect(browser.requests()).toEqual([url]);
    expect(browser.complaints()).toEqual([]);
    expect(await browser.evaluate<string>('document.body.innerText')).toContain('marruuk-1');
  } finally {
    await browser.close();
  }

  // The end comes back to the first machine as a record.
  says(await type(nils(), 'rebuild export marruuk-1 --lab -o ../clone/end.handover'), exit.done, 'has ended');
  const back = await type(lena, 'rebuild import end.handover --lab');
  says(back, exit.done, 'marruuk-1 is here');
  says(await type(lena, next(back)), exit.done, 'chain ok');
  says(await type(lena, 'rebuild status --lab'), exit.done, 'marruuk-1 done 9/9');

  // One byte of one row, past the journal's own triggers.
  const journal = new DatabaseSync(join(nils().home, 'lab/journal.sqlite'));
  for (const {name} of journal.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    journal.exec(`DROP TRIGGER ${String(name)}`);
  journal.exec("UPDATE entries SET event = replace(event, 'serials-compared', 'serials-Compared')");
  journal.close();
  const forged = await type(nils(), 'rebuild report marruuk-1 --lab');
  says(forged, exit.refused, 'does not hold at entry', 'event gate.approved', 'CHAIN BROKEN');
});

/** Everything that is secret in the lab and in the run: the name of its file, and a line that no other key has. */
function secretsOf({folder}: Lab, keys: string): readonly (readonly [string, string])[] {
  const {certificateKey, bmcPassword, bmcNextPassword, clientKey, suspectKey} = keyFiles(folder);
  const run = ['controller', 'light', 'host', 'media.json'].map((name) => join(keys, name));
  return [certificateKey, bmcPassword, bmcNextPassword, clientKey, suspectKey, ...run].map((file) => {
    const text = readFileSync(file, 'utf8').trim();
    if (file.endsWith('.json')) return [file, (JSON.parse(text) as {token: string}).token] as const;
    // The first and the last lines of key files are the same in each.
    const lines = text.split('\n');
    return [file, lines[Math.floor(lines.length / 2)] ?? ''] as const;
  });
}
