import {ok, type Result} from '../result.ts';
import type {Port} from '../runbook/runbook.ts';
import {judged, notMade, type Check} from './check.ts';
import {bare} from './port.ts';
import type {Hand} from './step.ts';
import {addressesOf} from './try-paths.ts';
import type {Look, Reach, Vantage} from './world.ts';

const numbered = (protocol: 'tcp' | 'udp', numbers: readonly number[]): readonly Port[] =>
  numbers.map((number): Port => `${protocol}/${number}`);

const everyTcpPort = numbered(
  'tcp',
  Array.from({length: 65_535}, (_, index) => index + 1),
);

// What is most often found open on servers, and what backdoors have used: for vantages where trying every port takes
// hours (closed ports are silence) or minutes (each goes through another server's SSH).
const tellingTcp = numbered(
  'tcp',
  [
    21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 465, 587, 631, 873, 993, 995, 1080, 1337, 1433,
    2049, 2222, 2375, 2376, 3128, 3306, 3333, 3389, 4444, 5000, 5432, 5555, 5900, 5985, 6379, 6443, 6666, 6667, 7777,
    8000, 8080, 8081, 8443, 8888, 9000, 9001, 9090, 9200, 10_000, 11_211, 14_444, 25_565, 27_017, 31_337, 45_700,
  ],
);

// What answers over UDP on servers, amplifies, or has carried backdoors.
const tellingUdp = numbered(
  'udp',
  [
    53, 67, 69, 111, 123, 137, 138, 161, 389, 443, 500, 514, 520, 623, 631, 1194, 1434, 1701, 1812, 1900, 2049, 3478,
    3702, 4500, 5060, 5353, 5355, 5683, 11_211, 19_132, 27_015, 31_337, 51_820,
  ],
);

export interface Scan {
  readonly expect: readonly Port[];
  readonly refused: readonly Port[];
}

export interface Scanned {
  readonly checks: readonly Check[];
  /** How many ports were tried of each address from each vantage. */
  readonly tried: Readonly<Record<string, number>>;
}

/**
 * From every vantage: of the host's own address exactly the declared ports are open, TCP and UDP; of its other
 * addresses, IPv4 and IPv6, none.
 */
export async function portChecks(look: Look, {expect, refused}: Scan, hand: Hand): Promise<Result<Scanned>> {
  const own = bare(look.runbook.network.address);
  const tried: Record<string, number> = {};
  const wrong: string[] = [];
  const asked: string[] = [];
  const of = look.vantages.length * addressesOf(look).length;
  for (const vantage of look.vantages)
    for (const address of addressesOf(look)) {
      const declared = address === own ? expect : [];
      const tcp = await worthTrying(vantage, address, vantage === look.vantages[0]);
      if (!tcp.ok) return tcp;
      const trying = [...new Set([...tcp.value, ...declared.filter(isTcp)])];
      const done = Object.keys(tried).length;
      hand.progress({says: `${trying.length} ports of ${address} from ${vantage.name}`, done, of, unit: 'items'});
      const open = await vantage.scan(address, trying);
      if (!open.ok) return open;
      tried[address === own ? vantage.name : `${vantage.name} ${address}`] = trying.length;
      wrong.push(...tcpDifferences({declared, open: open.value, address, from: vantage.name}));
      if (vantage.udp) {
        const reached = await askAll(vantage, address, [...new Set([...tellingUdp, ...declared.filter(isUdp)])]);
        if (!reached.ok) return reached;
        wrong.push(...udpDifferences({declared, reached: reached.value, address, from: vantage.name}));
        asked.push(`${vantage.name} ${address}`);
      }
      if (address === own)
        for (const port of refused.filter(isTcp)) {
          const reach = await vantage.reach(address, port);
          if (!reach.ok) return reach;
          if (reach.value === 'open') wrong.push(`${port} is open from ${vantage.name} and must stay shut`);
        }
    }
  const most = Math.max(...Object.values(tried));
  return ok({
    tried,
    checks: [
      judged('ports', wrong, `of ${most} TCP ports ${expect.filter(isTcp).join(', ') || 'none'} open, no other`),
      ...(asked.length > 0 ? [] : [notMade('udp ports', 'no vantage here can send a datagram')]),
      ...expect.filter(isUdp).map((port) => notMade(port, 'a service over UDP may be open and answer nothing')),
    ],
  });
}

interface Of {
  readonly declared: readonly Port[];
  readonly address: string;
  readonly from: string;
}

export const tcpDifferences = ({declared, open, address, from}: Of & {readonly open: readonly Port[]}) => [
  ...declared
    .filter((port) => isTcp(port) && !open.includes(port))
    .map((port) => `${port} of ${address} is not open from ${from}`),
  ...open.filter((port) => !declared.includes(port)).map((port) => `${port} of ${address} is open from ${from}`),
];

/** Silence is what an open port and a dropped datagram have in common: only an answer, or its refusal, says anything. */
export const udpDifferences = ({
  declared,
  reached,
  address,
  from,
}: Of & {readonly reached: ReadonlyMap<Port, Reach>}): readonly string[] =>
  [...reached].flatMap(([port, reach]) => {
    if (declared.includes(port)) return reach === 'refused' ? [`${port} of ${address} is refused from ${from}`] : [];
    return reach === 'open' ? [`${port} of ${address} answers ${from}`] : [];
  });

async function askAll(
  vantage: Vantage,
  address: string,
  ports: readonly Port[],
): Promise<Result<ReadonlyMap<Port, Reach>>> {
  const answers = await Promise.all(ports.map((port) => vantage.reach(address, port)));
  const reached = new Map<Port, Reach>();
  for (const [index, answer] of answers.entries()) {
    if (!answer.ok) return answer;
    const port = ports[index];
    if (port !== undefined) reached.set(port, answer.value);
  }
  return ok(reached);
}

/** Ports to try from a place: all of them from the controller, as long as closed ones answer there. */
async function worthTrying(vantage: Vantage, address: string, own: boolean): Promise<Result<readonly Port[]>> {
  if (!own) return ok(tellingTcp);
  for (const port of ['tcp/1', 'tcp/65535'] as const) {
    const reach = await vantage.reach(address, port);
    if (!reach.ok) return reach;
    if (reach.value === 'silent') return ok(tellingTcp);
  }
  return ok(everyTcpPort);
}

const isTcp = (port: Port): boolean => port.startsWith('tcp/');
const isUdp = (port: Port): boolean => port.startsWith('udp/');
