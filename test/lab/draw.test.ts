import {expect, test} from 'vitest';
import {hostName, type Serial} from '../../src/brand.ts';
import {loadRunbook, runbookPlaces} from '../../src/command/runbook-file.ts';
import {asDeclared} from '../../src/step/wipe/as-declared.ts';
import {kinds} from '../../src/step/registry.ts';
import {blueprintSchema} from '../../src/lab/blueprint.ts';
import {labDisks} from '../../src/lab/draw.ts';
import {labFolderAt, socketFits} from '../../src/lab/folder.ts';
import {machineArguments} from '../../src/lab/machine/command-line.ts';
import {ovmfOf} from '../../src/lab/machine/firmware.ts';
import {layoutFor} from '../../src/lab/network/layout.ts';
import {wiring} from '../../src/lab/network/wiring.ts';
import {overlay} from '../../src/lab/overlay.ts';
import {missingPackages, requirements} from '../../src/lab/requirements.ts';
import {labBlueprint, labDirectory} from './lab-blueprint.ts';
import {labRunbook} from './lab-runbook.ts';

const folder = labFolderAt(labDirectory);

test('a blueprint survives its file', () => {
  const drawn = labBlueprint();
  expect(blueprintSchema.parse(JSON.parse(JSON.stringify(drawn)))).toEqual(drawn);
});

test('the overlay replaces every device and keeps the host, its disks’ serials, its network and its steps', () => {
  const runbook = labRunbook();
  const over = overlay(runbook, labBlueprint('bios'), folder);
  expect(over.host).toEqual({...runbook.host, firmware: 'bios'});
  expect(over.steps).toBe(runbook.steps);
  expect(over.network).toEqual({mac: '52:54:00:12:34:56', address: '203.0.113.20/24', gateway: '203.0.113.1', dns: []});
  expect(over.disks['system']).toEqual({...runbook.disks['system'], sizeBytes: 8_000_000_000});
  expect(over.disks['worlds']).toEqual({...runbook.disks['worlds'], sizeBytes: 4_096_000_000});
  // It finds its own address there.
  expect(over.controller).toEqual({mediaPort: 8080});
  expect(over.bmc).toMatchObject({
    url: 'https://10.9.0.31',
    certificate: 'c'.repeat(64),
    password: `file:${labDirectory}/keys/bmc-password`,
  });
  expect(over.edge).toMatchObject({address: '10.9.0.1', interface: 'host0', port: 22, user: 'root'});
  expect(Object.keys(over.vantages)).toEqual(['neighbour', 'outside']);
  expect(JSON.stringify(over)).not.toMatch(/192\.0\.2|2222|env:/);
});

test.each([
  ['203.0.113.20/24', '203.0.113.1', '203.0.113.30'],
  ['192.168.7.250/24', '192.168.7.1', '192.168.7.2'],
  ['192.168.7.2/29', '192.168.7.1', '192.168.7.3'],
])('in the network of %s behind %s the neighbour is %s', (address, gateway, neighbour) => {
  expect(layoutFor({address, gateway})).toMatchObject({ok: true, value: {lan: {gateway, neighbour}}});
});

test.each([
  ['10.9.0.20/24', '10.9.0.1'],
  ['10.20.0.5/8', '10.0.0.1'],
  ['198.51.100.7/28', '198.51.100.1'],
  ['203.0.113.20/24', '192.0.2.1'],
  ['192.168.7.2/30', '192.168.7.1'],
])('the lab has no room for %s behind %s', (address, gateway) => {
  expect(layoutFor({address, gateway})).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
});

test('disks: the first that is not kept holds the system and comes first', () => {
  const {system, worlds} = labRunbook().disks;
  if (!system || !worlds) throw new Error('the runbook lacks its disks');
  const made = labDisks([worlds, system], folder, 'uefi');
  expect(made.ok && made.value.map(({name, bus, keep}) => ({name, bus, keep}))).toEqual([
    {name: 'system', bus: 'nvme', keep: false},
    {name: 'worlds', bus: 'virtio', keep: true},
  ]);
  expect(labDisks([worlds], folder, 'uefi').ok).toBe(false);
  expect(labDisks([system, {...worlds, serial: 'X'.repeat(21) as Serial}], folder, 'uefi')).toMatchObject({
    ok: false,
    fault: {says: expect.stringContaining('XXXXX') as string},
  });
});

test.each(['marruuk', 'tessa', 'mpex', 'saturn'])(
  'the lab of %s has the disks that its runbook declares, and no other',
  async (name) => {
    const host = hostName(name);
    const loaded = host && (await loadRunbook(name, runbookPlaces(), kinds, host));
    if (!loaded?.ok) throw new Error(`no runbook ${name}`);
    for (const firmware of ['uefi', 'bios'] as const) {
      const machine = labBlueprint(firmware, loaded.runbook);
      const argv = machineArguments(machine, {...folder}, {from: 'cd', medium: 'http://10.9.0.2/x.iso', card: []});
      // The firmware's flash is no block device of the guest.
      const drives = argv.filter((word) => /^if=(?!pflash)/.test(word));
      expect(drives).toHaveLength(machine.disks.length);
      const seen = machine.disks.map(({serial, path, sizeBytes, bus}) => ({
        serial,
        name: path,
        model: 'QEMU',
        sizeBytes,
        transport: bus,
        wwn: 'nvme.1234',
      }));
      expect(asDeclared(seen, overlay(loaded.runbook, machine, folder))).toEqual({ok: true, value: undefined});
    }
  },
);

test('QEMU gets each value whole, a comma too, and boots from what the BMC says', () => {
  const machine = {...labBlueprint('bios'), serial: 'A,serial=B'};
  const argv = machineArguments(machine, {...folder}, {from: 'disk', card: ['-netdev', 'x']});
  expect(argv).toContain('type=1,manufacturer=rebuild,product=lab,serial=A,,serial=B');
  expect(argv).toContain('virtio-blk-pci,id=bay0,drive=disk0,serial=S3Z8NB0K412345,bootindex=1');
  expect(argv.join(' ')).not.toMatch(/bootindex=0|pflash/);
  const cd = machineArguments(machine, {...folder}, {from: 'cd', medium: 'http://127.0.0.1:1/x', card: []});
  expect(cd).toContain('scsi-cd,id=cd0,bus=cdport.0,drive=medium0,bootindex=0');
});

test('Secure Boot is enforced: the build that does, Microsoft’s keys, and a variable store behind SMM', () => {
  const start = {from: 'disk', card: []} as const;
  const argv = machineArguments(labBlueprint('uefi', labRunbook(), true), {...folder}, start);
  expect(argv).toContain('q35,smm=on');
  expect(argv).toContain('driver=cfi.pflash01,property=secure,value=on');
  expect(argv).toContain('if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd');
  expect(ovmfOf({firmware: 'uefi', secureBoot: true})?.variables).toMatch(/OVMF_VARS_4M\.ms\.fd$/);
  expect(machineArguments(labBlueprint('uefi'), {...folder}, start).join(' ')).not.toMatch(/smm|secboot/);
});

test('every interface has a name that the kernel takes, and nothing is laid outside the lab', () => {
  const layout = layoutFor(labRunbook().network);
  if (!layout.ok) throw new Error(layout.fault.says);
  const steps = wiring('rb-marruuk-1f2e3d4c', layout.value);
  const names = steps.flatMap(({input = ''}) =>
    [...input.matchAll(/(?:add|name|dev|set) (\w+)/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name = '') => name.length > 15)).toEqual([]);
  for (const {argv} of steps) expect(argv.join(' ')).toContain('rb-marruuk-1f2e3d4c-');
});

test('a socket’s path has the kernel’s limit', () => {
  expect(socketFits('/'.padEnd(107, 'a'))).toBe(true);
  expect(socketFits('/'.padEnd(108, 'a'))).toBe(false);
});

test('a package is missing as soon as one of its parts is', () => {
  expect(missingPackages(requirements, () => true)).toEqual([]);
  expect(missingPackages(requirements, (need) => need !== 'e2fsck')).toEqual(['e2fsprogs']);
  expect(missingPackages(requirements, () => false)).toHaveLength(requirements.length);
});
