/**
 * `npm run soak -- --minutes N --seed S [--tally FILE]`: whole rebuilds of the lab's machine by the real command, under
 * faults drawn at random, until the time is up. A rebuild is repeated by its own seed, which is printed: `--seed S
 * --minutes 0` is that one alone. Ends with 1 where anything was not as it must be; the lab's folder is then kept.
 */
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {parseArgs} from 'node:util';
import {hostName} from '../../src/brand.ts';
import {home} from '../../src/home.ts';
import {takeDown} from '../../src/lab/down.ts';
import {anySeed, chance} from '../../src/lab/fault/chance.ts';
import {readStrikes} from '../../src/lab/fault/strike-log.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {must} from '../real/kill/counts.ts';
import {drawFaults, scriptText} from './draw.ts';
import {wrongIn} from './end-state.ts';
import {operate} from './operator.ts';
import {keepTally, readTally} from './tally.ts';

const {values} = parseArgs({
  options: {minutes: {type: 'string', default: '10'}, seed: {type: 'string'}, tally: {type: 'string'}},
});
const marruuk = hostName('marruuk')!;
const first = values.seed === undefined ? anySeed() : Number(values.seed);
// Before REBUILD_HOME becomes that of a rebuild.
const tally = values.tally ?? join(home().state, 'soak.json');
await mkdir(dirname(tally), {recursive: true});
const until = Date.now() + Number(values.minutes) * 60_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let seed = first;
do {
  const wrong = await soak(seed);
  if (wrong.length > 0) process.exitCode = 1;
  seed = (seed + 1) % 2 ** 31;
} while (Date.now() < until);
const {rebuilds, failed, strikes, missed, interruptions, hours} = readTally(tally);
say(
  `in all: ${rebuilds} rebuilds, ${strikes} strikes, ${missed} drawn that never struck, ${interruptions} interruptions, ${hours.toFixed(1)} h, ${failed} failed`,
);

/** One rebuild; what was wrong in the end. */
async function soak(seed: number): Promise<readonly string[]> {
  // A short path: the lab's sockets live below it.
  const state = await mkdtemp('/tmp/rb-soak-');
  process.env['REBUILD_HOME'] = state;
  await mkdir(state, {recursive: true});
  const faults = drawFaults(chance(seed, 'soak'));
  const script = join(state, 'faults.yaml');
  await writeFile(script, scriptText(seed, faults));
  say(
    `seed ${seed}: ${faults.map((fault) => `${fault.fault} at ${fault['at-event']} + ${fault['at-time']}`).join(', ')}`,
  );
  const begun = Date.now();
  const mend = async (): Promise<void> => {
    const lab = await labAttach(marruuk);
    if (lab.ok) await lab.value.control.strike({fault: 'mend', waiting: 'kept'});
  };
  const shift = await operate(state, script, mend);
  const lab = must(await labAttach(marruuk));
  const {waitingFaults} = must(await lab.control.status());
  must(await lab.control.strike({fault: 'mend'}));
  const struck = readStrikes(lab.folder.strikes);
  const refused = struck.flatMap(({came, fault, says}) => (came === 'refused' ? [`${fault.fault} (${says})`] : []));
  const missed = [...refused, ...waitingFaults.map(({fault}) => `${fault} (its moment never came)`)];
  const wrong = await wrongIn(lab, shift, struck);
  const hours = (Date.now() - begun) / 3_600_000;
  const names = struck.flatMap(({fault, came}) => (came === 'struck' ? [fault.fault] : []));
  keepTally(tally, {seed, wrong, struck: names, missed: missed.length, sittings: shift.sittings.length, hours});
  say(
    `  ${names.length} of ${faults.length} struck, ${shift.sittings.length} sittings, ${Math.round(hours * 3600)} s: ${wrong.length ? 'WRONG' : 'as it must be'}`,
  );
  for (const line of missed) say(`  never struck: ${line}`);
  for (const line of wrong) say(`  ${line}`);
  if (wrong.length > 0) {
    for (const strike of struck)
      say(`  ${strike.at} ${strike.came} ${JSON.stringify(strike.fault)} ${strike.says ?? ''}`);
    say(`  kept: ${state}; again: npm run soak -- --minutes 0 --seed ${seed}`);
    await writeFile(join(state, 'sittings.json'), JSON.stringify(shift.sittings, undefined, 1));
  }
  await takeDown(marruuk);
  if (wrong.length === 0) await rm(state, {recursive: true, force: true});
  return wrong;
}
