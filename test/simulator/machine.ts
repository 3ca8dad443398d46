import {createHash} from 'node:crypto';
import type {RunId, Serial, Sha256} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import {framesOf, frameBytes, lengthOf, type Range} from '../../src/evidence/frame.ts';
import {unknownPath} from '../../src/plan/path.ts';
import type {Port, Runbook} from '../../src/runbook/runbook.ts';
import type {Outside} from '../../src/step/world.ts';
import type {BmcScreen} from '../../src/step/world/bmc.ts';
import type {EdgePolicy, Flow, Flows} from '../../src/step/world/edge.ts';
import type {Chunk, LightIso, Loader, Medium, OsImage, StagedIso} from '../../src/step/world/image.ts';
import type {Collected, SuspectFacts} from '../../src/step/world/suspect.ts';
import type {DiskFacts, Latch, WipeState, WritableDisk} from '../../src/step/world/target.ts';
import type {Vantage} from '../../src/step/world/vantage.ts';
import {BmcAccess} from './bmc-access.ts';
import type {TreeEntry} from '../../src/step/system/tree.ts';
import {pins} from './runbook.ts';

/** Kills the simulated controller: thrown through whatever it was doing. */
export class Killed extends Error {}

type System = 'off' | 'starting' | 'suspect' | 'light' | 'renewed' | 'installer';

interface Disk {
  readonly serial: Serial;
  readonly sizeBytes: number;
  /** Chunk index to digest of what is there; `old` marks content of before the rebuild. */
  content: Map<number, string>;
  latch: Latch | undefined;
  files: Map<string, string>;
}

/**
 * The outside of a rebuild, at full speed: one machine with its BMC, disks, edge and the image shelf, that keeps its
 * state when the controller dies. It counts what reached it, so that tests need not believe the controller's journal.
 */
export class Machine {
  readonly runbook: Runbook;
  readonly clock: Clock;
  system: System = 'suspect';
  boots = 0;
  slot: string | undefined;
  cdOnce = false;
  /** UEFI's BootNext: the disk that is started next, once. */
  next: string | undefined;
  /** The command line of a kernel that was started in the light system's place. */
  launched: string | undefined;
  policy: EdgePolicy | undefined;
  /** Set: whatever runs calls home. */
  infected = false;
  /** What the BMC answers when it is asked for the host's screen. */
  screen: Result<BmcScreen> = failed(fault('bmc.screen-not-shown', 'the simulator shows no screen'));
  /** What somebody has put on the new system. */
  readonly planted: TreeEntry[] = [];
  /** Lists of the operator's own, by their path. */
  readonly documents = new Map<string, string>();
  readonly disks: Disk[];
  /** Media that are in the machine beside those of the runbook. */
  readonly strangers: WritableDisk[] = [];
  readonly access: BmcAccess;
  /** How often each thing that cannot be undone, or costs a user time, reached the machine. */
  readonly counts = {wipes: 0, chunks: new Map<number, number>(), starts: 0, inserts: 0, enforced: 0};
  /** Readings of a running wipe until it is done. */
  wipeReadings = 3;
  /** Set: the medium goes away once, when so many bytes of the next boot have been read. */
  loseMediumAt: number | undefined;
  /** The operator's own ISO, where there is one. */
  vendorIso: Medium | undefined;
  /** What every start of the light ISO reads, or why that cannot be told. */
  lightBytes: Result<number> = ok(39_000_000);
  /** What becomes of each question to the old system. */
  collected: (verb: readonly string[]) => Result<Collected> = () => ok({complete: true});
  /** What disks cannot read, by serial number. */
  readonly unreadable = new Map<string, readonly Range[]>();
  /** Set: the line breaks before this frame of a disk is read. */
  cutImageAt: number | undefined;
  /** So often the line is cut there. */
  imageCuts = 1;
  /** Called before anything reaches the machine; may throw `Killed`. */
  before: (what: string) => void = () => {};

  #wiping: {serial: string; left: number} | undefined;
  #wiped = false;
  /** Chunks that the light system has read back since it started. */
  readonly #written = new Set<number>();
  /** Of the medium: what has been read since the server began to count anew, and in all. */
  protected covered = 0;
  protected served = 0;

  constructor(runbook: Runbook, clock: Clock, chunks = 12) {
    this.image = imageOf(chunks);
    this.runbook = runbook;
    this.clock = clock;
    this.access = new BmcAccess(runbook);
    this.disks = Object.values(runbook.disks).map(({serial, sizeBytes}) => ({
      serial,
      sizeBytes,
      content: new Map([[0, 'old']]),
      latch: undefined,
      files: new Map(),
    }));
  }

  disk(serial: string): Disk {
    const disk = this.disks.find((each) => each.serial === serial);
    if (!disk) throw new Error(`the simulator has no disk ${serial}`);
    return disk;
  }

  get iso(): LightIso {
    const url = 'http://10.9.0.2:8080/token/rebuild.iso';
    return {
      url,
      sha256: 'c'.repeat(64) as Sha256,
      bytes: 40_000_000,
      base: 'd'.repeat(64) as Sha256,
      bootBytes: 39_000_000,
    };
  }

  readonly image: OsImage;

  get staged(): StagedIso {
    const {root: _, ...image} = this.image;
    return {...image, name: 'vendor', iso: 'a'.repeat(64) as Sha256, uuid: '2026-01-01', starts: {bios: true, uefi: 2}};
  }

  get loader(): Loader {
    const url = 'http://10.9.0.2:8080/loader/rebuild.iso';
    return {url, sha256: 'b'.repeat(64) as Sha256, bytes: 1_000_000, bootBytes: 500_000};
  }

  /** The end state as a user would compare it: what is on the disks, what runs, what the edge holds. */
  end() {
    return {
      system: this.system,
      slot: this.slot ?? null,
      policy: this.policy,
      access: this.access.end(),
      disks: this.disks.map(({serial, content, files, latch}) => ({
        serial,
        content: [...content].toSorted(([a], [b]) => a - b),
        files: [...files.keys()].toSorted(),
        latch: latch?.state,
      })),
    };
  }

  /** Whatever was left of a running wipe is over. */
  finishWipe(): void {
    if (this.#wiping) this.#wiping.left = 0;
  }

  start(): void {
    this.counts.starts++;
    this.boots++;
    this.#wiping = undefined;
    this.#wiped = false;
    this.#written.clear();
    for (const disk of this.disks.filter(({serial}) => serial.startsWith('ram@'))) {
      disk.content.clear();
      disk.latch = undefined;
    }
    const fromCd = this.cdOnce && this.slot !== undefined;
    this.cdOnce = false;
    const {next} = this;
    this.next = undefined;
    const whole = this.disks.find(({content}) => this.image.chunks.every(({index, raw}) => content.get(index) === raw));
    if (fromCd && this.slot === this.loader.url) {
      this.served += this.loader.bytes;
      this.covered = this.loader.bytes;
      this.system = whole ? 'installer' : 'off';
      return;
    }
    if (!fromCd && next !== undefined) {
      this.system = whole?.serial === next ? 'installer' : 'off';
      return;
    }
    const system = this.disk(this.runbook.disks['system']!.serial);
    if (fromCd) {
      const lost = this.loseMediumAt;
      this.loseMediumAt = undefined;
      const read = lost ?? this.iso.bootBytes;
      this.served += read;
      this.covered = read;
      if (lost !== undefined) this.slot = undefined;
      this.system = read >= this.iso.bootBytes ? 'light' : 'off';
    } else if (system.files.has('/etc/ssh/ssh_host_ed25519_key')) this.system = 'renewed';
    else this.system = system.content.get(0) === 'old' ? 'suspect' : 'off';
  }

  #passes(from: string, port: Port): boolean {
    const {policy} = this;
    if (policy === undefined || (port === 'tcp/22' && policy.admit.includes(from))) return true;
    if (policy.mode === 'blocking') return !policy.block.includes(port);
    return policy.mode === 'serving' && policy.open.includes(port);
  }

  /** What the old system's programs try, and what of it the edge lets go. */
  #flows(): Flows {
    const {policy} = this;
    const tried = this.system === 'suspect' || this.infected ? beacons : [];
    const passes = ({protocol, port}: Flow): boolean =>
      policy?.mode === 'blocking' && !policy.block.includes(`${protocol}/${port}` as Port);
    return {tried, passed: tried.filter(passes), full: false};
  }

  #up(): Result<void> {
    return this.system === 'light' ? ok(undefined) : failed(fault('ssh.unreachable', 'nothing answers'));
  }

  /** The world as a controller sees it; many may look at one machine, one after the other. */
  world(): Outside {
    const touch = (what: string) => this.before(what);
    const vantage = (name: string, address: string): Vantage => ({
      name,
      address,
      pace: {atOnce: 1024, silenceMs: 2500},
      reach: async (_, port) => ok(this.#passes(address, port) ? 'open' : 'refused'),
      scan: async (to, ports) => {
        const {policy} = this;
        const open = policy?.mode === 'serving' && to === this.runbook.network.address.split('/')[0] ? policy.open : [];
        return ok(
          Object.fromEntries(ports.filter((port) => open.includes(port)).map((port) => [port, 'open'] as const)),
        );
      },
      ask: async (_, ports) => ok({is: 'asked', reached: Object.fromEntries(ports.map((port) => [port, 'silent']))}),
      hostKey: async () =>
        ok(
          this.system === 'suspect'
            ? pins.old
            : this.system === 'light'
              ? pins.light
              : this.system === 'renewed'
                ? pins.host
                : undefined,
        ),
    });
    return {
      run: {
        id: 'marruuk-1' as RunId,
        controllerKey: 'ssh-ed25519 AAAA rebuild',
        lightPin: pins.light,
        hostPin: pins.host,
        controllerAddress: '10.9.0.2',
      },
      locate: async () => '10.9.0.2',
      runbook: this.runbook,
      clock: this.clock,
      record: async () => ({path: unknownPath, link: unknownPath, runs: []}),
      vantages: [vantage('controller', '10.9.0.2'), vantage('outside', '198.51.100.10')],
      bmc: {
        ...this.access.bmc(() => this.slot, touch),
        system: async () =>
          ok({
            vendor: 'Lab',
            model: 'VM',
            serial: this.runbook.host.serial,
            power: this.system === 'off' ? 'off' : 'on',
            profile: 'generic',
          }),
        events: async () => ok(undefined),
        papers: async () => ok({papers: []}),
        screen: async () => {
          touch('bmc.screen');
          return this.screen;
        },
        health: async () =>
          ok({
            maps: [
              {source: 'bmc 1', slots: Object.fromEntries(this.disks.map(({serial}, bay) => [`Bay ${bay}`, serial]))},
            ],
            logs: [],
            unread: [],
          }),
        drives: async () =>
          ok(this.disks.map(({serial, sizeBytes}) => ({serial, sizeBytes, vendor: 'Lab', model: 'Disk'}))),
        media: async () => ok(this.slot === undefined ? {state: 'detached'} : {state: 'attached', image: this.slot}),
        insert: async (url) => {
          touch('bmc.insert');
          this.counts.inserts++;
          this.slot = url;
          return ok({state: 'attached', image: url});
        },
        eject: async () => {
          touch('bmc.eject');
          this.slot = undefined;
          return ok({state: 'detached'});
        },
        bootCdOnce: async () => {
          touch('bmc.once');
          this.cdOnce = true;
          return ok(undefined);
        },
        bootNormally: async () => {
          touch('bmc.normal');
          this.cdOnce = false;
          return ok(undefined);
        },
        power: async (want) => {
          touch(`bmc.power-${want}`);
          if (want === 'off') this.system = 'off';
          else if (this.system === 'off') this.start();
          return ok(undefined);
        },
      },
      edge: {
        policy: async () => ok(this.policy),
        refused: async () => ok({packets: 0}),
        flows: async () => ok(this.policy && this.#flows()),
        digest: async () => ok(digestOf(this.policy)),
        enforce: async (policy) => {
          touch('edge.enforce');
          this.counts.enforced++;
          this.policy = policy;
          return ok(undefined);
        },
        lift: async () => {
          this.policy = undefined;
          return ok(undefined);
        },
      },
      shelf: {
        light: async () => ok(this.iso),
        lightBytes: async () => this.lightBytes,
        served: () => ({bytes: this.served, requests: 1, covered: this.covered}),
        os: async () => ok(this.image),
        tree: async () => ok(treeOf(this.image.digest)),
        document: async (file) => {
          const text = this.documents.get(file);
          return text === undefined ? failed(fault('document.missing', `there is no ${file}`)) : ok(text);
        },
        saved: async (file) => {
          const text = this.documents.get(file);
          return text === undefined
            ? failed(fault('document.missing', `there is no ${file}`))
            : ok(Buffer.from(text, 'latin1'));
        },
        iso: async () =>
          this.vendorIso ? ok(this.vendorIso) : failed(fault('media.not-served', 'the simulator has no other ISO')),
        loader: async () => ok(this.loader),
        staged: async () => ok(this.staged),
        bootFile: async (_, path) => ok({offset: 65_536 * path.length, length: 4096, sha256: 'f'.repeat(64) as Sha256}),
        hostFiles: () => [
          {path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: 'key'},
          {path: '/etc/rebuild/image', mode: 0o644, content: this.image.digest},
        ],
        networkFiles: () => [{path: '/etc/systemd/network/10-rebuild.network', mode: 0o644, content: 'net'}],
        recount: () => {
          this.covered = 0;
        },
        chunks: async function* (_, want) {
          for (const chunk of want) yield {chunk, data: new Uint8Array(0)};
        },
      },
      target: {
        hello: async () =>
          this.#up().ok
            ? ok({
                run: 'marruuk-1',
                bootId: `light-${this.boots}`,
                uptimeSeconds: 9,
                memoryBytes: 1e9,
                mediumNeeded: false,
              })
            : failed(fault('ssh.unreachable', 'nothing answers')),
        disks: async () => this.#ask(() => ok(this.disks.map(factsOf))),
        writable: async () =>
          this.#ask(() => {
            // A partition, or memory, is no medium of its own.
            const whole = this.disks.filter(({serial}) => !serial.includes('@'));
            return ok([...whole.map((disk) => ({...factsOf(disk), wwn: undefined})), ...this.strangers]);
          }),
        latch: async (serial) => this.#ask(() => ok(this.disk(serial).latch)),
        wipe: async (serial) =>
          this.#ask<WipeState>(() => {
            if (this.#wiping?.serial !== serial)
              return ok(this.#wiped ? {state: 'done', method: 'zero'} : {state: 'absent'});
            if (this.#wiping.left-- > 0)
              return ok({state: 'running', doneBytes: -this.#wiping.left, sizeBytes: 9, method: 'zero'});
            this.#wiping = undefined;
            this.#wiped = true;
            this.disk(serial).content.clear();
            return ok({state: 'done', method: 'zero'});
          }),
        health: async () =>
          this.#ask(() =>
            ok({
              drives: this.disks.map(({serial}, slot) => ({
                slot: `slot ${slot}`,
                serial,
                model: 'Disk',
                answer: 'told',
                passed: true,
              })),
              logs: [],
            }),
          ),
        medium: async (serial) =>
          this.#ask(() => {
            const {sizeBytes} = this.disk(serial);
            return ok({
              bus: 'virtio',
              vendor: 'Lab',
              model: 'Disk',
              firmware: '',
              wwn: '',
              rotational: false,
              sizeBytes,
              can: [{method: 'overwrite'}, {method: 'signatures'}],
              erasedFlag: false,
              partitions: [],
            });
          }),
        adoptWipe: async () => failed(fault('target.refused', 'the disk is at no sanitize')),
        leave: async () => ok(undefined),
        startWipe: async (serial) =>
          this.#ask(() => {
            touch('target.wipe');
            const disk = this.disk(serial);
            if (disk.latch) return failed(fault('target.refused', 'this run has wiped it'));
            if (this.#wiping) return ok(undefined);
            this.counts.wipes++;
            this.#wiping = {serial, left: this.wipeReadings};
            return ok(undefined);
          }),
        notZero: async (serial, samples) =>
          this.#ask(() => ok(this.disk(serial).content.size ? samples.slice(0, 1) : [])),
        notOnes: async (_, samples) => this.#ask(() => ok(samples)),
        digests: async (serial, ranges) =>
          this.#ask(() =>
            ok(
              ranges.map(({offset}) => {
                const chunk = this.image.chunks.find((each) => each.offset === offset);
                return (this.disk(serial).content.get(chunk?.index ?? -1) ?? 'zero') as Sha256;
              }),
            ),
          ),
        installed: async (serial, paths) => this.#ask(() => ok(paths.map((path) => this.disk(serial).files.get(path)))),
        tree: async (serial) =>
          this.#ask(() =>
            ok([...treeOf(this.disk(serial).files.get('/etc/rebuild/image') ?? 'nothing'), ...this.planted]),
          ),
        setLatch: async (serial, state) =>
          this.#ask(() => {
            touch('target.latch');
            this.disk(serial).latch = {run: 'marruuk-1', state, at: this.clock.now()};
            return ok(undefined);
          }),
        image: async (serial, from, keep) => {
          const up = this.#up();
          if (!up.ok) return up;
          const {sizeBytes} = this.disk(serial);
          for (let index = from; index < framesOf(sizeBytes); index++) {
            if (this.cutImageAt === index && this.imageCuts > 0) {
              this.imageCuts--;
              return failed(fault('ssh.lost', 'the line is cut'));
            }
            const start = index * frameBytes;
            const end = start + lengthOf(index, sizeBytes);
            const bad = this.unreadable.get(serial) ?? [];
            const unread = bad.filter(([offset]) => offset >= start && offset < end);
            const kept = await keep({index, unread}, sizeBytes);
            if (!kept.ok) return kept;
          }
          return ok(undefined);
        },
        written: async () => this.#ask(() => ok([...this.#written])),
        write: async (serial, {want, written, signal}) => {
          let bytesSent = 0;
          const open = this.#changeable(serial);
          if (!open.ok) return open;
          for (const chunk of want) {
            if (signal.aborted) break;
            const up = this.#up();
            if (!up.ok) return up;
            touch(`target.chunk-${chunk.index}`);
            this.disk(serial).content.set(chunk.index, chunk.raw);
            this.#written.add(chunk.index);
            this.counts.chunks.set(chunk.index, (this.counts.chunks.get(chunk.index) ?? 0) + 1);
            bytesSent += chunk.packedLength;
            await written(chunk);
          }
          return ok({bytesSent});
        },
        grow: async (serial) => this.#changeable(serial),
        put: async (serial, _, files) =>
          this.#ask(() => {
            touch('target.put');
            const open = this.#changeable(serial);
            if (!open.ok) return open;
            for (const {path, content} of files) this.disk(serial).files.set(path, content);
            return ok(undefined);
          }),
        startNext: async (serial) =>
          this.#ask(() => {
            touch('target.next');
            this.next = serial;
            return ok(undefined);
          }),
        launch: async (serial, {options}) =>
          this.#ask(() => {
            touch('target.launch');
            this.launched = options;
            const {content} = this.disk(serial);
            const whole = this.image.chunks.every(({index, raw}) => content.get(index) === raw);
            this.system = whole ? 'installer' : 'off';
            return ok(undefined);
          }),
        settle: async () =>
          this.#ask(() => {
            touch('target.settle');
            this.system = 'off';
            return ok(undefined);
          }),
      },
      suspect: {
        enter: async () => this.#asked(() => ok(suspectFacts)),
        collect: async (verb) => this.#asked(() => this.collected(verb)),
        leave: async () => ok(undefined),
      },
      evidence: {
        check: async () => ok(undefined),
        open: async () => failed(fault('evidence.unwritable', 'the simulator has no place for evidence')),
      },
      renewed: {
        inventory: async () =>
          ok({
            entries: [...treeOf(this.image.digest), ...this.planted],
            listeners: [{port: 'tcp/22', address: '0.0.0.0'}],
          }),
        hello: async () =>
          this.system === 'renewed'
            ? ok({
                bootId: `renewed-${this.boots}`,
                hostname: 'marruuk',
                hostPin: pins.host,
                addresses: {[this.runbook.network.mac]: [this.runbook.network.address]},
                defaultGateway: this.runbook.network.gateway,
                rootDisk: this.runbook.disks['system']?.serial,
                release: 'Debian 12',
                image: this.image.digest,
              })
            : failed(
                this.system === 'off'
                  ? fault('ssh.unreachable', 'nothing answers')
                  : fault('ssh.unreachable', 'another key answers: not up yet'),
              ),
      },
    };
  }

  /** Asked of the old system. */
  #asked<T>(answer: () => Result<T>): Result<T> {
    return this.system === 'suspect' ? answer() : failed(fault('ssh.unreachable', 'no old system answers'));
  }

  /** The light system changes the content of a disk that this run has wiped and not yet installed, and of no other. */
  #changeable(serial: Serial): Result<void> {
    return this.#ask(() =>
      this.disk(serial).latch?.state === 'wiped'
        ? ok(undefined)
        : failed(fault('target.refused', 'the latch does not allow it')),
    );
  }

  #ask<T>(answer: () => Result<T>): Result<T> {
    const up = this.#up();
    return up.ok ? answer() : up;
  }
}

/** A beacon that asks for orders, by 80, 443 and names, and a worm at its neighbour's share. */
const beacons: readonly Flow[] = [
  {protocol: 'tcp', address: '198.51.100.10', port: 80, packets: 4},
  {protocol: 'tcp', address: '198.51.100.10', port: 443, packets: 2},
  {protocol: 'udp', address: '198.51.100.10', port: 53, packets: 2},
  {protocol: 'tcp', address: '203.0.113.30', port: 445, packets: 9},
];

/** A system of one file. */
const treeOf = (content: string): readonly TreeEntry[] => [
  {
    path: '/etc/rebuild/image',
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    sha256: sha256Of(content),
  },
];
const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const digestOf = (policy: EdgePolicy | undefined): Sha256 =>
  createHash('sha256')
    .update(JSON.stringify(policy ?? null))
    .digest('hex') as Sha256;

const suspectFacts: SuspectFacts = {
  tool: {name: 'busybox-static', version: '1', sha256: '6'.repeat(64) as Sha256},
  script: '7'.repeat(64) as Sha256,
  sealed: true,
  argv: [],
};

const factsOf = ({serial, sizeBytes}: Disk): DiskFacts => ({
  serial,
  name: 'vda',
  model: 'Disk',
  sizeBytes,
  transport: 'virtio',
  rotational: false,
  discardZeroes: true,
});

function imageOf(count: number): OsImage {
  const chunks = Array.from({length: count}, (_, index): Chunk => {
    const raw = createHash('sha256').update(`chunk ${index}`).digest('hex') as Sha256;
    return {index, offset: index * 8_388_608, length: 8_388_608, raw, packed: raw, packedLength: 2_000_000};
  });
  const packedBytes = chunks.reduce((sum, {packedLength}) => sum + packedLength, 0);
  return {
    name: 'debian',
    digest: 'e'.repeat(64) as Sha256,
    sizeBytes: count * 8_388_608,
    packedBytes,
    chunks,
    root: {partition: 3, uuid: '11111111-2222-4333-8444-555555555555'},
  };
}
