import {mkdtemp, rm} from 'node:fs/promises';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {eventsOf, rebuild} from './controller.ts';
import {countsOf} from './kill/counts.ts';

// The controller's own way is cut for longer than any step bears: in the wipe, which asks the light system now and then,
// and while the image is sent. Nobody resumes anything.

const marruuk = hostName('marruuk')!;
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-way-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

const cut = `
table inet cut {
 chain out { type filter hook output priority 0; policy drop; }
 chain in { type filter hook input priority 0; policy drop; }
}
`;

async function nft(script: string): Promise<void> {
  const lab = await labAttach(marruuk);
  if (!lab.ok) throw new Error(lab.fault.says);
  const [program = '', ...argv] = lab.value.on('controller');
  await execa(program, [...argv, 'nft', '-f', '-'], {input: script});
}

const minute = 60_000;

test('a run whose way is down for minutes goes on by itself', async () => {
  const downs: {readonly step: string; readonly ms: number}[] = [];
  const downFor = (step: string, ms: number): void => {
    if (downs.some((down) => down.step === step)) return;
    downs.push({step, ms});
    // Beside the run, which goes on to say what it meets.
    void nft(cut).then(() => setTimeout(() => void nft('delete table inet cut'), ms));
  };
  const ended = await rebuild(['marruuk', '--confirm', 'marruuk'], state, (line) => {
    if (line.type === 'effect.settled' && line.step === 'wipe') downFor('wipe', minute);
    if (line.type === 'step.saved' && line.step === 'install') downFor('install', 3.5 * minute);
  });
  expect(ended.code, ended.said).toBe(0);
  expect(downs.map(({step}) => step)).toEqual(['wipe', 'install']);
  expect(eventsOf(ended, 'run.resumed')).toEqual([]);
  for (const {step, ms} of downs) {
    const cost = eventsOf(ended, 'step.interrupted').filter((event) => event.step === step);
    expect(
      cost.map(({cause}) => cause),
      step,
    ).toContain('link cut');
    expect(eventsOf(ended, 'step.started').filter((event) => event.step === step).length, step).toBeGreaterThan(1);
    // It costs little more than the way was down.
    expect(
      cost.reduce((sum, each) => sum + each.seconds, 0),
      step,
    ).toBeLessThan(ms / 1000 + 60);
  }
  const lab = await labAttach(marruuk);
  if (!lab.ok) throw new Error(lab.fault.says);
  // Told by the disk: it was erased once, formatted and blanked.
  const {zeroed} = await countsOf(lab.value);
  const {sizeBytes} = lab.value.blueprint.disks.find(({keep}) => !keep)!;
  expect(zeroed.formattedBytes + zeroed.filledBytes).toBeLessThan(2.1 * sizeBytes);
}, 1_800_000);
