import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {$, type Shell} from 'zx';
import {hostName, type RunId} from '../../src/brand.ts';
import {lightOf} from '../../src/command/shelf/light.ts';
import {makeRunKeys} from '../../src/command/sitting/run-keys.ts';
import {openSurroundings} from '../../src/command/sitting/surroundings.ts';
import {loadRunbook, runbookPlaces} from '../../src/command/runbook-file.ts';
import {serveIso} from '../../src/device/iso-server/serve.ts';
import {keptSession} from '../../src/device/ssh/kept.ts';
import {packFiles} from '../../src/device/target/files.ts';
import {sshTarget} from '../../src/device/target/target.ts';
import {home} from '../../src/home.ts';
import {chunks} from '../../src/image/chunks.ts';
import {debianSources} from '../../src/image/debian/sources.ts';
import {hostFiles, networkFiles} from '../../src/image/os/host-files.ts';
import {debian} from '../../src/image/os/recipe.ts';
import {stockImage} from '../../src/image/os/stock.ts';
import {at} from '../../src/lab/bmc/paths.ts';
import {labAttach, labOverlay} from '../../src/lab/lab.ts';
import {keyFiles} from '../../src/lab/material.ts';
import type {Result} from '../../src/result.ts';
import type {Port, TcpPort} from '../../src/runbook/runbook.ts';
import {everyTcpPort, isTcp, sampleTcp, tellingTcp, tellingUdp} from '../../src/step/port/lists.ts';
import {Secret} from '../../src/secret.ts';
import {disksWritten} from '../../src/step/disk.ts';
import {bare} from '../../src/step/port/port.ts';
import {kinds} from '../../src/step/registry.ts';
import {chooseMethod} from '../../src/step/wipe/level.ts';
import {thorough} from '../../src/step/wipe/sample.ts';
import {drawnPlaces, seedOf} from '../../src/step/wipe/places.ts';
import type {Chunk} from '../../src/step/world/image.ts';
import type {InstallFile} from '../../src/step/world/target.ts';

/**
 * The rebuild of `runbooks/marruuk.yaml` as a script: the same things in the same order against the same BMC, gateway,
 * agent and vantages, with the same images, transfer and checks, and no engine, no journal, no plan and no way to go on.
 * Any trouble ends it. It runs on the lab's controller, as `node plain-script.ts HOST`; what each part took is its
 * output, as one line of JSON.
 */
const run = 'plain-1' as RunId;
const host = hostName(process.argv[2] ?? '');
const loaded = await loadRunbook(host ?? '', runbookPlaces(), kinds, host);
if (!host || !loaded.ok) throw new Error('plain-script HOST');
const lab = need(await labAttach(host));
const runbook = labOverlay(loaded.runbook, lab);
const {network, disks} = runbook;
const me = lab.blueprint.layout.management.controller;
const address = bare(network.address);
const files = keyFiles(lab.folder);
const folder = await mkdtemp(join(home().state, 'plain-'));

const took: Record<string, number> = {};
let begun = performance.now();
function done(part: string): void {
  took[part] = Number(((performance.now() - begun) / 1000).toFixed(3));
  begun = performance.now();
}

// --- What it talks with

const keys = need(await makeRunKeys(folder, run));
const controllerKey = join(folder, 'key');
await writeFile(controllerKey, keys.controller.privateKey.reveal(), {mode: 0o600});
const password = (await readFile(files.bmcPassword, 'utf8')).trim();
const login = join(folder, 'login');
await writeFile(login, `user = "${(await readFile(files.bmcUser, 'utf8')).trim()}:${password}"\n`, {mode: 0o600});

const quiet: Shell = $({quiet: true});

async function redfish(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const send = body ? ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)] : [];
  const told =
    await quiet`curl -sSf --cacert ${files.certificate} -K ${login} -X ${method} ${send} ${`${runbook.bmc.url}${path}`}`;
  return told.stdout === '' ? {} : (JSON.parse(told.stdout) as Record<string, unknown>);
}

const ssh = (key: string, who: string): readonly string[] =>
  [
    ['ssh', '-F', 'none', '-i', key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
    ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=3'],
    ['-o', 'ControlMaster=auto', '-o', `ControlPath=${folder}/%C`, '-o', 'ControlPersist=30', who],
  ].flat();
// The light system and the new one have the same address and are two masters.
const light = ssh(controllerKey, `root@${address}`);
const renewed = [...light.slice(0, -1), '-o', `ControlPath=${folder}/new-%C`, `root@${address}`];

const agent = async (verb: string, input: string | Uint8Array = ''): Promise<string> =>
  (await $({quiet: true, input: Buffer.from(input)})`${light} ${`/usr/lib/rebuild/target ${verb}`}`).stdout;
const change = (verb: string, input?: string | Uint8Array): Promise<string> => agent(`lease 1 ${verb}`, input);

async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await met().catch(() => false)); tries++) {
    if (tries > 1200) throw new Error(`waited in vain for ${what}`);
    await sleep(500);
  }
}

async function power(want: 'On' | 'Off'): Promise<void> {
  await redfish('POST', at.reset, {ResetType: want === 'On' ? 'On' : 'ForceOff'});
  await until(`power ${want}`, async () => (await redfish('GET', at.system))['PowerState'] === want);
}

const clientKey = new Secret(await readFile(files.clientKey, 'utf8'));
const around = need(
  await openSurroundings(runbook, {
    edge: clientKey,
    vantages: Object.fromEntries(Object.keys(runbook.vantages).map((name) => [name, clientKey])),
  }),
);
const {edge, vantages} = around;
const outside = vantages.filter((one) => one.address !== me);
done('keys');

// --- The images

const iso = need(
  await lightOf({
    home: {...home(), state: folder},
    run,
    runbook,
    keys,
    iso: undefined,
    tell: () => {},
    signal: new AbortController().signal,
  }),
);
const served = need(
  await serveIso({
    address: me,
    port: keys.media.port,
    token: keys.media.token.reveal(),
    file: iso.file,
    sha256: iso.sha256,
  }),
);
const stock = need(await stockImage(debian, {home: home(), sources: need(await debianSources())}));
const {stored} = stock;
const {image} = stored;
done('images');

// --- isolate

const shut = ['tcp/22', 'tcp/80', 'tcp/443', 'tcp/445'] as const;
const tryAll = () => Promise.all(outside.flatMap((one) => shut.map((port) => one.reach(address, port))));
await tryAll();
need(await edge.enforce({mode: 'quarantine', admit: [me]}));
const [reached] = await Promise.all([tryAll(), edge.policy(), edge.flows(), edge.refused()]);
if (reached.some((one) => need(one) === 'open')) throw new Error('a port is open');
done('isolate');

// --- mount

await power('Off');
await redfish('POST', at.insert, {Image: served.url});
if ((await redfish('GET', at.slot))['Image'] !== served.url) throw new Error('not mounted');
done('mount');

// --- boot

await redfish('PATCH', at.system, {Boot: {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'}});
await power('On');
await until('the light system', async () => (await agent('hello')).includes(`run\t${run}`));
done('boot');

// --- wipe

const [serial] = disksWritten(runbook).install;
const spec = Object.values(disks).find((disk) => disk.serial === serial);
if (serial === undefined || !spec) throw new Error('no disk is named');
if (!(await agent('disks')).includes(`disk\t${serial}\t`)) throw new Error('the disk is not there');
const target = sshTarget(
  keptSession({address, port: 22, user: 'root', key: keys.controller.privateKey, hostKey: keys.light.pin}),
  1,
);
const medium = need(await target.medium(serial));
const {method} = need(chooseMethod(spec, medium, 'clear'));
for (const each of [method, 'overwrite'] as const) {
  need(await target.startWipe(serial, each));
  await until('the wipe', async () => need(await target.wipe(serial)).state === 'done');
}
const layout = {seed: seedOf(run, serial), sizeBytes: spec.sizeBytes, partitions: medium.partitions};
const chosen = drawnPlaces(layout, thorough);
const lines = (ranges: readonly {offset: number; length: number}[]): string =>
  ranges.map(({offset, length}) => `${offset} ${length}\n`).join('');
if ((await agent(`not-zero ${serial}`, lines(chosen))).includes('not-zero\t')) throw new Error('not blank');
await change(`latch-set ${serial} wiped`);
done('wipe');

// --- install

const packed = async (chunk: Chunk): Promise<Uint8Array> => {
  for await (const {data} of chunks(stored, [chunk])) return data;
  throw new Error('no such chunk');
};
const {signal} = new AbortController();
const written = async (): Promise<void> => {};
need(await target.write(serial, {image, want: image.chunks, from: [], packed, written, signal}));
target.close();
const again = image.chunks.filter((_, place) => place % 8 === 7);
const read = await agent(`digests ${serial}`, lines(again));
for (const [place, {raw}] of again.entries())
  if (!read.includes(`digest\t${place}\t${raw}\n`)) throw new Error('a chunk differs');
const root = `${image.root.partition} ${image.root.uuid}`;
const put = (list: readonly InstallFile[]): Promise<string> => change(`put ${serial} ${root}`, packFiles(list));
await change(`grow ${serial} ${root}`);
const ofNetwork = networkFiles(runbook);
await put([
  ...hostFiles(runbook, {id: run, controllerKey: keys.controller.publicLine}, image, keys.host),
  ...ofNetwork,
]);
await change(`latch-set ${serial} installed`);
await agent(`installed ${serial} /etc/rebuild/image`);
done('install');

// --- eject

await redfish('POST', at.eject, {});
await redfish('PATCH', at.system, {Boot: {BootSourceOverrideEnabled: 'Disabled'}});
if ((await redfish('GET', at.slot))['Inserted'] !== false) throw new Error('not ejected');
done('eject');

// --- network

await agent(`installed ${serial} ${ofNetwork.map(({path}) => path).join(' ')}`);
await change('settle');
await power('Off');
await power('On');
await until('the new system', async () => {
  const told =
    await quiet`${renewed} ${'cat /proc/sys/kernel/random/boot_id; ip -json address; lsblk --json; cat /etc/rebuild/image'}`;
  return told.stdout.includes(image.digest);
});
const ports = runbook.steps.find(({kind}) => kind === 'network.restore')?.params;
const list = (key: string): readonly Port[] => (ports?.[key] ?? []) as readonly Port[];
const [open, out, block] = [list('open'), list('out'), list('block')];
need(await edge.enforce({mode: 'serving', admit: [me], open, out, block}));
done('network');

// --- verify

const found = async (vantage: (typeof vantages)[number], ports: readonly TcpPort[]) =>
  Object.entries(need(await vantage.scan(address, ports)));
// As many as the engine tries: all of them where closed ones answer.
const scan = async (vantage: (typeof vantages)[number]): Promise<void> => {
  const silent = (await found(vantage, sampleTcp)).length > sampleTcp.length / 2;
  const words = await found(vantage, silent ? tellingTcp : everyTcpPort);
  const seen = words.flatMap(([port, word]) => (word === 'open' ? [port] : []));
  if (seen.join() !== open.join()) throw new Error(`from ${vantage.name}: ${seen.join()} open`);
  need(await vantage.ask(address, tellingUdp));
  for (const port of block.filter(isTcp))
    if (need(await vantage.reach(address, port)) === 'open') throw new Error(`${port} is open`);
  if (need(await vantage.hostKey(address, 22)) !== keys.host.pin) throw new Error('another host key');
};
await Promise.all(vantages.map(scan));
done('verify');

around.close();
await served.close();
for (const master of [light, renewed])
  await $({quiet: true, nothrow: true})`${[...master.slice(0, -1), '-O', 'exit', ...master.slice(-1)]}`;
await rm(folder, {recursive: true, force: true});
process.stdout.write(`${JSON.stringify(took)}\n`);

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}
