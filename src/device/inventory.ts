import {ok, failed, type Result} from '../result.ts';
import {fault} from '../fault.ts';
import type {Port} from '../runbook/runbook.ts';
import type {TreeEntry} from '../step/system/tree.ts';
import type {Inventory} from '../step/world/renewed.ts';
import {printable} from './ssh/printable.ts';
import type {SshSession} from './ssh/session.ts';
import {byNul, digestsByName} from './tree-records.ts';

const idleMs = 5 * 60_000;
const mostBytes = 16 * 1024 * 1024;

// Where a system keeps what starts by itself, for the system and for its users (UNIT FILE LOAD PATH in systemd.unit(5)),
// and who may log in; what runs with another's rights lies anywhere.
const inHome = '.ssh .config/systemd .local/share/systemd';
const inRuntime = 'user user.control transient generator generator.early generator.late';
const places = [
  '/etc/systemd /usr/lib/systemd /usr/local/lib/systemd /etc/xdg/systemd',
  '/usr/share/systemd/user /usr/local/share/systemd/user /var/lib/systemd/linger',
  ...`system system.control ${inRuntime}`.split(' ').map((name) => `/run/systemd/${name}`),
  ...inRuntime.split(' ').map((name) => `/run/user/*/systemd/${name}`),
  ...['', '/root', '/home/*', '/etc/skel'].flatMap((home) => inHome.split(' ').map((name) => `${home}/${name}`)),
  '/etc/cron* /etc/anacrontab /var/spool/cron /var/spool/at /etc/ssh /etc/ld.so.*',
].join(' ');
const look = String.raw`export LC_ALL=C
record='%y\0%m\0%U\0%G\0%s\0%p\0%l\0'
set --
while IFS=: read -r _ _ _ _ _ home _; do
  case $home in /?*) for name in ${inHome}; do set -- "$@" "$home/$name"; done ;; esac
done </etc/passwd
set -- ${places} "$@" -xdev
{
  find "$@" \( -type f -o -type l \) -printf "$record" 2>/dev/null
  find / -xdev -type f -perm /6000 -printf "$record"
} | base64 -w 0
echo
{
  find "$@" -type f -print0 2>/dev/null
  find / -xdev -type f -perm /6000 -print0
} | sort -zu | xargs -0r sha256sum -z -- | base64 -w 0
echo
ss -Hlntu`;

/** Asks the new system for what could let somebody stay on it. */
export async function readInventory(session: SshSession): Promise<Result<Inventory>> {
  const output = await session.exec(['sh', '-c', look], {idleMs, maxBytes: mostBytes});
  if (!output.ok) return output;
  const {code, stdout, stderr} = output.value;
  if (code !== 0)
    return failed(fault('host.differs', `the new system could not be listed: ${printable(stderr)}`, {detail: {code}}));
  return inventoryIn(stdout);
}

/** What `look` printed: entries, digests, and a line for each socket. */
export function inventoryIn(text: string): Result<Inventory> {
  const [entries = '', sums = '', ...sockets] = text.trimEnd().split('\n');
  const digests = digestsByName(Buffer.from(sums, 'base64'));
  const fields = byNul(Buffer.from(entries, 'base64'));
  const listeners = sockets.map(listenerIn);
  if (digests === undefined || fields.length % 7 !== 0 || !listeners.every((each) => each !== undefined))
    return failed(fault('answer.garbled', 'the new system’s list of itself is misshapen'));
  const found = new Map<string, TreeEntry>();
  for (let index = 0; index < fields.length; index += 7) {
    const [type, mode = '', uid = '', gid = '', size = '', path = '', to = ''] = fields.slice(index, index + 7);
    const sha256 = digests.get(path);
    const numbers = /^[0-7]{1,4}$/.test(mode) && [uid, gid, size].every((each) => /^\d{1,15}$/.test(each));
    if (!numbers || (type !== 'f' && type !== 'l') || (type === 'f' && sha256 === undefined))
      return failed(fault('answer.garbled', 'an entry of the new system’s list of itself is misshapen'));
    const owner = {path, mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid)};
    found.set(
      path,
      type === 'l'
        ? {...owner, type: 'link', to}
        : {...owner, type: 'file', size: Number(size), ...(sha256 !== undefined && {sha256})},
    );
  }
  return ok({entries: [...found.values()], listeners});
}

/** A line of `ss -Hlntu`: protocol, state, queues, the address and port here. */
function listenerIn(line: string): Inventory['listeners'][number] | undefined {
  const [, protocol, local = ''] = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+)/.exec(line) ?? [];
  const [, address = '', port] = /^\[?([0-9A-Fa-f:.*]+)(?:%[\w.-]+)?\]?(?:%[\w.-]+)?:(\d{1,5})$/.exec(local) ?? [];
  return protocol !== undefined && port !== undefined
    ? {address, port: `${protocol as 'tcp' | 'udp'}/${Number(port)}` satisfies Port}
    : undefined;
}
