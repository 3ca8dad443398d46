import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName, type RunId} from '../../src/brand.ts';
import {files, placesOf, type Places} from '../../src/device/vault/places.ts';
import {readCustody, type Custody} from '../../src/evidence/custody.ts';
import {hostSsh} from '../../src/lab/blueprint.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {keyFiles} from '../../src/lab/material.ts';
import {rebuild, type Line} from './controller.ts';
import {canary, endless, hostileEnd, hostilePlants, line, oddNames, stopped, storm} from './hostile-plants.ts';
import {tell} from './incident/told.ts';

// The lab's old system does what it can against being captured: each attempt ends in its time with what it could get, marked;
// after three that is sealed, and the run refused. Nothing of it is run or printed as it is.

const marruuk = hostName('marruuk')!;
const run = 'marruuk-1' as RunId;
/** Of each attempt. The last verb that hangs takes all that is left of it. */
const withinSeconds = 600;
/** What comes after: our tools are removed there, and at last what came is sealed and read back. */
const graceSeconds = 120;

let state: string;
let book: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-ho-');
  process.env['REBUILD_HOME'] = state;
  book = join(state, 'marruuk.yaml');
  const document = parseDocument(await readFile(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8'));
  // The lab puts its own in their place.
  document.set('suspect', {hostkey: `SHA256:${'A'.repeat(43)}`, key: 'file:/nowhere'});
  const steps = document.toJS().steps as {id: string}[];
  const at = steps.findIndex(({id}) => id === 'evidence');
  const capture = {id: 'evidence', do: 'evidence.capture', profile: 'triage', within: `${withinSeconds}s`};
  document.set('steps', steps.with(at, capture));
  await writeFile(book, String(document));
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

async function lab(): Promise<Lab> {
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

/** A script for bash on the old system, by the key that the lab put there. */
async function onSuspect(script: string): Promise<string> {
  const here = await lab();
  const {address, port} = hostSsh(here.blueprint);
  const {suspectKey} = keyFiles(here.folder);
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'LogLevel=ERROR', 'UserKnownHostsFile=/dev/null'];
  // The lab made it, and whoever answers is the one to be planted in.
  options.push('StrictHostKeyChecking=no');
  const ssh = [
    'ssh',
    '-F',
    'none',
    '-i',
    suspectKey,
    ...options.flatMap((option) => ['-o', option]),
    '-p',
    String(port),
  ];
  const [program, ...rest] = [...here.on('controller'), ...ssh, `root@${address}`, 'bash -s'];
  return (await execa(program, rest, {input: script})).stdout;
}

const places = (): Places => placesOf(join(state, 'lab'), run, 'triage');

/** By the item, the record of the first attempt at it. */
async function custody(): Promise<(item: string) => Custody> {
  const records = readCustody(await readFile(join(places().data, files.custody), 'utf8'));
  if ('brokenAt' in records) throw new Error(`the chain breaks at ${records.brokenAt}`);
  return (item) => {
    const found = records.find(({id}) => id.replace(/^(?:\d+|skipped)-/, '') === item);
    if (found === undefined) throw new Error(`there is no record of ${item}`);
    return found;
  };
}

const content = ({file = ''}: Custody): string => join(places().data, file);
const text = (field = ''): string => Buffer.from(field, 'base64').toString('latin1');
/** The records of an item: words with tabs between. */
const records = async (record: Custody): Promise<readonly (readonly string[])[]> =>
  (await readFile(content(record), 'latin1')).split('\n').map((each) => each.split('\t'));
/** A cut archive lists to where it was cut. */
const listed = (record: Custody): readonly string[] => {
  const script = 'tar -t -i --quoting-style=escape -f "$0" 2>/dev/null || true';
  return execFileSync('sh', ['-c', script, content(record)], {encoding: 'utf8', maxBuffer: 2 ** 30}).split('\n');
};

/** The exit codes of the attempts: twice more may come of another, then it has failed for good. */
const codes = [1, 1, 3];
const said: string[] = [];

test(
  'each attempt at a system that is against it ends in its time, and after three the run is refused',
  async () => {
    const where = ['--runbook', book];
    const isolated = await rebuild(
      ['run', 'marruuk', ...where, '--until', 'isolate', '--confirm', 'marruuk', '--firmware', 'bios'],
      state,
    );
    expect(isolated.code, isolated.said).toBe(0);
    expect(await onSuspect(hostilePlants)).toBe('planted');

    for (const code of codes) {
      const times: Record<string, number> = {};
      let failure: string | undefined;
      const ended = await rebuild(['resume', 'marruuk', ...where, '--until', 'evidence'], state, (told: Line) => {
        if ('step' in told && told.step === 'evidence') times[told.type] = Date.now();
        if (told.type === 'step.failed') failure = told.fault.code;
      });
      said.push(ended.said);
      const spanSeconds = ((times['step.failed'] ?? Number.NaN) - (times['step.started'] ?? Number.NaN)) / 1000;
      process.stderr.write(`the attempt took ${spanSeconds} s of ${withinSeconds} s\n`);
      expect(ended.code, ended.said).toBe(code);
      expect(failure).toBe(code === 3 ? 'evidence.failed' : 'evidence.incomplete');
      expect(spanSeconds).toBeLessThan(withinSeconds + graceSeconds);
      // Something was against it to the end.
      expect(spanSeconds).toBeGreaterThan(withinSeconds - 30);
    }
  },
  60 * 60_000,
);

test('what it got is sealed, and checked with standard programs alone', async () => {
  const {data, seal} = places();
  execFileSync('sha256sum', ['-c', '--quiet', join(seal, files.manifest)], {cwd: data});
  const verify = 'ssh-keygen -Y verify -f allowed_signers -I rebuild -n rebuild-evidence -s SHA256SUMS.sig <SHA256SUMS';
  execFileSync('sh', ['-c', verify], {cwd: seal});
  // Names of files are ours.
  for (const name of await readdir(data)) expect(name).toMatch(/^(?:\d{3}-[a-z-]+\.[a-z]+|custody\.jsonl)$/);
});

test('what hung, what has no end and what was no file is on record as such, and the rest is there', async () => {
  const of = await custody();
  expect(stopped).toEqual(['network', 'names']);
  expect(of('network')).toMatchObject({complete: false, lack: 'limit', reason: 'did not end in 120 s'});
  // All that was left; on a slow machine, nothing was.
  expect(of('names')).toMatchObject({complete: false, lack: 'time'});
  expect(of('names').reason).toMatch(/^did not end in \d+ s$|^its time was over$/);
  for (const late of ['bodyfile', 'logs'])
    expect(of(late)).toMatchObject({complete: false, lack: 'time', reason: 'its time was over', bytes: 0});

  expect(of('clock')).toMatchObject({
    complete: false,
    lack: 'error',
    reason: 'ended with 1: not whole: release',
  });
  expect((await records(of('clock'))).some(([key]) => key === 'boot')).toBe(true);
  expect(of('etc').complete).toBe(true);
  expect(listed(of('etc'))).toContain('etc/cron.d/pipe');

  const temporary = of('temporary');
  expect(temporary.complete).toBe(false);
  expect(temporary.reason).toMatch(/^cut off after 134217728 bytes$|^did not end in \d+ s$/);
  const names = listed(temporary).filter((name) => name.includes(endless.prefix));
  process.stderr.write(`${names.length} names of ${endless.files} in the directory without end\n`);
  expect(names.length).toBeGreaterThan(1000);

  const processes = (await records(of('processes'))).filter(([, status]) => text(status).includes(storm.word));
  process.stderr.write(`${processes.length} processes of the storm\n`);
  expect(processes.length).toBeGreaterThan(50);
});

test('names are kept as they are, one line of ten gigabytes by its ends, and nobody waits for who never answers', async () => {
  const of = await custody();
  expect(of('homes').complete).toBe(true);
  const homes = await readFile(content(of('homes')), 'latin1');
  for (const name of oddNames) expect(homes).toContain(`root/${name}`);

  expect(of('large').complete).toBe(true);
  const large = (await records(of('large'))).map(([name, size, head, tail]) => ({name: text(name), size, head, tail}));
  const kept = large.find(({name}) => `/${name}` === line.path);
  expect(kept?.size).toBe(String(line.bytes));
  expect(text(kept?.head).startsWith(line.begins)).toBe(true);
  expect(text(kept?.tail).endsWith(line.ends)).toBe(true);
});

test('nothing of it was run, here or there', async () => {
  expect((await onSuspect(hostileEnd)).split('\n')).toEqual(['searched']);
  const below = (await readdir(state, {recursive: true})).filter((name) => name.split('/').at(-1) === canary);
  expect(below).toEqual([]);
  for (const folder of [process.cwd(), '/', '/root', '/tmp'])
    expect(existsSync(join(folder, canary)), folder).toBe(false);
});

test('nothing of it is printed, nor recorded, as it is', async () => {
  const {data} = places();
  // Of all output on stdout, each line was JSON, which has no control characters.
  expect(said.join('')).not.toMatch(/\u001b/);
  expect(said.join('')).not.toContain(canary);
  const recorded = await readFile(join(data, files.custody), 'utf8');
  expect(recorded).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  expect(recorded).not.toContain(canary);
  for (const argv of [
    ['status', 'marruuk', '--lab'],
    ['log', run, '--lab'],
    ['report', run, '--lab'],
  ]) {
    const told = await tell(argv, state);
    expect(told.text).not.toMatch(/\u001b/);
    expect(told.text).not.toContain(canary);
  }
});
