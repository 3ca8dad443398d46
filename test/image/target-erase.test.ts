import {mkdir, open, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseAnswers} from '../../src/device/target/answer.ts';
import {parseMedium} from '../../src/device/target/medium.ts';
import {parseWipe} from '../../src/device/target/parse-wipe.ts';
import type {MediumFacts} from '../../src/step/wipe/medium.ts';
import type {WipeState} from '../../src/step/world/target.ts';
import {canStage, makeStage, type Stage} from './target-stage.ts';

const MiB = 1_048_576;
const size = 64 * MiB;
const serial = 'SPARE-1';

/** IDENTIFY DEVICE of a SATA SSD with sanitize by block erase and scramble, and a secure erase of two minutes. */
const identify = (security: number): string => {
  const words = Array.from({length: 256}, () => 0);
  words[23] = 0x4657;
  words[24] = 0x3130;
  words[59] = 0b1011_0000_0000_0000;
  words[89] = 1;
  words[128] = security;
  const text = words.map((word) => word.toString(16).padStart(4, '0'));
  return Array.from({length: 32}, (_, line) => `${text.slice(line * 8, line * 8 + 8).join(' ')}\n`).join('');
};

/** hdparm 9.65 as far as the agent asks it; the drive behind it is a few files under /run. */
const hdparm = `#!/bin/sh
case "$*" in
  -V) echo 'hdparm v9.65' ;;
  --Istdout*) printf '\\n/dev/sdv:\\n'; cat /run/drive/identify ;;
  --sanitize-status*) printf '\\n/dev/sdv:\\nIssuing SANITIZE_STATUS command\\nSanitize status:\\n'; cat /run/drive/status ;;
  -N*) printf '\\n/dev/sdv:\\n max sectors   = 131072/131072, HPA is disabled\\n' ;;
  *) echo "$*" >>/run/drive/calls; [ ! -e /run/drive/refuses ] || { echo 'SG_IO: bad/missing sense data' >&2; exit 5; } ;;
esac
`;
const idle = '    State:    SD0 Sanitize Idle\n';
const success = `${idle}    Last Sanitize Operation Completed Without Error\n`;
const busy = (progress: string): string =>
  `    State:    SD2 Sanitize operation In Process\n    Progress: ${progress} (50%)\n`;
const frozen = '    State:    SD1 Sanitize Frozen\n';

describe.runIf(canStage)('an ATA disk that erases itself, scripted, under the agent', () => {
  let stage: Stage;
  const drive = (name: string): string => join(stage.folder, 'run/drive', name);
  beforeEach(async () => {
    stage = await makeStage({hdparm});
    await stage.addDisk({name: 'sdv', bytes: size, attributes: {'device/vendor': 'ATA', 'device/vpd_pg80': vpd}});
    await stage.plan(['run marruuk-3', `wipe ${serial}`]);
    await mkdir(drive(''), {recursive: true});
    await writeFile(drive('identify'), identify(1));
    await writeFile(drive('status'), idle);
    await fill(7);
  });
  afterEach(() => stage.remove());

  const vpd = Buffer.concat([Buffer.from([0, 0x80, 0, serial.length]), Buffer.from(serial)]);
  const fill = async (byte: number): Promise<void> => {
    const file = await open(stage.disk('sdv'), 'r+');
    await file.write(Buffer.alloc(size, byte), 0, size, 0);
    await file.close();
  };
  const restart = (): Promise<void> => rm(join(stage.folder, 'run/rebuild'), {recursive: true});
  const calls = async (): Promise<readonly string[]> =>
    (await readFile(drive('calls'), 'utf8').catch(() => '')).split('\n').slice(0, -1);
  const state = async (): Promise<WipeState> => {
    const answers = parseAnswers('wipe-state', await stage.run(['wipe-state', serial]));
    const read = answers.ok ? parseWipe(answers.value) : answers;
    if (!read.ok) throw new Error(read.fault.says);
    return read.value;
  };
  const medium = async (): Promise<MediumFacts> => {
    const answers = parseAnswers('medium', await stage.run(['medium', serial]));
    const read = answers.ok ? parseMedium(answers.value) : answers;
    if (!read.ok) throw new Error(read.fault.says);
    return read.value;
  };
  const sent = (): Promise<{readonly code: number; readonly stderr: string}> =>
    stage.run(['wipe', serial, 'ata-sanitize-block']);
  const command = '--yes-i-know-what-i-am-doing --sanitize-block-erase /dev/sdv';

  test('tells what it can, and what its firmware has frozen', async () => {
    expect(await medium()).toMatchObject({bus: 'ata', firmware: 'FW10', nativeBytes: size});
    expect((await medium()).can).toEqual([
      {method: 'ata-sanitize-block'},
      {method: 'ata-sanitize-crypto'},
      {method: 'ata-secure-erase', seconds: 120},
      {method: 'overwrite'},
      {method: 'signatures'},
    ]);
    await writeFile(drive('identify'), identify(0b1001));
    await writeFile(drive('status'), frozen);
    const blocked = (await medium()).can.filter((ability) => ability.blocked !== undefined);
    expect(blocked.map(({method}) => method)).toEqual([
      'ata-sanitize-block',
      'ata-sanitize-crypto',
      'ata-secure-erase',
    ]);
  });

  test('is told once, followed by its own word, and witnessed', async () => {
    expect(await sent()).toMatchObject({code: 0});
    await writeFile(drive('status'), busy('0x7fff'));
    expect(await state()).toMatchObject({state: 'running', doneBytes: 0x7fff * 1024, sizeBytes: size});
    expect(await sent()).toMatchObject({code: 0});
    await fill(0);
    await writeFile(drive('status'), success);
    expect(await state()).toEqual({
      state: 'done',
      method: 'ata-sanitize-block',
      call: {tool: 'hdparm v9.65', argv: `hdparm ${command.replaceAll('_', '_')}`},
      seen: {accepted: true, progress: true, erasedFlag: false, canaryGone: true},
    });
    expect(await calls()).toEqual([command]);
  });

  test('is told of and witnessed as it was when zeroes are written after it', async () => {
    expect(await sent()).toMatchObject({code: 0});
    await fill(9);
    await writeFile(drive('status'), success);
    expect(await state()).toMatchObject({state: 'done', method: 'ata-sanitize-block'});
    expect(await stage.run(['wipe', serial, 'overwrite'])).toMatchObject({code: 0});
    await expect.poll(state, {timeout: 20_000}).toEqual({
      state: 'done',
      method: 'overwrite',
      call: {tool: 'hdparm v9.65', argv: `hdparm ${command}`},
      seen: {accepted: true, progress: false, erasedFlag: false, canaryGone: true},
    });
    expect((await readFile(stage.disk('sdv'))).equals(Buffer.alloc(size))).toBe(true);
  });

  test('that reports success at once and did nothing leaves the canary to be read', async () => {
    await writeFile(drive('status'), success);
    expect(await sent()).toMatchObject({code: 0});
    expect(await state()).toMatchObject({
      state: 'done',
      seen: {accepted: true, progress: false, canaryGone: false},
    });
  });

  test('that refuses the command, or ends idle, has failed', async () => {
    await writeFile(drive('refuses'), '');
    expect(await sent()).toMatchObject({code: 74, stderr: expect.stringContaining('bad/missing sense data')});
    expect(await state()).toMatchObject({state: 'failed', method: 'ata-sanitize-block'});
    await rm(drive('refuses'));
    // By the same method it is begun anew, and by no other.
    expect(await stage.run(['wipe', serial, 'overwrite'])).toMatchObject({code: 64});
    expect(await sent()).toMatchObject({code: 0});
    expect(await state()).toMatchObject({state: 'failed', says: expect.stringContaining('idle')});
  });

  test('goes on over a loss of power, and is taken up, not told again', async () => {
    expect(await sent()).toMatchObject({code: 0});
    await writeFile(drive('status'), busy('0x100'));
    await restart();
    expect(await state()).toEqual({state: 'absent', trace: {canary: true, sanitizing: true, sanitized: false}});
    expect(await sent()).toMatchObject({code: 75});
    expect(await stage.run(['wipe-adopt', serial, 'ata-sanitize-block'])).toMatchObject({code: 0});
    expect(await state()).toMatchObject({state: 'running'});
    await fill(0);
    await writeFile(drive('status'), success);
    expect(await state()).toMatchObject({state: 'done', seen: {canaryGone: true}});
    expect(await calls()).toEqual([command]);
  });

  test('is not taken up where only its old log says success', async () => {
    expect(await sent()).toMatchObject({code: 0});
    await writeFile(drive('status'), success);
    await restart();
    expect(await state()).toMatchObject({state: 'absent', trace: {canary: true, sanitized: true}});
    expect(await stage.run(['wipe-adopt', serial, 'ata-sanitize-block'])).toMatchObject({code: 64});
  });

  test('that hangs holds up the machine’s end until it is left to itself', async () => {
    expect(await sent()).toMatchObject({code: 0});
    await writeFile(drive('status'), busy('0x100'));
    expect(await stage.run(['settle'])).toMatchObject({code: 75});
    expect(await stage.run(['leave', serial])).toMatchObject({code: 0});
    expect(await stage.run(['settle'])).toMatchObject({code: 0});
  });
});
