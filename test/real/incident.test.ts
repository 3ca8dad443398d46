import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName} from '../../src/brand.ts';
import {makeInstallerIso, type InstallerIso} from '../../src/image/medium/installer.ts';
import {takeDown} from '../../src/lab/down.ts';
import {readStrikes} from '../../src/lab/fault/strike-log.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import type {RunSummary} from '../../src/view/summary.ts';
import {tell} from './incident/told.ts';

// The incident, sixty times as fast: an hour of it is a minute here. First as it was done, then through the light ISO with
// everything going wrong in one run. README shows what it prints.

const marruuk = hostName('marruuk')!;
const faults = (name: string): string => join(import.meta.dirname, 'incident', `${name}.faults.yaml`);

let state: string;
let iso: InstallerIso;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-2017-');
  process.env['REBUILD_HOME'] = state;
  await mkdir(join(state, 'books'));
  const made = await makeInstallerIso(join(state, 'books/installer.iso'));
  if (!made.ok) throw new Error(made.fault.says);
  iso = made.value;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

type Step = Readonly<Record<string, unknown>>;

/** The host of the example runbook, with what its operators knew of the path, and other steps where given. */
async function book(name: string, steps?: readonly Step[]): Promise<string> {
  const text = await readFile(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8');
  const document = parseDocument(text);
  document.setIn(['host', 'promise'], '12m');
  document.setIn(['bmc', 'path'], {rate: '1MB/s', unmounts: '50s'});
  if (steps) document.setIn(['steps'], steps);
  const file = join(state, 'books', `${name}.yaml`);
  await writeFile(file, String(document));
  return file;
}

const straight = (force?: string): readonly Step[] => [
  {id: 'isolate', do: 'port.isolate'},
  {id: 'mount', do: 'media.mount', image: 'installer.iso', sha256: iso.sha256, ...(force !== undefined && {force})},
  {id: 'installer', do: 'installer.boot', needs: `${Math.floor(iso.bytes / 1e6)}MB`, attempts: 3},
];

async function lab(): Promise<Lab> {
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

async function reported(run: string): Promise<RunSummary> {
  const {code, text} = await tell(['report', run, '--lab', '--json'], state);
  expect(code).toBe(0);
  return (JSON.parse(text) as {readonly summary: RunSummary}).summary;
}

test('the big ISO straight over the KVM: refused with its numbers, and where somebody insists, as hopeless as it was', async () => {
  const where = ['--lab', '--confirm', 'marruuk', '--faults', faults('direct')];
  const refused = await tell(['run', 'marruuk', '--runbook', await book('straight', straight()), ...where], state);
  expect(refused.code).toBe(3);
  const says = refused.text.replaceAll(/\s+/g, ' ');
  expect(says).toContain('media.hopeless');
  expect(says).toMatch(/installer\.iso, \d+ MB at 1000 kB\/s, takes \d+ min, and the path loses a medium every 50 s/);
  expect(says).toMatch(/The light ISO, \d+\.\d MB at 1000 kB\/s, takes \d+ s: \d\d % before the next loss/);
  expect(await (await lab()).control.status()).toMatchObject({ok: true, value: {effects: {inserts: 0, resets: 0}}});

  const forced = await book('forced', straight('the hoster has always done it this way'));
  const failed = await tell(['run', 'marruuk', '--runbook', forced, ...where], state);
  expect(failed.code).toBe(1);
  expect(failed.text).toContain('media.lost');
  const summary = await reported('marruuk-1');
  expect(summary.interruptions.map(({cause}) => cause)).toEqual(['medium lost', 'medium lost', 'medium lost']);
  // What each start had read was read for nothing.
  for (const {bytesAgain} of summary.interruptions) expect(bytesAgain).toBeGreaterThan(0);
  expect(await (await lab()).control.status()).toMatchObject({ok: true, value: {effects: {inserts: 3, drops: 3}}});
  const ended = await tell(['abandon', 'marruuk', '-m', 'the light ISO instead', '--lab'], state);
  expect(ended.code).toBe(0);
});

test('the light one, with media losses, link cuts, a dead controller and a power loss in one run, ends well', async () => {
  const file = await book('light');
  const where = ['--runbook', file, '--lab'];
  const begun = await tell(['run', 'marruuk', ...where, '--confirm', 'marruuk', '--faults', faults('light')], state);
  // SIGKILL: it had no last word.
  expect(begun.code).toBe(128);
  const [run = ''] = /\bmarruuk-\d+\b/.exec(begun.text) ?? [];

  let code = 1;
  for (let tries = 0; code === 1 && tries < 4; tries++) ({code} = await tell(['resume', 'marruuk', ...where], state));
  expect(code).toBe(0);

  const summary = await reported(run);
  expect(summary.result).toBe('done');
  const met = summary.interruptions.map(({cause}) => cause);
  const times = (cause: string): number => met.filter((one) => one === cause).length;
  expect(times('medium lost')).toBeGreaterThanOrEqual(2);
  expect(times('link cut')).toBeGreaterThanOrEqual(2);
  for (const cause of ['controller gone', 'target restarted']) expect(met).toContain(cause);
  // Each fault that the script has did strike.
  const {folder} = await lab();
  const struck = readStrikes(folder.strikes).flatMap(({came, fault}) => (came === 'struck' ? [fault.fault] : []));
  expect(struck.toSorted()).toEqual(['controller-kill', 'drop', 'eject', 'eject', 'power-loss', 'reset', 'throttle']);
  expect(summary.interruptions.every(({over}) => over)).toBe(true);

  const {control} = await lab();
  const status = await control.status();
  // The medium was mounted at first, after its loss under the boot loader, and after the host had lost its power.
  expect(status).toMatchObject({ok: true, value: {effects: {inserts: 3}}});
  expect(await (await lab()).keptDisks()).toEqual({worlds: 'untouched'});
  const {code: reportCode, text} = await tell(['report', run, '--lab'], state);
  expect(reportCode).toBe(0);
  expect(text).toContain('cost');
});
