import {readFileSync} from 'node:fs';
import {copyFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Ajv} from 'ajv';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName, type RunId} from '../../src/brand.ts';
import {loadRunKeys} from '../../src/command/sitting/run-keys.ts';
import type {JsonObject} from '../../src/json.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import type {Station} from '../../src/lab/network/layout.ts';
import {eventsOf, rebuild, summaryOf, type Ended} from './controller.ts';

// One rebuild of the lab's machine with everything that can be looked at: the old system tries its ways out while it is
// isolated, the BMC has a stranger in it, and somebody gets at the new system twice while it is being made.

const tessa = hostName('tessa')!;
const runbooks = new URL('../../runbooks/', import.meta.url);
let state: string;
let book: string;

const stix = {
  type: 'bundle',
  id: 'bundle--5d0092c5-5f74-4287-9642-33f4c354e56d',
  objects: ["[file:name = 'kworkerds' OR file:name = 'xmrig']", "[domain-name:value = 'orders.example.net']"].map(
    (pattern) => ({type: 'indicator', spec_version: '2.1', pattern_type: 'stix', pattern}),
  ),
};

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-tessa-');
  process.env['REBUILD_HOME'] = state;
  const folder = join(state, 'books');
  await mkdir(folder);
  await copyFile(new URL('tessa.indicators.csv', runbooks), join(folder, 'tessa.indicators.csv'));
  await writeFile(join(folder, 'tessa.stix.json'), JSON.stringify(stix));
  const document = parseDocument(await readFile(new URL('tessa.yaml', runbooks), 'utf8'));
  const {steps} = document.toJS() as {steps: {id: string}[]};
  const verify = steps.findIndex(({id}) => id === 'verify');
  // An example's day is a minute here.
  document.setIn(['steps', verify, 'watch'], '1m');
  // Its worm looks for a neighbour every quarter of a minute, of an emulated machine's time.
  document.setIn(['steps', steps.findIndex(({id}) => id === 'isolate'), 'listen'], '75s');
  document.setIn(['steps', verify, 'indicators'], ['tessa.indicators.csv', 'tessa.stix.json']);
  const health = steps.findIndex(({id}) => id === 'health');
  document.setIn(['steps', health, 'logs'], [{controller: 'ctl0', file: 'ctl0.log'}]);
  await saveLog(Buffer.concat([Buffer.from(online(0, disks.system)), Buffer.from([0, 0, 0xfe, 0x13, 0, 0x0a])]));
  book = join(folder, 'tessa.yaml');
  await writeFile(book, String(document));
});

const disks = {system: 'S3Z8NB0K412345', worlds: 'S3Z8NB0K498765'} as const;
const online = (slot: number, serial: string): string => `ctl0: Drive map: slot ${slot} serial ${serial} ONLINE\n`;
/** What the operator has saved by the controller's own tool, beside the runbook. */
const saveLog = (text: string | Uint8Array) => writeFile(join(state, 'books', 'ctl0.log'), text);

afterAll(async () => {
  await takeDown(tessa);
  await rm(state, {recursive: true, force: true});
});

async function lab(): Promise<Lab> {
  const attached = await labAttach(tessa);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

async function on(station: Station, argv: readonly string[], input = ''): Promise<string> {
  const [program = '', ...rest] = [...(await lab()).on(station), ...argv];
  return (await execa(program, rest, {input})).stdout;
}

/** A shell's commands on the light system or on the new one, with the run's own keys. */
async function at(system: 'light' | 'host', script: string): Promise<string> {
  const keys = await loadRunKeys(join(state, 'lab'), 'tessa-1' as RunId);
  if (!keys.ok) throw new Error(keys.fault.says);
  const [key, known] = [join(state, 'controller.key'), join(state, `${system}.known`)];
  await writeFile(key, keys.value.controller.privateKey.reveal(), {mode: 0o600});
  const {host} = (await lab()).blueprint.layout.lan;
  await writeFile(known, `${host} ${keys.value[system].publicLine}\n`);
  const options = [
    '-i',
    key,
    '-o',
    `UserKnownHostsFile=${known}`,
    '-o',
    'GlobalKnownHostsFile=none',
    '-o',
    'BatchMode=yes',
  ];
  return on('controller', ['ssh', '-F', 'none', ...options, `root@${host}`, 'sh -eu'], script);
}

// Counts what comes from the host's addresses, whatever it is but a reset: with those the gateway refuses, in the host's
// name, what is tried from here.
const witness = `
table inet witness
delete table inet witness
table inet witness {
 chain input {
  type filter hook input priority -300; policy accept;
  tcp flags & rst == rst accept
  ip saddr 203.0.113.20 counter
  ip6 saddr 2001:db8:1::20 counter
 }
}
`;
const witnesses = ['outside', 'neighbour'] as const;
const countAt = async (each: (typeof witnesses)[number]): Promise<number> => {
  const told = await on(each, ['nft', 'list', 'table', 'inet', 'witness']);
  return [...told.matchAll(/packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
};
const count = async (): Promise<number> =>
  (await Promise.all(witnesses.map(countAt))).reduce((sum, packets) => sum + packets, 0);
const watch = () => Promise.all(witnesses.map((each) => on(each, ['nft', '-f', '-'], witness)));
const gatewayRules = async () =>
  (await on('gateway', ['nft', '-s', 'list', 'ruleset'])).replaceAll(/^\s*elements = .*$/gm, '');

const where = (): readonly string[] => ['--runbook', book];
const resume = (until?: string, see?: Parameters<typeof rebuild>[2]) =>
  rebuild(['resume', 'tessa', ...where(), ...(until === undefined ? [] : ['--until', until])], state, see);
const proofOf = (ended: Ended, id: string): JsonObject =>
  summaryOf(ended).steps.find((step) => step.id === id)?.proof?.data ?? {};
const differencesOf = (ended: Ended): readonly string[] => {
  const [failed] = eventsOf(ended, 'step.failed').slice(-1);
  expect(failed?.fault.code, ended.said).toBe('host.differs');
  const {differences} = (failed?.fault.detail ?? {differences: []}) as {readonly differences: readonly string[]};
  return differences;
};

/** In the light system: the root of the new one is mounted, something is done below it, and it is unmounted. */
const inRoot = (script: string): string => `
mkdir -p /tmp/new
for part in /dev/nvme0n1p*; do
  [ -b "$part" ] && mount -t ext4 "$part" /tmp/new 2>/dev/null || continue
  [ -e /tmp/new/etc/rebuild/image ] && break
  umount /tmp/new
done
cd /tmp/new
${script}
cd /
umount /tmp/new
sync
`;

test('isolated in the lab, let go by undo, isolated again: nothing gets through to anybody', async () => {
  const first = await rebuild(['run', 'tessa', ...where(), '--confirm', 'tessa', '--until', 'isolate'], state);
  expect(first.code, first.said).toBe(0);
  const isolated = await gatewayRules();
  expect(isolated).toContain('rebuild-tessa');

  const undone = await execa(
    process.execPath,
    [
      join(import.meta.dirname, '../../src/bin.ts'),
      'undo',
      'tessa',
      'isolate',
      ...where(),
      '--lab',
      '--confirm',
      'tessa',
    ],
    {reject: false, env: {REBUILD_HOME: state}},
  );
  expect(undone.exitCode, undone.stderr).toBe(0);
  expect(undone.stderr).toContain('the gateway holds what it held before, byte for byte');
  expect(await gatewayRules()).not.toContain('rebuild-tessa');

  // Now that it is let go, its stand-ins get through again.
  await watch();
  await expect.poll(count, {timeout: 60_000, interval: 1000}).toBeGreaterThan(0);
  // Its neighbour's place it must know again: one that has forgotten it asks for that, and sends nothing more there.
  await expect.poll(() => countAt('neighbour'), {timeout: 120_000, interval: 1000}).toBeGreaterThan(0);

  // Whose place its kernel doubts it asks for, seconds after it has sent there (RFC 4861, 7.3.3, as Linux does for ARP),
  // and is not answered any more once it is isolated. What connections keep confirming it does not doubt.
  const greeting = `read -r banner </dev/tcp/${(await lab()).blueprint.layout.lan.host}/22`;
  const [again] = await Promise.all([
    resume('isolate'),
    on('neighbour', ['bash', '-c', `while timeout 3 bash -c '${greeting}'; do sleep 1; done`]),
  ]);
  expect(again.code, again.said).toBe(0);
  await watch();
  const {refused} = proofOf(again, 'isolate') as unknown as {readonly refused: readonly {readonly to: string}[]};
  expect(refused.map(({to}) => to)).toEqual(
    expect.arrayContaining([
      'tcp/80 to 198.51.100.10',
      'tcp/443 to 198.51.100.10',
      'udp/53 to 198.51.100.10',
      'tcp/445 to 203.0.113.30',
    ]),
  );
});

test('evidence, BMC, wipe, install: what is put into the new system before its start is named', async () => {
  let reached = -1;
  const stopped = await resume('install', async (line) => {
    // The old system is gone from there on.
    if (line.type === 'step.done' && line.step === 'evidence') reached = await count();
  });
  expect(stopped.code, stopped.said).toBe(3);
  expect(eventsOf(stopped, 'step.failed')).toMatchObject([
    {
      step: 'health',
      fault: {code: 'disk.controller-distrusted', says: expect.stringContaining('ctl0 wrote a NUL byte')},
    },
  ]);
  expect.soft(reached).toBe(0);
  expect
    .soft(proofOf(stopped, 'audit')['mended'])
    .toEqual([
      'host-interface 1 is open to the host',
      'bootstrapping 1 is open to the host',
      'account support2 (Administrator) is foreign',
      'support2 was logged in from 192.0.2.66 Redfish',
      'events go to https://192.0.2.66/events',
    ]);

  await saveLog(online(0, disks.system) + online(1, disks.worlds));
  const installed = await resume('install');
  expect(installed.code, installed.said).toBe(0);

  await at(
    'light',
    inRoot(`
cp -p usr/bin/true /tmp/true
printf x >>usr/bin/true
cp /tmp/true usr/bin/kworkerds && chmod 4755 usr/bin/kworkerds
printf '[Service]\\nExecStart=/usr/bin/kworkerds\\n' >etc/systemd/system/telemetry.service
`),
  );
  const found = await resume('files');
  expect(found.code).toBe(1);
  expect
    .soft(differencesOf(found).toSorted())
    .toEqual(
      [
        'file /usr/bin/true has another content',
        'suid /usr/bin/kworkerds is not on the list',
        'unit /etc/systemd/system/telemetry.service is not on the list',
        '/usr/bin/kworkerds has the name of an indicator',
      ].toSorted(),
    );
  await at('light', inRoot('cat /tmp/true >usr/bin/true; rm usr/bin/kworkerds etc/systemd/system/telemetry.service'));
  const clean = await resume('network');
  expect(clean.code, clean.said).toBe(0);
  process.stdout.write(`${summaryOf(clean).steps.find(({id}) => id === 'files')?.proof?.says}\n`);
  const [before, after] = [proofOf(installed, 'health'), proofOf(clean, 'health-again')];
  expect(new Set(Object.values(before['slots'] as JsonObject))).toEqual(new Set(Object.values(disks)));
  expect(after['slots']).toEqual(before['slots']);
  expect(before['failing']).toEqual([]);
  // The virtio disk has no SMART, and is none that fails for it.
  expect(before['checks']).toEqual(
    expect.arrayContaining([
      {check: 'map of controller ctl0', verdict: 'passed', says: 'all 2 of its drives are here'},
      {check: 'map of bmc 1', verdict: 'passed', says: 'all 2 of its drives are here'},
      expect.objectContaining({check: expect.stringContaining(disks.worlds), verdict: 'not made'}),
    ]),
  );
});

test('and what is put into it after its start; taken away, the run ends well', async () => {
  await at(
    'host',
    `
printf x >>/root/.ssh/authorized_keys
cp /usr/bin/true /usr/local/bin/helper && chmod 4755 /usr/local/bin/helper
printf '[Timer]\\nOnBootSec=7min\\n' >/etc/systemd/system/telemetry.timer
systemd-run --quiet --unit=telemetry systemd-socket-activate -l 4444 cat
mkdir -p /root/.config/systemd/user
printf '[Service]\\nExecStart=/usr/local/bin/helper\\n' >/root/.config/systemd/user/telemetry.service
`,
  );
  const found = await resume();
  expect(found.code).toBe(1);
  expect
    .soft(differencesOf(found).toSorted())
    .toEqual(
      [
        'key /root/.ssh/authorized_keys has another content',
        'suid /usr/local/bin/helper is not on the list',
        'timer /etc/systemd/system/telemetry.timer is not on the list',
        'unit /run/systemd/transient/telemetry.service is not on the list',
        'unit /root/.config/systemd/user/telemetry.service is not on the list',
        'it listens on tcp/4444',
      ].toSorted(),
    );
  await at(
    'host',
    `
systemctl stop telemetry
truncate -s -1 /root/.ssh/authorized_keys
rm -r /usr/local/bin/helper /etc/systemd/system/telemetry.timer /root/.config
`,
  );
  const ended = await resume();
  expect(ended.code, ended.said).toBe(0);
  const summary = summaryOf(ended);
  expect(summary.result).toBe('done');
  expect(new Set(summary.steps.map(({state: is}) => is))).toEqual(new Set(['done']));
  const checks = proofOf(ended, 'verify')['checks'] as unknown as readonly {
    check: string;
    verdict: string;
    says: string;
  }[];
  const passed = checks.filter(({verdict}) => verdict === 'passed').map(({check}) => check);
  expect
    .soft(passed)
    .toEqual(
      expect.arrayContaining([
        ...['controller', 'outside', 'neighbour'].flatMap((from) =>
          ['IPv4', 'IPv6 of 2001:db8:1::20'].flatMap((at) => [
            `tcp over ${at} from ${from}`,
            `udp over ${at} from ${from}`,
          ]),
        ),
        'files',
        'unit',
        'timer',
        'cron',
        'key',
        'suid',
        'listeners',
        'indicators',
        'contacts',
      ]),
    );
  expect
    .soft(checks.filter(({says}) => says.startsWith('of 65,535 ports')).map(({check}) => check))
    .toEqual([
      'tcp over IPv4 from controller',
      'tcp over IPv4 from outside',
      'tcp over IPv6 of 2001:db8:1::20 from outside',
    ]);
  // What nobody looked at, or for, is said: the gateway drops what is IPv6, and what its bridge carries.
  expect
    .soft(
      checks
        .filter(({verdict}) => verdict === 'not made')
        .map(({check}) => check.replace(/, the other .*/, ', the others')),
    )
    .toEqual([
      'tcp over IPv6 of 2001:db8:1::20 from controller, the others',
      'tcp over IPv4 from neighbour, the others',
      'tcp over IPv6 of 2001:db8:1::20 from neighbour, the others',
      'indicator domain orders.example.net',
      "indicator [domain-name:value = 'orders.example.net']",
    ]);
  expect(await (await lab()).keptDisks()).toEqual({worlds: 'untouched'});
});

const told = async (...argv: readonly string[]): Promise<string> =>
  (
    await execa(process.execPath, [join(import.meta.dirname, '../../src/bin.ts'), ...argv, '--lab'], {
      env: {REBUILD_HOME: state},
    })
  ).stdout;

const schema = (name: string) =>
  new Ajv({strict: true, strictTypes: false}).compile(
    JSON.parse(readFileSync(new URL(`${name}.schema.json`, runbooks), 'utf8')) as object,
  );

test('the report shows isolation, evidence, certificates and verification, by their published schemas', async () => {
  const text = await told('report', 'tessa-1');
  process.stdout.write(`${text.slice(0, text.indexOf('## Timeline'))}\n${text.slice(text.indexOf('## Digests'))}\n`);
  for (const part of [
    /^ *refused +tcp\/443 to 198\.51\.100\.10, \d+ packets?$/m,
    /^ *passed +suid: the \d+ of the golden list$/m,
    /^ *passed +contacts: none with \d+ addresses in 1m$/m,
    /NIST SP 800-88r2 Clear/,
    /^manifest of the evidence\n +[0-9a-f]{64}$/m,
  ])
    expect.soft(text).toMatch(part);
  const report = schema('report');
  report(JSON.parse(await told('report', 'tessa-1', '--json')));
  expect(report.errors ?? []).toEqual([]);
  const certificate = schema('certificate');
  const certificates = JSON.parse(await told('certificate', 'tessa-1', '--json')) as readonly object[];
  expect(certificates).toHaveLength(1);
  for (const each of certificates) {
    certificate(each);
    expect(certificate.errors ?? []).toEqual([]);
  }
});
