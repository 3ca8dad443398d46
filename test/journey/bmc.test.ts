import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {planted} from '../../src/lab/bmc/planted.ts';
import {bmcStage, type BmcStage} from '../lab/bmc-stage.ts';

// The program as it is shipped, over HTTPS against the lab's BMC as an intruder has left it. No machine is behind it.

const project = join(import.meta.dirname, '../..');
const passwords = ['correct horse', 'staple battery'] as const;

let stage: BmcStage;
let folder: string;
let runbook: string;

beforeEach(async () => {
  stage = await bmcStage({intruded: true});
  folder = mkdtempSync('/tmp/rebuild-bmc-journey-');
  mkdirSync(join(folder, '.ssh'));
  writeFileSync(join(folder, '.ssh', 'id_ed25519'), 'no key', {mode: 0o600});
  const example = readFileSync(join(project, 'runbooks', 'saturn.yaml'), 'utf8');
  const steps = [
    '{id: audit, do: bmc.audit, deviations: mend}',
    '{id: rotate, do: bmc.rotate}',
    '{id: audit-again, do: bmc.audit}',
  ];
  runbook = join(folder, 'saturn.yaml');
  writeFileSync(
    runbook,
    `${example
      .slice(0, example.indexOf('\nsteps:'))
      .replace('serial: SAT-2021-0077', 'serial: MRK-2017-0929')
      .replace('url: https://10.9.0.33', `url: ${stage.elsewhere.url}`)
      .replace(/certificate: sha256:\S+/, `certificate: sha256:${stage.pin}`)}
controller: {address: 127.0.0.1}
steps:
${steps.map((step) => `  - ${step}`).join('\n')}
`,
  );
});
afterEach(async () => {
  await stage.close();
  rmSync(folder, {recursive: true});
});

async function rebuild(argv: readonly string[]) {
  return execa(process.execPath, [join(project, 'src/bin.ts'), ...argv, '--runbook', runbook, '--json'], {
    cwd: project,
    reject: false,
    env: {
      HOME: folder,
      REBUILD_HOME: folder,
      SATURN_BMC_USER: 'rebuild',
      SATURN_BMC_PASSWORD: passwords[0],
      SATURN_BMC_NEW_PASSWORD: passwords[1],
    },
  });
}

const run = ['run', 'saturn', '--confirm', 'saturn'];
const journal = (): string => readFileSync(join(folder, 'journal.sqlite'), 'latin1');

function asTheBaseline(): void {
  const {accounts} = stage.standing;
  expect(accounts.all()).toEqual([{id: '1', name: 'rebuild', role: 'Administrator', enabled: true, locked: false}]);
  expect(accounts.match('rebuild', passwords[1])).toBeDefined();
  expect(stage.standing.subscriptions()).toEqual([]);
  expect(stage.standing.hostInterface()).toEqual({enabled: false, bootstrapping: false});
  expect(stage.sessions.all()).toEqual([]);
}

/** A password's change is waited for and tried anew, in a process that starts. */
const slow = {timeout: 300_000};

test('audit, rotate, audit again: what was planted is gone, and no password is told', slow, async () => {
  const {exitCode, stdout, stderr} = await rebuild(run);
  expect(exitCode, stderr).toBe(0);
  asTheBaseline();
  expect(stdout).toContain(`account ${planted.account.name} (Administrator) is foreign: deleted`);
  expect(stdout).toContain('a new login was taken with the new password');
  expect(stdout).toContain('as the baseline says: 1 account, 1 session, 0 subscriptions');
  for (const secret of passwords) for (const text of [stdout, stderr, journal()]) expect(text).not.toContain(secret);
});
