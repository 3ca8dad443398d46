import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import {eventsOf, rebuild} from './controller.ts';

// Port 80 was what was shut first, and the old system went on: by 443, DNS and its neighbours' shares.

const marruuk = hostName('marruuk')!;
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-80-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

test('refusing the old system port 80 alone fails, and names what it took instead', async () => {
  const document = parseDocument(await readFile(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8'));
  const {steps} = document.toJS() as {steps: {do: string}[]};
  const isolate = steps.findIndex(({do: kind}) => kind === 'port.isolate');
  document.setIn(['steps', isolate], {id: 'isolate', do: 'port.isolate', block: ['tcp/80'], listen: '60s'});
  const book = join(state, 'marruuk.yaml');
  await writeFile(book, String(document));
  const ended = await rebuild(
    ['run', 'marruuk', '--runbook', book, '--until', 'isolate', '--confirm', 'marruuk'],
    state,
  );
  expect(ended.code, ended.said).toBe(1);
  const [fault] = eventsOf(ended, 'step.failed').map((event) => event.fault);
  expect(fault, ended.said).toMatchObject({
    code: 'isolation.leaks',
    says: expect.stringMatching(/^refusing tcp\/80 alone is no isolation: /),
    detail: {through: expect.arrayContaining(['tcp/443 to 198.51.100.10', 'tcp/445 to 203.0.113.30'])},
  });
  process.stdout.write(`${fault?.says}\n`);
  expect(fault?.detail?.['through']).not.toContain('tcp/80 to 198.51.100.10');
});
