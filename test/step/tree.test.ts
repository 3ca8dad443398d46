import {expect, test} from 'vitest';
import {listenerCheck, useChecks} from '../../src/step/system/golden.ts';
import {byPath, differences, useOf, type TreeEntry} from '../../src/step/system/tree.ts';

const file = (path: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 1,
  sha256: 'a'.repeat(64),
  ...more,
});
const link = (path: string, to: string): TreeEntry => ({path, type: 'link', mode: 0o777, uid: 0, gid: 0, to});
const golden = [file('/usr/bin/su', {mode: 0o4755}), file('/etc/passwd'), link('/bin', 'usr/bin')];
const against = (...found: TreeEntry[]) => differences(byPath(golden), found);

test('the same is no difference, whatever the order and the size', () => {
  expect(against(...golden.toReversed().map((entry) => ({...entry})))).toEqual([]);
});

test.each([
  ['more', [...golden, file('/etc/cron.d/x')], 'cron /etc/cron.d/x is not on the list'],
  ['less', golden.slice(1), 'suid /usr/bin/su is missing'],
  [
    'another content',
    [golden[0]!, file('/etc/passwd', {sha256: 'b'.repeat(64)}), golden[2]!],
    'file /etc/passwd has another content',
  ],
  [
    'another mode',
    [file('/usr/bin/su', {mode: 0o755}), ...golden.slice(1)],
    'suid /usr/bin/su has mode 0755, not 4755',
  ],
  [
    'a new SUID bit',
    [golden[0]!, file('/etc/passwd', {mode: 0o4644}), golden[2]!],
    'file /etc/passwd has mode 4644, not 0644',
  ],
  [
    'another owner',
    [golden[0]!, file('/etc/passwd', {uid: 1000}), golden[2]!],
    'file /etc/passwd belongs to 1000:0, not 0:0',
  ],
  ['another end', [...golden.slice(0, 2), link('/bin', '/tmp/bin')], 'file /bin leads to /tmp/bin'],
  ['another type', [...golden.slice(0, 2), file('/bin')], 'file /bin is a file, not a link'],
])('%s is one', (_, found, says) => {
  expect(against(...found)).toEqual([says]);
});

test.each([
  ['/etc/systemd/system/beacon.service', 'unit'],
  ['/run/systemd/transient/run-u1.service', 'unit'],
  ['/usr/lib/systemd/system/x.timer', 'timer'],
  ['/etc/cron.d/x', 'cron'],
  ['/var/spool/cron/crontabs/root', 'cron'],
  ['/root/.ssh/authorized_keys', 'key'],
  ['/home/lena/.ssh/authorized_keys2', 'key'],
  ['/etc/ssh/sshd_config', 'key'],
  ['/etc/systemd/user/x.service', 'unit'],
  ['/etc/xdg/systemd/user', 'unit'],
  ['/root/.config/systemd/user/default.target.wants/x.service', 'unit'],
  ['/srv/games/.local/share/systemd/user/x.service', 'unit'],
  ['/srv/games/.config/systemd/user/x.timer', 'timer'],
  ['/run/user/0/systemd/transient/run-u1.service', 'unit'],
  ['/usr/share/systemd/user/x.service', 'unit'],
  ['/usr/share/systemd/tmp.mount', 'file'],
  ['/var/lib/systemd/linger/lena', 'unit'],
  ['/srv/games/.ssh/authorized_keys', 'key'],
  ['/etc/ld.so.preload', 'preload'],
  ['/etc/hostname', 'file'],
] as const)('%s is used as a %s', (path, use) => {
  expect(useOf(file(path))).toBe(use);
});

test('each way to stay has a verdict of its own', () => {
  const planted = [
    ...golden,
    file('/etc/systemd/system/x.service'),
    file('/etc/systemd/system/x.timer'),
    file('/etc/cron.d/x'),
    file('/root/.ssh/authorized_keys'),
    file('/tmp/sh', {mode: 0o4755}),
    file('/etc/ld.so.preload'),
    file('/var/lib/whatever'),
  ];
  const checks = useChecks(golden, planted);
  expect(checks.map(({check, verdict}) => `${check} ${verdict}`)).toEqual(
    ['unit', 'timer', 'cron', 'key', 'suid', 'preload'].map((use) => `${use} failed`),
  );
  expect(useChecks(golden, golden).every(({verdict}) => verdict === 'passed')).toBe(true);
});

const made = '/run/systemd/generator';
const getty = '/usr/lib/systemd/system/serial-getty@.service';

test.each([
  ['a mount out of fstab', file(`${made}/-.mount`), 0],
  ['a link that starts it', link(`${made}/local-fs.target.requires/-.mount`, '../-.mount'), 0],
  [
    'a link to a unit of the list',
    link(`${made}/getty.target.wants/a.service`, '/lib/systemd/system/serial-getty@.service'),
    0,
  ],
  ['a link to any other unit', link(`${made}/getty.target.wants/b.service`, '/tmp/b.service'), 1],
  ['a program of its own', file(`${made}/b.service`), 1],
  ['a mount of somebody else', file(`${made}/-.mount`, {uid: 1000}), 1],
  ['a mount in another folder', file('/run/systemd/generator.early/-.mount'), 1],
])('of what is made at each start: %s', (_, entry, wrong) => {
  const listed = [file(getty)];
  const [unit] = useChecks(listed, [...listed, entry]);
  expect(unit?.differences?.length ?? 0).toBe(wrong);
});

const listening = (...ports: [`tcp/${number}` | `udp/${number}`, string][]) => ({
  listeners: ports.map(([port, address]) => ({port, address})),
});

test('what listens to others is what is declared, no more and no less', () => {
  expect(
    listenerCheck(listening(['tcp/22', '0.0.0.0'], ['tcp/22', '::'], ['udp/323', '127.0.0.1']), ['tcp/22']),
  ).toEqual({check: 'listeners', verdict: 'passed', says: 'tcp/22'});
  expect(listenerCheck(listening(['tcp/22', '*'], ['udp/68', '0.0.0.0']), ['tcp/22', 'tcp/443'])).toMatchObject({
    verdict: 'failed',
    differences: ['it listens on udp/68', 'nothing listens on tcp/443'],
  });
});
