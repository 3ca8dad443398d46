import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {hostName, sha256} from '../../src/brand.ts';
import {home} from '../../src/home.ts';
import {exportImage} from '../../src/image/export.ts';
import {findImage} from '../../src/image/os/stock.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {eventsOf, rebuild, summaryOf, type Ended} from './controller.ts';
import {chunksSaved} from './saved.ts';

// The image goes to the lab's machine, through the quarantine, while the line is cut under it: from two static servers of
// which one dies half way and the other lies about some chunks, and then by SSH alone.

const marruuk = hostName('marruuk')!;
const sources = {outside: '198.51.100.10', neighbour: '203.0.113.30'} as const;
const port = 8090;
let state: string;
let runbook: string;
const servers: ChildProcess[] = [];

// Neither run is carried to its end, so each has a journal of its own.
beforeEach(async () => {
  state = await mkdtemp('/tmp/rebuild-tr-');
  process.env['REBUILD_HOME'] = state;
  const from = Object.values(sources).map((address) => `http://${address}:${port}/images`);
  const text = await readFile(join(import.meta.dirname, '../../runbooks/marruuk.yaml'), 'utf8');
  runbook = join(state, 'marruuk.yaml');
  await writeFile(runbook, text.replace('do: os.install\n', `do: os.install\n    from: [${from.join(', ')}]\n`));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.disconnect();
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

async function lab(): Promise<Lab> {
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

/** A static server on one of the lab's stations. */
async function serve(station: keyof typeof sources, digest: string, manner: object): Promise<ChildProcess> {
  const stored = await findImage(home(), sha256(digest)!);
  if (!stored.ok) throw new Error(stored.fault.says);
  const folder = join(state, 'www');
  const exported = await exportImage(stored.value, folder);
  if (!exported.ok) throw new Error(exported.fault.says);
  const [program, ...argv] = [
    ...(await lab()).on(station),
    process.execPath,
    join(import.meta.dirname, 'serve-image.ts'),
    sources[station],
    String(port),
    folder,
    digest,
    JSON.stringify(manner),
  ];
  const child = spawn(program, argv, {stdio: ['ignore', 'pipe', 'inherit', 'ipc']});
  servers.push(child);
  await once(child.stdout!, 'data');
  return child;
}

async function sentBy(server: ChildProcess): Promise<number> {
  const answer = once(server, 'message');
  server.send('sent');
  const [sent] = (await answer) as [number];
  return sent;
}

const resets = async (): Promise<void> => {
  const struck = await (await lab()).control.strike({fault: 'reset', on: 'host', when: {at: 'now'}});
  if (!struck.ok) throw new Error(struck.fault.says);
};

/** Chunks between two cuts: the image has 57, so that there are several. */
const chunksPerCut = 6;

/** With each so many chunks more on the disk, all connections of the host are reset; how often that was. */
const cutting = () => {
  let next = 3;
  let cuts = 0;
  return {
    cuts: () => cuts,
    see: async (line: Ended['lines'][number]): Promise<void> => {
      if ((chunksSaved(line, 'install') ?? 0) < next) return;
      next = chunksSaved(line, 'install')! + chunksPerCut;
      cuts++;
      await resets();
    },
  };
};

const noteTexts = (ended: Ended): string =>
  eventsOf(ended, 'step.noted')
    .map(({says}) => says)
    .join('\n');

test('from two servers, one dying and one lying, through the quarantine', async () => {
  const cut = cutting();
  let digest = '';
  let lying: ChildProcess | undefined;
  const ended = await rebuild(
    ['run', 'marruuk', '--runbook', runbook, '--confirm', 'marruuk', '--until', 'install'],
    state,
    async (line) => {
      if (line.type === 'run.begun' && typeof line.facts['image'] === 'string') digest = line.facts['image'];
      if (line.type === 'step.done' && line.step === 'wipe') {
        await serve('outside', digest, {diesAt: 30_000_000, bytesPerSecond: 1_000_000});
        lying = await serve('neighbour', digest, {garbled: [40_000_000, 44_000_000], bytesPerSecond: 1_000_000});
      }
      await cut.see(line);
    },
  );
  expect(ended.code, ended.said).toBe(0);
  expect(cut.cuts()).toBeGreaterThanOrEqual(3);
  expect(noteTexts(ended)).toContain(`source ${sources.neighbour}:${port}`);
  const proof = summaryOf(ended).steps.find(({id}) => id === 'install')?.proof;
  expect(proof?.says).toMatch(/^every chunk read back: debian/);
  // The lying server's chunks came twice; nothing else did, but what was on its way when the line was cut.
  const stored = await findImage(home(), sha256(digest)!);
  const packed = stored.ok ? stored.value.image.packedBytes : 0;
  expect(proof?.data['bytesSent']).toBeGreaterThanOrEqual(packed);
  expect(proof?.data['bytesSent']).toBeLessThan(packed * 1.25);
  expect(await sentBy(lying!)).toBeGreaterThan(10_000_000);
  // The way to the servers was open for the transfer alone.
  const [program, ...argv] = [...(await lab()).on('gateway'), 'nft', 'list', 'ruleset'];
  const rules = await execa(program, argv);
  expect(rules.stdout).toContain('rebuild quarantine');
  expect(rules.stdout).not.toContain('@reach');
});

test('by SSH alone, with the controller killed on the way', async () => {
  const cut = cutting();
  let saved = 0;
  const died = await rebuild(
    ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'install'],
    state,
    async (line, controller) => {
      await cut.see(line);
      saved = Math.max(saved, chunksSaved(line, 'install') ?? 0);
      if (saved >= 14) controller.kill('SIGKILL');
    },
  );
  expect(died.signal, died.said).toBe('SIGKILL');
  const ended = await rebuild(['resume', 'marruuk', '--until', 'install'], state, cut.see);
  expect(ended.code, ended.said).toBe(0);
  expect(cut.cuts()).toBeGreaterThanOrEqual(3);
  const proof = summaryOf(ended).steps.find(({id}) => id === 'install')?.proof;
  expect(proof?.says).toMatch(/^every chunk read back: debian/);
  expect(proof?.data['chunksKept']).toBeGreaterThanOrEqual(saved);
});
