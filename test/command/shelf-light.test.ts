import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeEach, expect, onTestFinished, test} from 'vitest';
import type {RunId, Sha256} from '../../src/brand.ts';
import {makeRunKeys} from '../../src/command/sitting/run-keys.ts';
import {isoFile, lightOf, type LightOptions} from '../../src/command/shelf/light.ts';
import {must} from '../journal/sample.ts';
import {runbook} from '../simulator/runbook.ts';

const content = Buffer.alloc(4096, 1);
const digest = createHash('sha256').update(content).digest('hex') as Sha256;
const record = (sha256: string) => JSON.stringify({sha256, base: 'b'.repeat(64), bytes: 4096, bootBytes: 2048});
let options: LightOptions;

beforeEach(async () => {
  const state = await mkdtemp(join(tmpdir(), 'light-'));
  onTestFinished(() => rm(state, {recursive: true, force: true}));
  const run = 'marruuk-1' as RunId;
  const keys = must(await makeRunKeys(state, run));
  const signal = new AbortController().signal;
  options = {home: {state, cache: state}, run, runbook, keys, iso: digest, tell: () => {}, signal};
  await mkdir(join(state, 'runs', run), {recursive: true});
  await writeFile(isoFile(options), content);
});

const noted = (sha256: string) => writeFile(join(isoFile(options), '../light.json'), record(sha256));

test('the ISO that the run was begun with is taken up as it was built', async () => {
  await noted(digest);
  expect(await lightOf(options)).toMatchObject({ok: true, value: {sha256: digest, file: isoFile(options)}});
});

test('a record that was changed together with the ISO does not outweigh the journal', async () => {
  await noted('c'.repeat(64));
  expect(await lightOf(options)).toMatchObject({
    ok: false,
    fault: {code: 'media.digest-differs', detail: {expected: digest, found: 'c'.repeat(64)}},
  });
});
