import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {checkExit, checkRunbooks, renderChecks} from '../../src/command/check.ts';
import {findRunbook, knownHosts, loadRunbook, packagedRunbooks, runbookPlaces} from '../../src/command/runbook-file.ts';
import {kinds as registry} from '../../src/step/registry.ts';
import {changed, kinds, minimal} from '../runbook/example.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rebuild-check-'));
  await mkdir(join(cwd, 'runbooks'));
  await mkdir(join(cwd, 'home/runbooks'), {recursive: true});
  await writeFile(join(cwd, 'runbooks/vega.yaml'), minimal);
  await writeFile(join(cwd, 'runbooks/notes.txt'), 'no runbook');
  await writeFile(join(cwd, 'home/runbooks/vega.yaml'), changed('serial: VG-1', 'serial: OLD'));
  await writeFile(join(cwd, 'home/runbooks/atlas.yaml'), minimal);
  await writeFile(join(cwd, 'broken.yml'), changed('gateway:', 'gatway:'));
  await writeFile(join(cwd, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
});
afterAll(() => rm(cwd, {recursive: true}));

const places = () => runbookPlaces(cwd, {REBUILD_HOME: join(cwd, 'home')});

async function find(name: string): Promise<string> {
  const found = await findRunbook(name, places());
  return found.ok ? found.value.path : found.fault.code;
}

describe('a runbook is found', () => {
  test('here before at home, and at home before the examples', async () => {
    expect(await find('vega')).toBe(join(cwd, 'runbooks/vega.yaml'));
    expect(await find('atlas')).toBe(join(cwd, 'home/runbooks/atlas.yaml'));
    expect(await find('marruuk')).toBe(join(packagedRunbooks, 'marruuk.yaml'));
    expect(await find('broken.yml')).toBe(join(cwd, 'broken.yml'));
    expect(await find('./runbooks/vega.yaml')).toBe(join(cwd, 'runbooks/vega.yaml'));
  });

  test('or named, with what was probably meant', async () => {
    expect(await findRunbook('vgea', places())).toMatchObject({
      ok: false,
      fault: {code: 'runbook.missing', next: 'did you mean "vega"?'},
    });
    for (const name of ['Vega', '..', 'a b', '', 'no/such.yaml', './runbooks'])
      expect(await findRunbook(name, places())).toMatchObject({ok: false, fault: {code: 'runbook.missing'}});
    expect(await knownHosts(places())).toEqual(['atlas', 'marruuk', 'mpex', 'saturn', 'tessa', 'vega']);
  });

  test('and must be of the host that was asked for', async () => {
    const loaded = await loadRunbook('atlas', places(), kinds);
    expect(loaded).toMatchObject({ok: false, fault: {code: 'runbook.invalid'}, diagnostics: [{line: 3, column: 9}]});
    const file = 'home/runbooks/atlas.yaml';
    expect(await loadRunbook(file, places(), kinds)).toMatchObject({ok: true});
    expect(await loadRunbook(file, places(), kinds, hostName('vega'))).toMatchObject({ok: true});
    expect(await loadRunbook(file, places(), kinds, hostName('atlas'))).toMatchObject({ok: false});
  });

  test('and must be text', async () => {
    expect(await loadRunbook('latin1.yaml', places(), kinds)).toMatchObject({
      ok: false,
      fault: {code: 'runbook.invalid', says: 'latin1.yaml is not UTF-8 text'},
    });
  });
});

describe('rebuild check', () => {
  test('without names checks every runbook here', async () => {
    const checks = await checkRunbooks([], places(), kinds);
    expect(checks.map(({file, ok}) => [file, ok])).toEqual([['runbooks/vega.yaml', true]]);
    expect(checkExit(checks)).toBe(0);
    expect(renderChecks(checks)).toMatch(
      /^runbooks\/vega\.yaml: valid\n {2}host vega, serial VG-1, runbook digest [0-9a-f]{12}\n {2}disk system +S-1 +480GB\n {2}disk worlds +S-2 +2TB {2}kept\n {2}2 steps; without undo: erase\nnext: rebuild plan vega\n$/,
    );
  });

  test('shows each mistake at its place and ends with exit code 2', async () => {
    const checks = await checkRunbooks(['vega', 'broken.yml'], places(), kinds);
    expect(checkExit(checks)).toBe(2);
    expect(renderChecks(checks)).toContain(
      [
        'broken.yml:23:3: unknown key "gatway" in network',
        '  22 |   address: 203.0.113.21/24',
        '  23 |   gatway: 203.0.113.1',
        '     |   ^^^^^^ did you mean "gateway"?',
        '',
        'fault runbook.invalid: 1 mistake in broken.yml',
        'next: correct it, then: rebuild check broken.yml',
        '',
      ].join('\n'),
    );
  });

  test('says so where there is none', async () => {
    const checks = await checkRunbooks([], {cwd: join(cwd, 'home/runbooks'), folders: []}, kinds);
    expect(checkExit(checks)).toBe(2);
    expect(renderChecks(checks)).toContain('fault runbook.missing: there is no runbook in ./runbooks');
  });

  test('finds the runbook that comes with rebuild valid', async () => {
    expect(checkExit(await checkRunbooks(['marruuk'], places(), registry))).toBe(0);
  });
});
