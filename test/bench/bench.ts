import {spawnSync} from 'node:child_process';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {cpus, loadavg, release, totalmem} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {clearUpOnSignals} from './leftovers.ts';
import {ensurePrograms} from './programs.ts';
import {median, type Machine, type Results, type SectionResult} from './result.ts';
import {sections} from './section/all.ts';
import type {Section} from './section.ts';
import {tableText} from './table.ts';

const usage = `npm run bench -- [--only SECTION[,SECTION]] [--rounds N] [--quick] [--seed N] [--out FILE]

Measures side by side in one run and prints ratios, medians over N rounds (3). Every section that was run replaces its
own last result in FILE (test/bench/result/bench.json), and its plot beside it. With --quick it looks whether everything
works, and writes only where --out says.

${sections.map(({name, about}) => `  ${name.padEnd(12)} ${about}`).join('\n')}
`;

const {values} = parseArgs({
  options: {
    only: {type: 'string', multiple: true},
    rounds: {type: 'string'},
    seed: {type: 'string', default: '1'},
    quick: {type: 'boolean', default: false},
    out: {type: 'string'},
    help: {type: 'boolean', short: 'h', default: false},
  },
});

const usual = join(import.meta.dirname, 'result/bench.json');

async function main(): Promise<number> {
  const names = values.only?.flatMap((list) => list.split(',')) ?? sections.map(({name}) => name);
  const chosen = names.flatMap((wanted) => sections.find(({name}) => name === wanted) ?? []);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const seed = Number(values.seed);
  if (chosen.length < names.length || !Number.isSafeInteger(seed) || !(Number.isInteger(rounds) && rounds > 0)) {
    process.stderr.write(usage);
    return 2;
  }
  const file = values.out === undefined ? (values.quick ? undefined : usual) : resolve(values.out);
  void clearUpOnSignals();
  await ensurePrograms();
  for (const section of chosen) {
    say(`${section.name}: ${section.about}`);
    const result = await timed(section, {rounds, seed, quick: values.quick, say: (line) => say(`  ${line}`)});
    process.stdout.write(`${tableText(section.name, result.rows)}\n`);
    if (file !== undefined) await keep(file, section, result);
  }
  return 0;
}

async function timed(section: Section, effort: Parameters<Section['measure']>[0]): Promise<SectionResult> {
  const before = state();
  const [at, begun] = [new Date().toISOString(), performance.now()];
  const rows = await section.measure(effort);
  return {at, seconds: Math.round((performance.now() - begun) / 1000), machine: machine(before, state()), rows};
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** What the machine is like at a moment. */
const state = () => ({load: loadavg()[0] ?? 0, programMs: median(Array.from({length: 51}, programMs)) ?? NaN});

function programMs(): number {
  const begun = performance.now();
  spawnSync('true');
  return Math.round((performance.now() - begun) * 100) / 100;
}

const machine = (before: ReturnType<typeof state>, after: ReturnType<typeof state>): Machine => ({
  processors: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryBytes: totalmem(),
  kernel: release(),
  node: process.version,
  load: [before.load, after.load],
  programMs: [before.programMs, after.programMs],
});

async function keep(file: string, section: Section, result: SectionResult): Promise<void> {
  const last = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Results,
    (): Results => ({version: 1, sections: {}}),
  );
  const next: Results = {version: 1, sections: {...last.sections, [section.name]: result}};
  await mkdir(dirname(file), {recursive: true});
  await writeFile(file, `${JSON.stringify(next, undefined, 2)}\n`);
  if (section.plot) await writeFile(join(dirname(file), `${section.name}.svg`), section.plot(result.rows));
}

if (values.help) process.stdout.write(usage);
else process.exitCode = await main();
