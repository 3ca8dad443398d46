import {execa} from 'execa';
import {describe, expect, test} from 'vitest';
import {readInventory} from '../../src/device/inventory.ts';
import {ok} from '../../src/result.ts';
import type {SshSession} from '../../src/device/ssh/session.ts';
import {useOf} from '../../src/step/system/tree.ts';

/** This machine with other homes, in a mount namespace that is gone with the program. */
const elsewhere = `
set -e
mount -t tmpfs none /srv
mount -t tmpfs none /root
mkdir -p "/srv/odd home/.config/systemd/user/default.target.wants" /srv/games/.ssh /srv/games/.local/share/systemd/user
printf 'root:x:0:0::/root:/bin/sh\\nnobody:x:65534:65534::/:/bin/sh\\n' >/srv/passwd
printf 'odd:x:1000:1000::/srv/odd home:/bin/sh\\ngames:x:1001:1001::/srv/games:/bin/sh\\n' >>/srv/passwd
mount --bind /srv/passwd /etc/passwd
mkdir -p /root/.config/systemd/user
echo x >/root/.config/systemd/user/root.timer
echo x >"/srv/odd home/.config/systemd/user/beacon.service"
ln -s ../beacon.service "/srv/odd home/.config/systemd/user/default.target.wants/beacon.service"
echo x >/srv/games/.local/share/systemd/user/miner.service
echo x >/srv/games/.ssh/authorized_keys
echo x >/srv/games/save
exec "$@"
`;

const session = {
  exec: async (argv: readonly string[]) => {
    const {stdout, stderr, exitCode} = await execa('unshare', ['--mount', 'sh', '-c', elsewhere, 'sh', ...argv], {
      reject: false,
    });
    return ok({stdout, stderr, code: exitCode ?? 255});
  },
} as Partial<SshSession> as SshSession;

describe.runIf(process.getuid?.() === 0)('what could let somebody stay (needs root)', () => {
  test('units, timers and keys of every user that the system has, wherever their home is', async () => {
    const read = await readInventory(session);
    if (!read.ok) throw new Error(read.fault.says);
    const found = read.value.entries.filter(({path}) => /^\/(?:srv|root)\//.test(path));
    const digest = '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac';
    expect(found.map(({path}) => path).toSorted()).toEqual([
      '/root/.config/systemd/user/root.timer',
      '/srv/games/.local/share/systemd/user/miner.service',
      '/srv/games/.ssh/authorized_keys',
      '/srv/odd home/.config/systemd/user/beacon.service',
      '/srv/odd home/.config/systemd/user/default.target.wants/beacon.service',
    ]);
    expect(found.filter(({type}) => type === 'file').map(({sha256}) => sha256)).toEqual([
      digest,
      digest,
      digest,
      digest,
    ]);
    expect(new Set(found.map(useOf))).toEqual(new Set(['timer', 'unit', 'key']));
  });
});
