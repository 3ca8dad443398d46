import type {Clock} from '../clock.ts';
import type {HostKeyPin, RunId, Serial, Sha256} from '../brand.ts';
import type {Json} from '../json.ts';
import type {MediumPath, Way} from '../plan/path.ts';
import type {Tell} from '../progress.ts';
import type {Custody, Tool} from '../evidence/custody.ts';
import type {Frame, Range} from '../evidence/frame.ts';
import type {Result} from '../result.ts';
import type {Port, Runbook, TcpPort, UdpPort} from '../runbook/runbook.ts';
import type {BmcPassword, BmcState} from './bmc-state.ts';
import type {ControllerLog, HealthReading} from './drive-health.ts';
import type {DriveMap} from './drive-map.ts';
import type {MediumFacts} from './medium.ts';
import type {Proof} from './step.ts';
import type {TreeEntry} from './tree.ts';
import type {WipeMethod} from './wipe-method.ts';

/**
 * The outside as steps see it, twice: `Look` can only read, `World` can also change. Planning and verifying are handed
 * a `Look`, so a dry run cannot write whatever its author forgets. Devices implement these in `device/`;
 * steps know nothing else of them. Every method ends within its own time limit, with a fault if need be.
 */
export interface Look {
  readonly run: RunFacts;
  readonly runbook: Runbook;
  readonly clock: Clock;
  readonly bmc: BmcLook;
  readonly edge: EdgeLook;
  readonly shelf: ShelfLook;
  readonly target: TargetLook;
  readonly renewed: RenewedLook;
  readonly evidence: EvidenceLook;
  /** Read anew at each call, so that what this run has seen itself is in it. */
  record(): Promise<HostRecord>;
  /** At least the controller's own; the others are declared in the runbook. */
  readonly vantages: readonly Vantage[];
  /** The proof that a done step of this kind left earlier in this run. */
  earlier(kind: string): Proof | undefined;
  /** A person has decided that the run goes on without this disk. */
  forgone(disk: Serial): boolean;
}

export interface World extends Look {
  readonly bmc: Bmc;
  readonly edge: Edge;
  readonly shelf: Shelf;
  readonly target: Target;
  readonly suspect: Suspect;
  readonly evidence: Evidence;
}

/** The world without what only the run's own history knows. */
export type Outside = Omit<World, 'earlier' | 'forgone'>;

/** What is fixed when a run begins and holds until it ends. Private keys stay in the run's key folder, not here. */
export interface RunFacts {
  readonly id: RunId;
  /** Public key line with which the controller logs in to the target and to the new system. */
  readonly controllerKey: string;
  /** The light system's host key, made for this run. */
  readonly lightPin: HostKeyPin;
  /** The new system's host key, made for this run and pinned before it exists. */
  readonly hostPin: HostKeyPin;
  /** This controller's address as the edge, the BMC and the target see it. */
  readonly controllerAddress: string;
}

/** What is known of the host by now. It moves, so no plan relies on it. */
export interface HostRecord {
  /** The way over which the BMC reads a medium: by the runbook, and by earlier mounts. */
  readonly path: MediumPath;
  /** The way on which images reach the light system: by the runbook, and by what it has carried. */
  readonly link: Way;
  /** Those of the last runs that reached their end, oldest first. */
  readonly runs: readonly EarlierRun[];
}

/** What a run of this host that reached its end tells the next one. */
export interface EarlierRun {
  readonly run: RunId;
  /** Digest of the OS image that it installed. */
  readonly image?: string;
  /** By step id. A step that was left and taken up again took what all its attempts took. */
  readonly steps: Readonly<
    Record<string, {readonly kind: string; readonly seconds: number; readonly bytesPerSecond?: number}>
  >;
}

// --- The management controller

export interface SystemFacts {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly power: Power;
  /** The vendor profile in use, `generic` where none fits. */
  readonly profile: string;
}

export type Power = 'on' | 'off';

export type MediaState =
  | {readonly state: 'attached'; readonly image: string}
  /** The BMC says inserted and contradicts itself, or shows an image we did not insert. */
  | {readonly state: 'stale'; readonly image: string}
  | {readonly state: 'detached'};

export interface DriveFacts {
  readonly serial: string;
  readonly vendor: string;
  readonly model: string;
  readonly sizeBytes: number;
}

/** What a BMC's own log says of its virtual media. Its clock and its words are the BMC's: evidence, never an order. */
export interface BmcEvent {
  readonly is: 'inserted' | 'ejected';
  /** Who or what took it out, as far as the log tells. */
  readonly by: 'reset' | 'other';
  /** `35.169` and the like; empty where the BMC numbers nothing. */
  readonly code: string;
  readonly says: string;
}

export interface BmcEvents {
  /** Oldest first; only those written after the mark that was given. */
  readonly events: readonly BmcEvent[];
  /** Where to read on from. */
  readonly mark: string;
}

/** One resource of a BMC as it answered: hostile, and kept as it came. */
export interface BmcPaper {
  readonly path: string;
  readonly body?: Json;
  /** Why it could not be read. */
  readonly trouble?: string;
}

/** The host's screen as its BMC showed it: hostile, and looked at no further than to its first bytes. */
export interface BmcScreen {
  /** What it begins like. */
  readonly form: 'png' | 'jpg';
  readonly data: Uint8Array;
  /** The path of the BMC's action: letters, digits and `._-/`. */
  readonly asked: string;
}

/** What a BMC has on record of drives and controllers. Its words, as it gives them: evidence, never an order. */
export interface BmcHealth {
  /** A map for each storage controller that it knows. */
  readonly maps: readonly DriveMap[];
  /** What each of its logs says of drives and controllers, an entry a line, oldest first. */
  readonly logs: readonly ControllerLog[];
  /** What it has and does not give, each with the reason. */
  readonly unread: readonly string[];
}

export interface BmcPapers {
  readonly papers: readonly BmcPaper[];
  /** Why there is more that was not read: it stopped answering, or it tells more than is taken. */
  readonly cut?: 'lost' | 'limit';
}

export interface BmcLook {
  system(): Promise<Result<SystemFacts>>;
  media(): Promise<Result<MediaState>>;
  /**
   * What the BMC's log has to say of virtual media since `mark`; without a mark, only where the log ends now.
   * Undefined where it keeps no log that can be read.
   */
  events(mark?: string): Promise<Result<BmcEvents | undefined>>;
  /** Drives as the BMC sees them, from outside the host; undefined where it has no such view. */
  drives(): Promise<Result<readonly DriveFacts[] | undefined>>;
  /** What it has on record of drives and their controllers: its inventory, and its logs as they came. */
  health(): Promise<Result<BmcHealth>>;
  /** Who may use it and over which ways; `access` leaves out the firmware, which takes minutes on some. */
  state(depth: 'access' | 'all'): Promise<Result<BmcState>>;
  /**
   * Whether a new login is taken with that password; the login is ended at once. One try, as each that fails counts:
   * some BMCs lock an account after three.
   */
  takes(password: BmcPassword): Promise<Result<boolean>>;
  /** All that the BMC tells of itself and of the machine, for the evidence. */
  papers(signal: AbortSignal): Promise<Result<BmcPapers>>;
}

export interface Bmc extends BmcLook {
  /**
   * A picture of the host's screen, which the BMC makes when it is told to. `bmc.screen-not-shown` where this BMC has no
   * such thing; `bmc.screen-unreadable` where what it sent is no picture.
   */
  screen(signal: AbortSignal): Promise<Result<BmcScreen>>;
  /** Disables it, then deletes it, or empties its slot where slots are fixed. Not there: done. Refused for our own. */
  removeAccount(id: string, signal: AbortSignal): Promise<Result<'deleted' | 'emptied' | 'disabled'>>;
  /** Not there: done. Refused for our own. */
  endSession(id: string, signal: AbortSignal): Promise<Result<void>>;
  removeSubscription(id: string, signal: AbortSignal): Promise<Result<void>>;
  /** Closes a way from the host, by its name, and reads back that it is. */
  closeWay(name: string, signal: AbortSignal): Promise<Result<void>>;
  /**
   * Sets the password that `bmc.newpassword` names. The session in use is kept until a new login has been taken with it; it
   * takes that one's place. Where the BMC takes neither password any more, the old one is put back over that session.
   */
  changePassword(signal: AbortSignal): Promise<Result<void>>;
  /** Mounts `url` as the virtual CD. Succeeds only once the slot itself shows it; a 2xx proves nothing. */
  insert(url: string, signal: AbortSignal): Promise<Result<MediaState>>;
  /** Empties the slot, whatever it claims to hold; polls until it is empty. */
  eject(signal: AbortSignal): Promise<Result<MediaState>>;
  /** The next start, and only that one, is from the virtual CD. Read back before it returns. */
  bootCdOnce(signal: AbortSignal): Promise<Result<void>>;
  /** Takes any boot override back. */
  bootNormally(signal: AbortSignal): Promise<Result<void>>;
  /** Hard power state; polls until the BMC reports it. Already so: done. */
  power(want: Power, signal: AbortSignal): Promise<Result<void>>;
}

// --- The edge: where the host's port is isolated from outside

export type EdgePolicy =
  /**
   * Nothing to or from the host, IPv4 and IPv6, routed and bridged, but SSH from the addresses admitted, and the TCP
   * connections that the host opens to exactly the places in `reach`, `203.0.113.30:8080`; none where it is absent.
   * DNS is closed with the rest, but to the servers in `resolver`: our own, by address.
   */
  | {
      readonly mode: 'quarantine';
      readonly admit: readonly string[];
      readonly reach?: readonly string[];
      readonly resolver?: readonly string[];
    }
  /**
   * Only the ports in `block` are refused, both ways; everything else passes. It is what people do first, and no
   * isolation: `flows` shows what goes around it. `admit` keeps SSH whatever `block` says.
   */
  | {readonly mode: 'blocking'; readonly admit: readonly string[]; readonly block: readonly Port[]}
  /**
   * Inbound only `open`; outbound only new connections to the ports `out`, and answers. Outbound reaches as far as the
   * gateway routes: a neighbour on the host's own network, which a bridge alone lies before, is not reached. `block` is
   * refused in both directions whatever `open` and `out` say; `admit` keeps SSH whatever `block` says.
   */
  | {
      readonly mode: 'serving';
      readonly admit: readonly string[];
      readonly open: readonly Port[];
      readonly out: readonly Port[];
      readonly block: readonly Port[];
    };

/** Packets of one kind between the host and one place elsewhere, as the edge itself counted them. */
export interface Flow {
  /** `tcp`, `udp`, or the number or name of another protocol over IP. */
  readonly protocol: string;
  /** The other side's address, IPv4 or IPv6. */
  readonly address: string;
  /** The port there; absent where the protocol has none. */
  readonly port?: number;
  readonly packets: number;
}

/** What the edge saw the host begin, since the policy was set: the first packet of each connection, and every datagram. */
export interface Flows {
  /** Whatever became of it. */
  readonly tried: readonly Flow[];
  /** What went on to where it was for: through our rules and everybody else's there. */
  readonly passed: readonly Flow[];
  /** More than the edge has room to remember: what is not in the lists may have been. */
  readonly full: boolean;
}

/**
 * What every edge can be asked, whatever enforces there: nftables on a gateway, a VLAN of a switch, a provider's API.
 * One that cannot hold a policy refuses it with `edge.not-as-set`, before anything is changed.
 */
export interface EdgeLook {
  /** The policy now in force for this host, read from the gateway's own rules; undefined where there is none of ours. */
  policy(): Promise<Result<EdgePolicy | undefined>>;
  /** How the gateway counts what it refused for this host since the policy was set. */
  refused(): Promise<Result<{readonly packets: number}>>;
  /** Undefined where the edge keeps no such record, or where there is none of ours. */
  flows(): Promise<Result<Flows | undefined>>;
  /** SHA-256 over everything that the edge holds, others' rules included: equal before and after, nothing was left. */
  digest(): Promise<Result<Sha256>>;
}

export interface Edge extends EdgeLook {
  /**
   * Replaces the policy in one transaction, reads it back, and confirms it over a new connection. Where none can be
   * made, the edge takes the change back by itself, and the fault is `edge.reverted`.
   */
  enforce(policy: EdgePolicy): Promise<Result<void>>;
  /** Removes our rules for this host and nothing else. */
  lift(): Promise<Result<void>>;
}

/** `no route`: from there nothing could be sent to that address, which says nothing of the host. */
export type Reach = 'open' | 'refused' | 'silent' | 'no route';

/** What was found of ports that were tried, without those that were refused. */
export type NotRefused = Readonly<Partial<Record<TcpPort, Exclude<Reach, 'refused'>>>>;

export type Asked =
  /** `silent` is what an open port and a dropped datagram have in common. */
  | {readonly is: 'asked'; readonly reached: Readonly<Partial<Record<UdpPort, Reach>>>}
  /** No datagram can be sent from there. */
  | {readonly is: 'unable'; readonly why: string};

/** A place outside the host. A TCP port is tried by opening a connection and closing it; nothing is sent. */
export interface Vantage {
  readonly name: string;
  /** The address this vantage's connections come from, where known. */
  readonly address?: string;
  /** What a scan of many ports costs where closed ones are silence: so many at once, each for so long. */
  readonly pace: {readonly atOnce: number; readonly silenceMs: number};
  reach(address: string, port: TcpPort): Promise<Result<Reach>>;
  /** Many at once. */
  scan(address: string, ports: readonly TcpPort[]): Promise<Result<NotRefused>>;
  /** All at once: a datagram or two that a service of each would answer. */
  ask(address: string, ports: readonly UdpPort[]): Promise<Result<Asked>>;
  /** The SSH host key that answers at the address, without logging in; undefined where nothing answers. */
  hostKey(address: string, port: number): Promise<Result<HostKeyPin | undefined>>;
}

// --- The shelf: our images, those of the operator, and the server that hands ISOs to the BMC

/** An image that the BMC can mount, as it is served to it. */
export interface Medium {
  readonly url: string;
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface LightIso extends Medium {
  /** Digest of the host-independent part, the same for every host and machine that builds it. */
  readonly base: Sha256;
  /** What the boot loader must read of it: once so much has been read, everything needed is in RAM. */
  readonly bootBytes: number;
}

/** An ISO of the operator's own: its path from the runbook's folder, and the digest that its vendor publishes. */
export interface OwnIso {
  readonly file: string;
  readonly sha256: Sha256;
}

export interface Served {
  readonly bytes: number;
  readonly requests: number;
  /** Milliseconds since the last byte left; undefined before the first. */
  readonly idleMs?: number;
  /** Distinct bytes of the medium that have been read since its last `recount`. */
  readonly covered: number;
}

export interface Chunk {
  readonly index: number;
  /** Bytes from the disk's beginning. */
  readonly offset: number;
  readonly length: number;
  readonly raw: Sha256;
  readonly packed: Sha256;
  readonly packedLength: number;
}

/** What a disk can be given in chunks. */
export interface DiskImage {
  readonly name: string;
  /** Digest over the manifest's canonical text: it names the image. */
  readonly digest: Sha256;
  /** Size of the image on disk, in bytes; chunks that are all zero are not listed. */
  readonly sizeBytes: number;
  readonly packedBytes: number;
  readonly chunks: readonly Chunk[];
}

export interface OsImage extends DiskImage {
  /** Number of the partition that holds the root file system, and its file system's UUID. */
  readonly root: {readonly partition: number; readonly uuid: string};
}

/** A loader on a CD of its own, for a machine that cannot be told which of its disks to start. */
export interface Loader extends Medium {
  /** What a start from it reads. */
  readonly bootBytes: number;
}

/** An ISO as a disk can be given it, and how a machine can be started from that disk. */
export interface StagedIso extends DiskImage {
  /** Digest of the ISO file itself. */
  readonly iso: Sha256;
  /** What GRUB takes for its file system's UUID. */
  readonly uuid: string;
  readonly starts: {
    /** Its first sector holds boot code. */
    readonly bios: boolean;
    /** Number of the partition that holds an EFI system, in the table that UEFI reads. */
    readonly uefi: number | undefined;
  };
}

/** A file of a staged ISO, by where it lies: a kernel, or its initial RAM disk. */
export interface BootFile {
  /** Bytes from the ISO's beginning. */
  readonly offset: number;
  readonly length: number;
  readonly sha256: Sha256;
}

/** What the light system puts in its own place. */
export interface Launch {
  readonly kernel: BootFile;
  readonly initrd: BootFile;
  /** The kernel's command line. */
  readonly options: string;
}

/**
 * A plain static HTTP server that holds images as `rebuild image --export` lays them out: the packed chunks of image
 * DIGEST are the file `PATH/DIGEST/chunks.zst`, read in ranges. It is not trusted: every chunk is held against the
 * manifest's digest before it is written.
 */
export interface ImageSource {
  /** IPv4 address the target connects to: nobody answers DNS during an incident. */
  readonly address: string;
  readonly port: number;
  /** What the request names as its `Host`. */
  readonly host: string;
  /** Absolute, without a slash at the end; empty for the server's root. */
  readonly path: string;
}

export interface ShelfLook {
  /** The run's light ISO: checked against its recorded digest whenever it is asked for. */
  light(): Promise<Result<LightIso>>;
  /** What every start from a light ISO reads, before one is made for a run: kernel and system. */
  lightBytes(): Promise<Result<number>>;
  /** An operator's own ISO as the BMC can mount it: checked against its digest, and again once it has been touched. */
  iso(iso: OwnIso): Promise<Result<Medium>>;
  /** The same, cut into chunks for a disk. */
  staged(iso: OwnIso): Promise<Result<StagedIso>>;
  /** A file of one that was staged, by its path from the ISO's root. */
  bootFile(image: StagedIso, path: string): Promise<Result<BootFile>>;
  /** What has been read of a medium; of the light ISO unless another is named. */
  served(medium?: Medium): Served;
  os(name: string): Promise<Result<OsImage>>;
  /**
   * What the installed system's root must hold: the image's files, read out of the image's own bytes, and the files of
   * ours that make it this host, those of its network among them.
   */
  tree(image: OsImage): Promise<Result<readonly TreeEntry[]>>;
  /** A text of the operator's own, by its path from the runbook's folder. */
  document(file: string): Promise<Result<string>>;
  /** The same as it came, whatever bytes it holds: a log that was saved from a device that nobody vouches for. */
  saved(file: string): Promise<Result<Uint8Array>>;
}

export interface Shelf extends ShelfLook {
  /** What makes the installed image this host: its new SSH host key among it, so the content is never stored. */
  hostFiles(image: OsImage): readonly InstallFile[];
  /** The runbook's network as the new system's own configuration. */
  networkFiles(): readonly InstallFile[];
  /** Finds the disk that holds the image and starts it, under BIOS. */
  loader(image: StagedIso): Promise<Result<Loader>>;
  /** Starts a new count of what is `covered`: the host is about to read the medium, the light ISO unless another is named. */
  recount(medium?: Medium): void;
  /** Compressed chunks in the order of `want`, each verified as it is read. */
  chunks(image: DiskImage, want: readonly Chunk[]): AsyncIterable<{readonly chunk: Chunk; readonly data: Uint8Array}>;
}

// --- The target: the host while it runs the light system

export interface TargetFacts {
  readonly run: string;
  readonly bootId: string;
  readonly uptimeSeconds: number;
  readonly memoryBytes: number;
  /** The light system's own word that it needs the medium no more. */
  readonly mediumNeeded: boolean;
}

export interface DiskFacts {
  readonly serial: string;
  readonly name: string;
  readonly model: string;
  readonly sizeBytes: number;
  readonly transport: string;
  readonly rotational: boolean;
  readonly discardZeroes: boolean;
}

/** A medium of the machine that could be written to, whether or not any step may. */
export interface WritableDisk {
  /** Undefined where it tells none that could be named. */
  readonly serial: string | undefined;
  readonly name: string;
  readonly model: string;
  readonly sizeBytes: number;
  readonly transport: string;
  /** World wide name as the kernel has it, `naa.5000c500a1b2c3d4`; undefined where the disk shows none. */
  readonly wwn: string | undefined;
}

/**
 * The record on the disk itself that keeps a second boot, or a second controller, from erasing again. It knows the newest
 * lease under which the disk was changed: an older one is refused after a restart too. Once it says `installed`, nobody
 * changes what is on the disk.
 */
export interface Latch {
  readonly run: string;
  readonly state: 'wiped' | 'installed';
  readonly at: string;
}

/** What became of the erase of a disk, as the light system and the disk itself tell it. */
export type WipeState =
  /** No erase of this run has touched the disk since this light system started, and no latch says one was finished. */
  | {readonly state: 'absent'; readonly trace?: WipeTrace}
  | {
      readonly state: 'running';
      readonly doneBytes: number;
      readonly sizeBytes: number;
      readonly method: string;
      readonly call?: WipeCall;
    }
  | {readonly state: 'done'; readonly method: string; readonly call?: WipeCall; readonly seen?: WipeWitness}
  | {readonly state: 'failed'; readonly says: string};

/** What was run, word for word, and by what. */
export interface WipeCall {
  readonly argv: string;
  /** Name and version. */
  readonly tool: string;
}

/** What was seen of an erase that a disk carries out by itself: its own word for success is not enough. */
export interface WipeWitness {
  readonly accepted: boolean;
  /** It was seen at work on it. */
  readonly progress: boolean;
  /** NVMe: nothing was written since the last sanitize, which was not so before ours. */
  readonly erasedFlag: boolean;
  /** The record that was written to the disk beforehand cannot be read any more. */
  readonly canaryGone: boolean;
}

/** What an erase of this run has left where the light system itself remembers none: it was restarted. */
export interface WipeTrace {
  /** The record that this run wrote to the disk before the erase is still there. */
  readonly canary: boolean;
  /** The disk is at a sanitize, whoever began it. */
  readonly sanitizing: boolean;
  /** The disk says that its last sanitize succeeded, which may have been anyone's at any time. */
  readonly sanitized: boolean;
}

export interface Sample {
  readonly offset: number;
  readonly length: number;
}

export interface TargetLook {
  hello(): Promise<Result<TargetFacts>>;
  disks(): Promise<Result<readonly DiskFacts[]>>;
  /** All that could be written to, also what has no serial number or can be pulled out; nothing optical or read-only. */
  writable(): Promise<Result<readonly WritableDisk[]>>;
  latch(disk: Serial): Promise<Result<Latch | undefined>>;
  /** What every drive tells of itself, those behind a MegaRAID too, and what the light system's kernel logs of them. */
  health(): Promise<Result<HealthReading>>;
  /** What the disk can do to erase itself, and what lies on it. */
  medium(disk: Serial): Promise<Result<MediumFacts>>;
  wipe(disk: Serial): Promise<Result<WipeState>>;
  /** Offsets of the samples that are not entirely zero, read from the medium past the page cache. */
  notZero(disk: Serial, samples: readonly Sample[]): Promise<Result<readonly Sample[]>>;
  /** The same of those in which a bit is not one. */
  notOnes(disk: Serial, samples: readonly Sample[]): Promise<Result<readonly Sample[]>>;
  /** Reads the whole disk from a frame on, for evidence; each frame waits until it is kept. */
  image(
    disk: Serial,
    from: number,
    keep: (frame: Frame, sizeBytes: number) => Promise<Result<void>>,
    signal: AbortSignal,
  ): Promise<Result<void>>;
  /** SHA-256 of each range as it is on the disk now. */
  digests(
    disk: Serial,
    ranges: readonly Sample[],
    progress?: (done: number) => void,
  ): Promise<Result<readonly Sha256[]>>;
  /** Chunks of the image that this light system has written and read back by its last orders, whoever gave them. */
  written(disk: Serial, image: Sha256): Promise<Result<readonly number[]>>;
  /** Every entry of the installed system's root, read past everything that the system itself would say. */
  tree(disk: Serial, image: OsImage): Promise<Result<readonly TreeEntry[]>>;
  /** Content of files on the installed system, by absolute path; undefined where a file is missing. */
  installed(disk: Serial, paths: readonly string[]): Promise<Result<readonly (string | undefined)[]>>;
}

export interface InstallFile {
  /** Absolute path in the new system. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** A connection that broke under a transfer, told once the transfer goes on. */
export interface Cut {
  readonly says: string;
  /** From the last chunk that was acknowledged before it to the first after it. */
  readonly seconds: number;
  /** Bytes that had been sent and had to be sent again. */
  readonly bytesAgain: number;
  /** Connections that it took. */
  readonly attempts: number;
}

/** What is to be brought to a disk, and from where. */
export interface Delivery {
  readonly image: DiskImage;
  /** The chunks to bring, in the image's order. */
  readonly want: readonly Chunk[];
  /** Servers the target fetches them from. What these do not bring, and all of it without any, comes from here by SSH. */
  readonly from: readonly ImageSource[];
  /** A chunk's compressed bytes, verified as they are read. */
  readonly packed: (chunk: Chunk) => Promise<Uint8Array>;
  /** Called once for each chunk that is on the disk, one at a time, in no order. What it throws comes back to the caller. */
  readonly written: (chunk: Chunk) => Promise<void>;
  /** Told once the transfer goes on after a connection has broken. */
  readonly cut?: (cut: Cut) => Promise<void>;
  /** What a source did that a person should know. */
  readonly note?: (says: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Target extends TargetLook {
  /** Starts the erase and returns once the light system has accepted it; `wipe()` follows it. Refused twice for one run. */
  startWipe(disk: Serial, method: WipeMethod): Promise<Result<void>>;
  /**
   * Takes up an erase that a disk began, or finished, under an earlier start of the light system; sends the disk nothing.
   * Refused where the disk is at none and says of none that it succeeded, or where this run's canary is still there.
   */
  adoptWipe(disk: Serial, method: WipeMethod): Promise<Result<void>>;
  /** Has nothing more to do with a disk: what it carries out by itself goes on, and no longer holds up the machine's end. */
  leave(disk: Serial): Promise<Result<void>>;
  /** Writes `latch` on the disk. */
  setLatch(disk: Serial, state: Latch['state']): Promise<Result<void>>;
  /**
   * Brings chunks to the disk. The light system is given the orders once and works on them by itself, whatever becomes
   * of this connection or this process; asked again for the same image, it goes on where it is. A chunk counts once it
   * has been read back from the disk with the right digest.
   */
  write(disk: Serial, delivery: Delivery): Promise<Result<{readonly bytesSent: number}>>;
  /** Moves the backup partition table to the disk's end, and grows the root partition and its file system. */
  grow(disk: Serial, image: OsImage): Promise<Result<void>>;
  /** Puts files into the installed system, each as a whole or not at all. */
  put(disk: Serial, image: OsImage, files: readonly InstallFile[]): Promise<Result<void>>;
  /** Tells UEFI to start the EFI system on this partition of a disk this run has written, next and only then. */
  startNext(disk: Serial, partition: number): Promise<Result<void>>;
  /** Starts a staged kernel in the light system's own place: once this has been accepted, the light system goes. */
  launch(disk: Serial, launch: Launch): Promise<Result<void>>;
  /** Flushes everything and goes down, so that the BMC can start the machine from its disk. */
  settle(): Promise<Result<void>>;
}

// --- The suspect: the host while its old system runs, and what is kept of it

export interface SuspectFacts {
  /** The program of ours that runs there, as it was hashed there after it had been pushed. */
  readonly tool: Tool;
  readonly script: Sha256;
  /** Our commands cannot write to its disks, not even a time of access: they run behind read-only mounts of their own. */
  readonly sealed: boolean;
  /** What each command begins with; `SCRATCH` stands for our folder in its memory. */
  readonly argv: readonly string[];
}

export interface CollectLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** What became of one collection; what had come is in the sink either way. */
export interface Collected {
  readonly complete: boolean;
  /** Which of its limits ended it, where one did. */
  readonly cut?: keyof CollectLimits;
  readonly reason?: string;
}

export interface ItemSink {
  write(data: Uint8Array): Promise<void>;
}

/** Hostile: all that it answers goes into a sink, unread. */
export interface Suspect {
  /** Logs in, puts our tools into its memory and holds what lies there against what was pushed. */
  enter(signal: AbortSignal): Promise<Result<SuspectFacts>>;
  /** Runs one verb of our collector. A fault means that the host could not be asked. */
  collect(
    verb: readonly string[],
    limits: CollectLimits,
    sink: ItemSink,
    signal: AbortSignal,
  ): Promise<Result<Collected>>;
  /** Ends what is left of ours there and removes it. */
  leave(signal: AbortSignal): Promise<Result<void>>;
}

/** A bundle whose manifest was signed. */
export interface Sealed {
  /** Digest of the manifest, as `sha256sum` reads it. */
  readonly manifest: Sha256;
  readonly items: number;
  readonly bytes: number;
  /** Its custody records, of all attempts, oldest first. */
  readonly records: readonly Custody[];
  /** Where the data is, and where the seal is kept apart from it. */
  readonly data: string;
  readonly seal: string;
}

export interface EvidenceLook {
  /**
   * The bundle held against its seal: `whole` reads every byte again, else the seal, every file's size and what is small.
   * Undefined where there is no sealed bundle of this name; `evidence.differs` where it is not as it was sealed.
   */
  check(bundle: string, how: 'whole' | 'quick'): Promise<Result<Sealed | undefined>>;
}

export interface Evidence extends EvidenceLook {
  /** The bundle as an earlier attempt has left it, or a new one. A sealed one takes nothing more. */
  open(bundle: string): Promise<Result<Vault>>;
}

/** A custody record but for what the vault itself knows; without a tool, it was this program that asked. */
export type Recorded = Omit<Custody, 'case' | 'host' | 'asset' | 'operator' | 'hashAlso' | 'access' | 'tool'> & {
  readonly tool?: Tool;
};

export interface NewItem extends ItemSink {
  /** The id it is recorded under. */
  readonly id: string;
  /** Durable when it resolves. */
  end(): Promise<Result<{readonly file?: string; readonly bytes: number; readonly sha256?: Sha256}>>;
}

/** A disk's image as it is kept. */
export interface KeptImage {
  /** The frame to go on with. */
  readonly next: number;
  /** What could not be read of all frames so far, those of earlier attempts among them. */
  unread(): readonly Range[];
  keep(frame: Frame, sizeBytes: number): Promise<Result<void>>;
  /** Makes durable what has come, so that a later attempt goes on from there; nothing more is kept here. */
  pause(): Promise<void>;
  /** Reads all of it back, frame by frame. */
  end(
    sizeBytes: number,
    tell?: Tell,
  ): Promise<
    Result<{readonly file: string; readonly bytes: number; readonly sha256: Sha256; readonly rawSha256: Sha256}>
  >;
}

/** What comes as one stream too large to be taken again from its beginning. */
export interface KeptStream {
  /** The byte to go on with. */
  readonly from: number;
  /** Of all that came so far, with earlier attempts: the ranges that were written as unread. */
  unread(): readonly Range[];
  /** With `unreadAt` the data stand for what could not be read, and say so: from that place on, wherever it counts from. */
  write(data: Uint8Array, unreadAt?: number): Promise<Result<void>>;
  /** Makes durable what can be gone on from; nothing more is kept here. */
  pause(): Promise<void>;
  /** Reads all of it back. */
  end(tell?: Tell): Promise<
    Result<{
      readonly file: string;
      readonly bytes: number;
      readonly sha256: Sha256;
      readonly rawBytes: number;
      readonly rawSha256: Sha256;
    }>
  >;
}

export interface Vault {
  /** All records so far, those of earlier attempts among them, oldest first. */
  readonly held: readonly Custody[];
  /** A file for `name`, which is ours and not the host's. */
  begin(name: string, form: string): Promise<Result<NewItem>>;
  record(record: Recorded): Promise<Result<void>>;
  /** The disk's image as an earlier attempt has left it, or a new one. */
  image(disk: Serial): Promise<Result<KeptImage>>;
  /** The same for a dump of RAM; `name` is ours. */
  stream(name: `memory-${string}`, form: 'lime'): Promise<Result<KeptStream>>;
  /** Writes and signs the manifest; nothing can be added after. */
  seal(tell?: Tell): Promise<Result<Sealed>>;
}

// --- The new system

export interface RenewedFacts {
  readonly bootId: string;
  readonly hostname: string;
  readonly hostPin: HostKeyPin;
  /** IPv4 addresses with prefix length, per interface MAC. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly defaultGateway: string | undefined;
  /** Serial number of the disk that holds the root file system. */
  readonly rootDisk: string | undefined;
  readonly release: string;
  /** Which image was installed: its digest, as the install wrote it. */
  readonly image: string | undefined;
}

/** What of the new system could let somebody stay, as it says itself. */
export interface Inventory {
  /** What starts by itself, keys, SUID files: files and links, with the digests of files. */
  readonly entries: readonly TreeEntry[];
  /** Sockets that take connections or datagrams. */
  readonly listeners: readonly {readonly port: Port; readonly address: string}[];
}

export interface RenewedLook {
  inventory(): Promise<Result<Inventory>>;
  /** Asks the new system over SSH with the pinned key; a fault where it does not answer or is another. */
  hello(): Promise<Result<RenewedFacts>>;
}
