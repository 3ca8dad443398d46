import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {serial, type Serial} from '../../../src/brand.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {sshTarget} from '../../../src/device/target/target.ts';
import {canStage, makeStage, type Stage} from '../../image/target-stage.ts';
import {haveSshd, startSshd, type Sshd} from '../ssh/sshd.ts';

const MiB = 1_048_576;
const system = serial('SYSTEM-1') as Serial;

describe.runIf(haveSshd && canStage)('a disk that an earlier controller’s verb still works on', () => {
  let stage: Stage;
  let sshd: Sshd;
  beforeEach(async () => {
    stage = await makeStage();
    await stage.addDisk({name: 'vdx', bytes: 64 * MiB, attributes: {serial: system}});
    await stage.plan(['run marruuk-3', `wipe ${system}`]);
    sshd = await startSshd([`ForceCommand ${await stage.entrance()}`]);
  });
  afterEach(async () => {
    await sshd?.stop();
    await stage?.remove();
  });

  test('is waited for', async () => {
    const {user, key, hostKey, port} = sshd;
    const target = sshTarget(keptSession({address: '127.0.0.1', port, user, key, hostKey}), 1);
    expect(await target.startWipe(system, 'overwrite')).toMatchObject({ok: true});
    await expect.poll(() => target.wipe(system), {timeout: 20_000}).toMatchObject({value: {state: 'done'}});
    // Longer than the agent itself waits for the disk.
    const earlier = spawn('flock', [
      join(stage.folder, `run/rebuild/disk-${system}.lock`),
      'sh',
      '-c',
      'echo held; sleep 14',
    ]);
    await once(earlier.stdout, 'data');
    expect(await target.setLatch(system, 'wiped')).toEqual({ok: true, value: undefined});
    expect(earlier.exitCode).toBe(0);
    target.close();
  });
});
