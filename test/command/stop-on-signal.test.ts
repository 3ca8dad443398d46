import {once} from 'node:events';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';

const source = (path: string): string => JSON.stringify(join(import.meta.dirname, '../../src', path));

/** Runs another program by execa, as nearly all that can be stopped does, and takes a while to clear up. */
const program = `
  import {execa} from 'execa';
  import {stopOnSignal} from ${source('command/stop-on-signal.ts')};
  const stop = stopOnSignal();
  const work = execa('sleep', ['60'], {cancelSignal: stop, reject: false});
  console.log('begun');
  await work;
  console.log('stops');
  await new Promise((cleared) => setTimeout(cleared, Number(process.argv[1])));
  console.log('cleared up');
`;
const begin = (clearsUpMs: number) =>
  execa(process.execPath, ['--input-type=module', '-e', program, String(clearsUpMs)], {
    cwd: import.meta.dirname,
    reject: false,
  });

test.each(['SIGINT', 'SIGTERM'] as const)('what is under way clears up after %s', async (signal) => {
  const run = begin(50);
  await once(run.stdout, 'data');
  run.kill(signal);
  expect(await run).toMatchObject({exitCode: 0, stdout: 'begun\nstops\ncleared up'});
});

test('a second Ctrl-C does not wait for that', async () => {
  const run = begin(600_000);
  await once(run.stdout, 'data');
  run.kill('SIGINT');
  await once(run.stdout, 'data');
  run.kill('SIGINT');
  expect(await run).toMatchObject({exitCode: exit.interrupted, stdout: 'begun\nstops'});
});
