import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName} from '../../src/brand.ts';
import type {Plant} from '../../src/image/os/suspect-plants.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {rebuild, summaryOf} from './controller.ts';
import {findPlanted} from './planted.ts';

// What the evidence of the lab's old system holds, against what `rebuild lab suspect` says was planted there; and that
// the disk of the old system is, byte for byte, what it was when its power went.

const marruuk = hostName('marruuk')!;
let state: string;

const digest = (path: string): string => execFileSync('sha256sum', [path], {encoding: 'utf8'}).slice(0, 64);

beforeAll(async () => {
  state = await mkdtemp('/tmp/rebuild-ev-');
  process.env['REBUILD_HOME'] = state;
});
afterEach(() => takeDown(marruuk));
afterAll(() => rm(state, {recursive: true, force: true}));

test('the evidence holds every planted thing, and the disk is left as it was', async () => {
  const document = parseDocument(await readFile(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8'));
  const steps = document.toJS().steps as {id: string}[];
  const wipe = steps.findIndex(({id}) => id === 'wipe');
  steps.splice(wipe, 0, {id: 'image', do: 'evidence.capture', profile: 'image'} as never);
  document.set('steps', steps);
  const book = join(state, 'marruuk.yaml');
  await writeFile(book, String(document));

  let disk = '';
  let off = '';
  const ended = await rebuild(
    ['run', 'marruuk', '--runbook', book, '--until', 'image', '--confirm', 'marruuk'],
    state,
    async (line) => {
      if (line.type !== 'step.done' || line.step !== 'mount') return;
      const lab = await labAttach(marruuk);
      if (!lab.ok) throw new Error(lab.fault.says);
      disk = lab.value.blueprint.disks.find(({keep}) => !keep)?.path ?? '';
      off = digest(disk);
    },
  );
  expect(ended.code, ended.said).toBe(0);

  const told = execFileSync(
    process.execPath,
    [join(import.meta.dirname, '../../src/bin.ts'), 'lab', 'suspect', 'marruuk', '--json'],
    {
      encoding: 'utf8',
      env: {...process.env, REBUILD_HOME: state},
    },
  );
  const {planted} = JSON.parse(told) as {readonly planted: readonly Plant[]};
  const proof = (id: string) =>
    (summaryOf(ended).steps.find((step) => step.id === id)?.proof?.data ?? {}) as {
      readonly folder: string;
      readonly seal: string;
    };
  const data = proof('evidence').folder;
  const {found, missed} = await findPlanted(data, planted);
  process.stderr.write(`evidence: found ${found.length} of ${planted.length} planted things\n`);
  expect(missed).toEqual([]);

  expect(digest(disk)).toBe(off);
  const image = proof('image').folder;
  const [name = ''] = execFileSync('sh', ['-c', 'ls *.raw.zst'], {cwd: image, encoding: 'utf8'}).split('\n');
  execFileSync('zstd', ['-q', '-d', '--sparse', name], {cwd: image});
  expect(digest(join(image, name.replace(/\.zst$/, '')))).toBe(off);
  for (const bundle of [proof('evidence'), proof('image')]) {
    const seal = bundle.seal;
    execFileSync('sha256sum', ['-c', '--quiet', join(seal, 'SHA256SUMS')], {cwd: bundle.folder});
    execFileSync(
      'sh',
      ['-c', 'ssh-keygen -Y verify -f allowed_signers -I rebuild -n rebuild-evidence -s SHA256SUMS.sig <SHA256SUMS'],
      {cwd: seal},
    );
  }
});
