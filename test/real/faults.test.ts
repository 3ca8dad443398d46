import {readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import {parseScript} from '../../src/lab/fault/script-file.ts';
import {readStrikes} from '../../src/lab/fault/strike-log.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {runProgram} from '../../src/lab/program.ts';
import {wrongIn} from '../soak/end-state.ts';
import {operate} from '../soak/operator.ts';
import {eventsOf} from './controller.ts';
import {traces} from './kill/bmc-log.ts';
import {countsOf, must} from './kill/counts.ts';

// One rebuild of the lab's machine under faults that are hard to come through, each at its moment, by a script. An operator
// types the command that is named next, and has a cause put right that does not go by itself.

const marruuk = hostName('marruuk')!;
const script = join(import.meta.dirname, 'faults/rebuild.faults.yaml');
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-flt-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

test('faults of the BMC, the disk, the power, the clocks and the address, each struck, and the rebuild ends well', async () => {
  const read = parseScript(readFileSync(script, 'utf8'), script);
  if (!read.ok) throw new Error('the script is wrong');
  let whole = false;
  // The disk alone wants a hand. The address stays: whoever resumes does so from there.
  const mend = async (): Promise<void> => {
    const {folder, control} = must(await labAttach(marruuk));
    if (whole || !readStrikes(folder.strikes).some(({fault}) => fault.fault === 'disk-errors')) return;
    must(await control.strike({fault: 'mend', waiting: 'kept'}));
    whole = true;
  };
  const shift = await operate(state, script, mend);
  const lab = must(await labAttach(marruuk));
  const strikes = readStrikes(lab.folder.strikes);
  const told = strikes.map(({at, came, fault, says}) => `${at} ${came} ${fault.fault} ${says ?? ''}`).join('\n');
  process.stdout.write(`${told}\n${shift.sittings.length} sittings\n`);

  // Each of the script's has struck, once.
  const struck = strikes.filter(({came}) => came === 'struck');
  expect(struck.map(({fault}) => fault.fault).toSorted(), told).toEqual(
    read.script.faults.map(({fault}) => fault).toSorted(),
  );
  expect(await wrongIn(lab, shift, strikes), told).toEqual([]);
  const at = (name: string): number => Date.parse(struck.find(({fault}) => fault.fault === name)!.at);

  // The power went in the middle of the erase, which was begun anew: seen at the disk.
  const {from, to} = shift.erasing;
  expect(at('power-loss')).toBeGreaterThan(from);
  expect(at('power-loss')).toBeLessThan(to);
  const {sizeBytes} = lab.blueprint.disks.find(({keep}) => !keep)!;
  const {zeroed} = await countsOf(lab);
  expect(zeroed.formattedBytes + zeroed.filledBytes).toBeGreaterThan(2.1 * sizeBytes);

  // The disk's refusal was told as what it is, and the install went on once it was mended.
  const failures = shift.sittings.flatMap((sitting) => eventsOf(sitting, 'step.failed'));
  expect(failures).toContainEqual(
    expect.objectContaining({
      step: 'install',
      fault: expect.objectContaining({code: 'disk.write-failed'}) as unknown,
    }),
  );
  const mended = strikes.find(({came, fault}) => came === 'mended' && fault.fault === 'disk-errors');
  expect(Date.parse(mended!.at)).toBeGreaterThan(at('disk-errors'));

  // The gateway ends with admitting the address that the run was ended from, and no other of the controller's.
  const rules = must(await runProgram([...lab.on('gateway'), 'nft', 'list', 'ruleset']));
  const admitted = [...rules.matchAll(/set admit \{[^}]*elements = \{([^}]*)\}/g)].map(([, listed]) => listed?.trim());
  expect(new Set(admitted)).toEqual(new Set(['10.9.0.7']));

  // The BMC took no login while others had its sessions.
  const logins = (await traces(lab)).filter(({method, path}) => method === 'POST' && path.endsWith('/Sessions'));
  expect(logins.some(({status}) => status >= 400)).toBe(true);
  expect(logins.some(({status}) => status < 300)).toBe(true);
}, 2_400_000);
