import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {renewedOver} from '../../src/device/renewed.ts';
import {keptSession, type KeptSession} from '../../src/device/ssh/kept.ts';
import {haveSshd, startSshd, type Sshd} from './ssh/sshd.ts';

const digest = 'ab'.repeat(32);
/** What a Debian 12 with systemd-networkd prints, cut to a few fields more than are used. */
const debian = {
  "'cat' '/proc/sys/kernel/random/boot_id'": '0c3d2a7e-1111-4222-8333-444455556666\n',
  "'cat' '/proc/sys/kernel/hostname'": 'marruuk\n',
  "'ip' '-json' 'address'": JSON.stringify([
    {
      ifname: 'lo',
      link_type: 'loopback',
      address: '00:00:00:00:00:00',
      addr_info: [{family: 'inet', local: '127.0.0.1', prefixlen: 8}],
    },
    {
      ifname: 'ens3',
      link_type: 'ether',
      address: '52:54:00:12:34:56',
      addr_info: [
        {family: 'inet', local: '203.0.113.20', prefixlen: 24, scope: 'global'},
        {family: 'inet6', local: 'fe80::5054:ff:fe12:3456', prefixlen: 64, scope: 'link'},
      ],
    },
  ]),
  "'ip' '-json' '-4' 'route' 'show' 'default'": JSON.stringify([
    {dst: 'default', gateway: '203.0.113.1', dev: 'ens3', flags: []},
  ]),
  "'lsblk' '--json' '--output' 'NAME,TYPE,SERIAL,MOUNTPOINTS'": JSON.stringify({
    blockdevices: [
      {
        name: 'vda',
        type: 'disk',
        serial: 'SYSTEM-1',
        mountpoints: [null],
        children: [
          {name: 'vda2', type: 'part', serial: null, mountpoints: ['/boot/efi']},
          {name: 'vda3', type: 'part', serial: null, mountpoints: ['/']},
        ],
      },
      {name: 'vdb', type: 'disk', serial: 'WORLDS-1', mountpoints: [null]},
    ],
  }),
  "'cat' '/etc/os-release'": 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
  "'cat' '/etc/rebuild/image'": `debian sha256:${digest}\n`,
};

describe.runIf(haveSshd)('the new system over a real sshd', () => {
  let folder: string;
  let sshd: Sshd;
  let kept: KeptSession;

  const answer = async (answers: Readonly<Record<string, string>>): Promise<void> => {
    await writeFile(join(folder, 'answers.json'), JSON.stringify(answers));
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rebuild-renewed-'));
    const enter = join(folder, 'enter');
    await writeFile(
      enter,
      `#!${process.execPath}
const answer = JSON.parse(require('fs').readFileSync('${folder}/answers.json', 'utf8'))[process.env.SSH_ORIGINAL_COMMAND];
if (answer === undefined) process.exit(1);
process.stdout.write(answer);
`,
      {mode: 0o755},
    );
    sshd = await startSshd([`ForceCommand ${enter}`]);
    const {port, user, key, hostKey} = sshd;
    kept = keptSession({address: '127.0.0.1', port, user, key, hostKey});
    await answer(debian);
  });
  afterEach(async () => {
    kept?.close();
    await sshd?.stop();
    await rm(folder, {recursive: true, force: true});
  });

  test('gives the facts that are proved', async () => {
    expect(await renewedOver(kept).hello()).toEqual({
      ok: true,
      value: {
        bootId: '0c3d2a7e-1111-4222-8333-444455556666',
        hostname: 'marruuk',
        hostPin: sshd.hostKey,
        addresses: {'52:54:00:12:34:56': ['203.0.113.20/24']},
        defaultGateway: '203.0.113.1',
        rootDisk: 'SYSTEM-1',
        release: 'Debian GNU/Linux 12 (bookworm)',
        image: digest,
      },
    });
  });

  test('a system that was not installed by us names no image, and one without a route no gateway', async () => {
    const {"'cat' '/etc/rebuild/image'": _, ...rest} = debian;
    await answer({...rest, "'ip' '-json' '-4' 'route' 'show' 'default'": '[]'});
    expect(await renewedOver(kept).hello()).toMatchObject({
      ok: true,
      value: {image: undefined, defaultGateway: undefined},
    });
  });

  test.each(Object.keys(debian))('an answer out of shape is a fault: %s', async (command) => {
    await answer({...debian, [command]: '\u001b[2J{}\n'});
    expect(await renewedOver(kept).hello()).toMatchObject({ok: false, fault: {code: 'answer.garbled'}});
  });

  test('a command that fails is a fault', async () => {
    const {"'cat' '/proc/sys/kernel/hostname'": _, ...rest} = debian;
    await answer(rest);
    expect(await renewedOver(kept).hello()).toMatchObject({ok: false, fault: {code: 'host.differs'}});
  });
});

test.runIf(haveSshd)('what this machine itself answers has the shape', async () => {
  const sshd = await startSshd();
  const {port, user, key, hostKey} = sshd;
  const kept = keptSession({address: '127.0.0.1', port, user, key, hostKey});
  try {
    const facts = await renewedOver(kept).hello();
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    expect(facts).toMatchObject({ok: true, value: {bootId, hostPin: hostKey}});
  } finally {
    kept.close();
    await sshd.stop();
  }
});
