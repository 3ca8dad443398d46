import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {canStage, makeStage, type Stage} from './target-stage.ts';

// What UEFI does with it is in test/real: here, what is refused before any variable is touched.
describe.runIf(canStage)('what the firmware starts next', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await makeStage();
    await stage.addDisk({name: 'vdx', bytes: 64 << 20, attributes: {serial: 'STAGING-1'}});
    await stage.addDisk({name: 'vdy', bytes: 64 << 20, attributes: {serial: 'WORLDS-1'}});
    await stage.plan(['run mpex-3', 'wipe STAGING-1', 'install STAGING-1']);
  });
  afterEach(() => stage.remove());

  const next = (serial: string, partition = '2') => stage.run(['start-next', serial, partition]);
  const wiped = async (): Promise<void> => {
    await stage.run(['wipe', 'STAGING-1', 'overwrite']);
    await expect
      .poll(async () => (await stage.run(['wipe-state', 'STAGING-1'])).stdout, {timeout: 20_000})
      .toContain('done');
    expect(await stage.run(['latch-set', 'STAGING-1', 'wiped'])).toMatchObject({code: 0});
  };

  test('is no disk that the plan does not give an image', async () => {
    expect(await next('WORLDS-1')).toMatchObject({code: 64, stderr: expect.stringContaining('does not let')});
    expect(await next('NOBODY-1')).toMatchObject({code: 64});
  });

  test('is no disk that this run has not written whole', async () => {
    expect(await next('STAGING-1')).toMatchObject({code: 64, stderr: expect.stringContaining('no latch of this run')});
    await wiped();
    expect(await next('STAGING-1')).toMatchObject({code: 64, stderr: expect.stringContaining('not written whole')});
  });

  test('is asked for by the number of a partition', async () => {
    for (const partition of ['', '0x2', '-1', '2;reboot'])
      expect(await next('STAGING-1', partition)).toMatchObject({code: 65});
  });

  test('is for UEFI alone', async () => {
    await wiped();
    await stage.run(['latch-set', 'STAGING-1', 'installed']);
    expect(await next('STAGING-1')).toMatchObject({code: 64, stderr: expect.stringContaining('not started by UEFI')});
  });
});
