import {mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseAnswers} from '../../src/device/target/answer.ts';
import {parseHealth} from '../../src/device/target/health.ts';
import type {DriveHealth, HealthReading} from '../../src/step/health/drive.ts';
import {canStage, makeStage, type Stage} from './target-stage.ts';

/** smartctl as far as the agent asks it: each drive's answer, and how it ends, are files under /run. */
const smartctl = `#!/bin/sh
if [ "$*" = --scan ]; then cat /run/smart/scan; exit; fi
for node; do :; done
case "$*" in *megaraid,5*) node=megaraid ;; esac
answer=/run/smart/\${node##*/}
[ ! -e "$answer.hangs" ] || exec sleep 600
cat "$answer"
exit 4
`;

/** Word for word from smartctl 7.3 on a virtio disk. */
const virtio = {
  smartctl: {
    version: [7, 3],
    messages: [{string: '/dev/vdx: Unable to detect device type', severity: 'error'}],
    exit_status: 1,
  },
};
const ata = {
  smartctl: {exit_status: 0},
  model_name: 'WDC WD40EFRX',
  serial_number: 'ATA-1',
  smart_support: {available: true, enabled: true},
  smart_status: {passed: true},
  power_on_time: {hours: 31_000},
  ata_smart_attributes: {
    table: [
      {id: 5, raw: {value: 2}},
      {id: 197, raw: {value: 1}},
      {id: 199, raw: {value: 12}},
    ],
  },
};
const sas = {
  smartctl: {exit_status: 4},
  scsi_model_name: 'SEAGATE ST4000NM0023',
  serial_number: 'SAS-1',
  smart_support: {available: true, enabled: true},
  smart_status: {passed: true},
  scsi_grown_defect_list: 3,
  scsi_sas_port_0: {
    relative_target_port_id: 1,
    phy_0: {
      identifier: 0,
      invalid_dword_count: 5,
      running_disparity_error_count: 6,
      loss_of_dword_synchronization_count: 1,
      phy_reset_problem_count: 0,
      received_ssp_frame_error_count: 900,
    },
  },
  // As the names are in smartctl's own text.
  scsi_sas_port_1: {phy_0: {'Invalid DWORD count': 7, 'Loss of DWORD synchronization count': 0}},
};
const hidden = {smartctl: {exit_status: 0}, serial_number: 'HIDDEN-5', smart_status: {passed: true}};

const ataAt = (unit: number): string =>
  `pci0000:00/0000:00:1f.2/ata${unit}/host${unit}/target${unit}:0:0/${unit}:0:0:0`;

describe.runIf(canStage)('the drives’ health, scripted, under the agent', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await makeStage({smartctl});
    await mkdir(join(stage.folder, 'run/smart'));
    await writeFile(join(stage.folder, 'run/smart/scan'), '/dev/bus/0 -d megaraid,5 # /dev/bus/0 [megaraid_disk_05]\n');
    await answer('megaraid', hidden);
    // A drive has half a minute, this test has not.
    const agent = join(stage.folder, 'lib/target-health');
    const text = await readFile(agent, 'utf8');
    expect(text).toContain('answer_within=30');
    await writeFile(agent, text.replace('answer_within=30', 'answer_within=1'));
  });
  afterEach(() => stage.remove());

  const answer = (name: string, told: object | string): Promise<void> =>
    writeFile(join(stage.folder, 'run/smart', name), typeof told === 'string' ? told : JSON.stringify(told));
  /** A disk that hangs on a bus as the kernel shows it: `at` from the root of all devices. */
  const plug = async (name: string, serial: string, at: string, told: object | string): Promise<string> => {
    await stage.addDisk({name, bytes: 1 << 20, attributes: {serial}});
    const device = join(stage.folder, 'run/devices', at);
    await mkdir(device, {recursive: true});
    await rm(join(stage.folder, 'block', name, 'device'), {recursive: true});
    await symlink(join('/run/devices', at), join(stage.folder, 'block', name, 'device'));
    await answer(name, told);
    return device;
  };
  const read = async (): Promise<HealthReading> => {
    const health = parseAnswers('health', await stage.run(['health']));
    const parsed = health.ok ? parseHealth(health.value) : health;
    if (!parsed.ok) throw new Error(parsed.fault.says);
    return parsed.value;
  };
  const drives = async (): Promise<Readonly<Record<string, DriveHealth>>> =>
    Object.fromEntries((await read()).drives.map((drive) => [drive.serial, drive]));

  test('each drive has its slot, by what does not change over a start, and its own counters', async () => {
    const port = 'pci0000:00/0000:00:1f.2/ata3';
    await plug('sdv', 'ATA-1', `${port}/host2/target2:0:0/2:0:0:0`, ata);
    await mkdir(join(stage.folder, 'run/devices', port, 'ata_port/ata3'), {recursive: true});
    await writeFile(join(stage.folder, 'run/devices', port, 'ata_port/ata3/port_no'), '2\n');
    await plug('nvme9n1', 'NVME-1', 'pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme9', {
      smartctl: {exit_status: 0},
      smart_status: {passed: true},
      nvme_smart_health_information_log: {critical_warning: 4, media_errors: 9, power_on_hours: 7},
    });
    await plug('vdx', 'VIRTIO-1', 'pci0000:00/0000:00:05.0/virtio2', virtio);
    await plug('sdw', 'SCSI-1', 'pci0000:00/0000:00:06.0/virtio3/host4/target4:0:1/4:0:1:0', {
      smartctl: {exit_status: 4},
      smart_support: {available: false},
    });
    expect(await drives()).toEqual({
      'ATA-1': {
        slot: 'ata 0000:00:1f.2 port 2',
        serial: 'ATA-1',
        model: 'WDC WD40EFRX',
        answer: 'told',
        passed: true,
        powerOnHours: 31_000,
        linkErrors: 12,
        mediaErrors: 3,
      },
      'NVME-1': {
        slot: 'nvme 0000:03:00.0',
        serial: 'NVME-1',
        model: '',
        answer: 'told',
        passed: true,
        powerOnHours: 7,
        mediaErrors: 9,
        warning: 4,
      },
      'VIRTIO-1': {
        slot: 'virtio 0000:00:05.0',
        serial: 'VIRTIO-1',
        model: '',
        answer: 'unsupported',
        why: '/dev/vdx: Unable to detect device type',
      },
      'SCSI-1': {
        slot: 'scsi 0000:00:06.0 0:1:0',
        serial: 'SCSI-1',
        model: '',
        answer: 'unsupported',
        why: 'it has no SMART',
      },
      'HIDDEN-5': {slot: 'megaraid 5', serial: 'HIDDEN-5', model: '', answer: 'told', passed: true},
    });
  });

  test('SAS: both ends of the cable have counted, the drive’s and its expander’s', async () => {
    const port = 'pci0000:00/0000:02:00.0/host6/port-6:0/expander-6:0/port-6:0:4';
    await plug('sdv', 'SAS-1', `${port}/end_device-6:0:4/target6:0:4/6:0:4:0`, sas);
    const counters = join(stage.folder, 'run/devices', port, 'phy-6:0:4/sas_phy/phy-6:0:4');
    await mkdir(counters, {recursive: true});
    for (const [name, count] of Object.entries({
      invalid_dword_count: 40,
      running_disparity_error_count: 2,
      loss_of_dword_sync_count: 0,
      phy_reset_problem_count: 1,
    }))
      await writeFile(join(counters, name), `${count}\n`);
    expect((await drives())['SAS-1']).toEqual({
      slot: 'sas 0000:02:00.0 phy 0:4',
      serial: 'SAS-1',
      model: 'SEAGATE ST4000NM0023',
      answer: 'told',
      passed: true,
      linkErrors: 19,
      phyErrors: 43,
      mediaErrors: 3,
    });
  });

  test('a drive that hangs is not waited for, and one that gives nothing is silent, as one that is gone', async () => {
    await plug('sdv', 'HANGS-1', ataAt(1), '');
    await answer('sdv.hangs', '');
    await plug('sdw', 'NOTHING-1', ataAt(2), '');
    await plug('sdx', 'CUT-1', ataAt(3), JSON.stringify(ata).slice(0, 90));
    await plug('sdy', 'GONE-1', ataAt(4), {
      smartctl: {exit_status: 2, messages: [{string: 'Smartctl open device: /dev/sdy failed: No such device'}]},
    });
    await plug('sdz', 'FAILS-1', ataAt(5), {
      smartctl: {exit_status: 4, messages: [{string: 'Read SMART Data failed: scsi error aborted command'}]},
      model_name: 'WDC',
      smart_support: {available: true, enabled: true},
    });
    const began = Date.now();
    const found = await drives();
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(
      Object.values(found).flatMap((drive) => (drive.answer === 'silent' ? [[drive.serial, drive.why]] : [])),
    ).toEqual([
      ['HANGS-1', 'nothing came in time'],
      ['NOTHING-1', 'nothing came in time'],
      ['CUT-1', 'no answer that can be read'],
      ['GONE-1', 'Smartctl open device: /dev/sdy failed: No such device'],
      ['FAILS-1', 'Read SMART Data failed: scsi error aborted command'],
    ]);
  });

  test('what a drive says may be any byte, and stays one value of one record', async () => {
    await plug('sdv', 'ATA-1', 'pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0', {
      ...ata,
      model_name: 'x\tSER\nsmart\u001b[2J',
    });
    expect((await drives())['ATA-1']?.model).toBe('x\tSER\nsmart\u001b[2J');
  });
});
