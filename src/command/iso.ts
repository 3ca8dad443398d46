import {resolve} from 'node:path';
import {runId, type HostKeyPin} from '../brand.ts';
import {newEd25519} from '../device/ssh-key/ed25519.ts';
import {fingerprint, privateKeyText} from '../device/ssh-key/openssh-key.ts';
import {fault} from '../fault.ts';
import {buildBase, type LightBase} from '../image/light/base.ts';
import {buildIso, type Iso} from '../image/light/iso.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {Secret} from '../secret.ts';
import {bytes} from '../view/bytes.ts';
import {table} from '../view/table.ts';

export interface IsoWish {
  /** The host whose ISO is wanted; without one, only the base that all hosts share is made. */
  readonly runbook?: Runbook;
  /** Where the ISO goes; `HOST-light.iso` here unless given. */
  readonly output?: string;
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
}

export interface MadeIso {
  readonly base: LightBase;
  readonly host?: {
    readonly iso: Iso;
    readonly hostPin: HostKeyPin;
    readonly address: string;
  };
}

/**
 * The light ISO outside any run, to look at a host or to try a BMC: its host key is made now, the runbook's first
 * authorized key may log in, and its plan names no disk, so its agent erases and writes none.
 */
export async function makeIso({runbook, output, progress, signal}: IsoWish = {}): Promise<Result<MadeIso>> {
  const authorizedKey = runbook?.access.authorizedKeys[0];
  if (runbook && authorizedKey === undefined)
    return failed(
      fault('image.build-failed', `nobody could log in: the runbook of ${runbook.host.name} names no key`, {
        next: 'add your public key to access.keys, then: rebuild iso HOST',
      }),
    );
  const base = await buildBase({...(progress && {progress}), ...(signal && {signal})});
  if (!base.ok) return base;
  if (!runbook || authorizedKey === undefined) return ok({base: base.value});
  const {host, network} = runbook;
  // Runs are counted from 1.
  const run = runId(`${host.name}-0`);
  if (!run) throw new Error(`${host.name} makes no run id`);
  const key = newEd25519();
  const iso = await buildIso(
    base.value,
    {
      run,
      address: network.address,
      gateway: network.gateway,
      mac: network.mac,
      dns: network.dns,
      hostKey: new Secret(privateKeyText(key, 'rebuild-light')),
      authorizedKey,
      plan: {wipe: [], install: []},
    },
    resolve(output ?? `${host.name}-light.iso`),
  );
  if (!iso.ok) return iso;
  return ok({base: base.value, host: {iso: iso.value, hostPin: fingerprint(key), address: network.address}});
}

/** What `rebuild iso --json` prints. Sizes are bytes; a part without `packedBytes` is compressed within the archive. */
export function isoDocument({base, host}: MadeIso) {
  const {digest, kernel, lock, parts} = base;
  return {
    base: {digest, kernel, packages: lock, parts},
    ...(host && {iso: {...host.iso, hostKey: host.hostPin, address: host.address}}),
  };
}

/** The same for a person, with a line end. */
export function renderIso({base, host}: MadeIso): string {
  const rows = base.parts.map(({name, files, bytes: size, packedBytes}) => [
    name,
    String(files),
    size === 0 ? '' : bytes(size),
    packedBytes === undefined ? '' : bytes(packedBytes),
  ]);
  const columns = [
    {head: 'part'},
    {head: 'files', align: 'right'},
    {head: 'in RAM', align: 'right'},
    {head: 'on the medium', align: 'right'},
  ] as const;
  const facts = [
    ['linux', base.kernel],
    ['packages', base.lock],
    ['base', base.digest],
    ...(host
      ? [
          ['iso', `${host.iso.file}, ${bytes(host.iso.bytes)}`],
          ['sha256', host.iso.sha256],
          ['answers', `root@${host.address.split('/')[0]} with host key ${host.hostPin}; may erase no disk`],
        ]
      : []),
  ];
  const lines = [...table(columns, rows), '', ...facts.map(([name = '', text = '']) => `${name.padEnd(10)}${text}`)];
  return `${lines.join('\n')}\n`;
}
