import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {HostName} from '../../../src/brand.ts';
import {nftablesEdge} from '../../../src/device/firewall/edge.ts';
import type {Result} from '../../../src/result.ts';
import type {Scanned} from '../../../src/step/port/scan.ts';
import {haveSshd, startSshd, type Sshd} from '../ssh/sshd.ts';
import {address, hostMac, Network} from './network.ts';
import type {LookOrder} from './station/look.ts';

// host.verify's look from outside, with real SSH servers to look from and real ports, behind the rules of a host that
// serves. The host answers on 22, 53, 80, 443 and 445, TCP and UDP.

const words = (word: string) => [
  {ok: true, value: {'tcp/1': word, 'tcp/443': word}},
  {ok: true, value: {is: 'asked', reached: {'udp/53': word, 'udp/123': word}}},
];

describe.runIf(process.getuid?.() === 0 && haveSshd)(
  'all ports from outside, in network namespaces (needs root, ip, nft and sshd)',
  () => {
    let network: Network;
    const servers: Sshd[] = [];
    let places: LookOrder['places'];

    beforeAll(async () => {
      network = await Network.build('bridged');
      const stations = [
        ['outside', address.outside],
        ['neighbour', address.neighbour],
      ] as const;
      places = await Promise.all(
        stations.map(async ([name, at]) => {
          const sshd = await startSshd([], {on: network.on(name), address: at});
          servers.push(sshd);
          const {port, user, hostKey, key} = sshd;
          return {name, key, spec: {address: at, port, user, hostKey, key: 'env:KEY'} as const};
        }),
      );
      const edge = nftablesEdge({
        exec: network.exec,
        anew: network.anew,
        host: 'marruuk' as HostName,
        address: address.host,
        interface: 'host0',
        router: address.lan,
        mac: hostMac,
      });
      const enforced = await edge.enforce({
        mode: 'serving',
        admit: [address.controller],
        open: ['tcp/443', 'udp/53'],
        out: [],
        block: ['tcp/445'],
      });
      if (!enforced.ok) throw new Error(enforced.fault.says);
    });
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await network.close();
    });

    const look = (order: LookOrder['look']) =>
      network.ask('controller', 'look.ts', {controller: address.controller, places, look: order} satisfies LookOrder);

    test('what each place finds is told, and what none could try is not made', async () => {
      const scanned = (await look({
        is: 'whole',
        expect: ['tcp/443', 'udp/53'],
        refused: ['tcp/445'],
      })) as Result<Scanned>;
      if (!scanned.ok) throw new Error(scanned.fault.says);
      const verdicts = scanned.value.checks.map(({check, verdict, says}) => [check, `${verdict}: ${says}`]);
      expect(Object.fromEntries(verdicts)).toEqual({
        // The rules admit this controller's SSH: from there one port more is open than is declared.
        'tcp over IPv4 from controller': 'failed: tcp/22 of 203.0.113.20 is open from controller',
        'udp over IPv4 from controller': 'passed: of 33 ports 1 answer, 32 are refused, 0 silent',
        'tcp over IPv4 from outside': 'passed: of 65,535 ports tcp/443 open, no other',
        'udp over IPv4 from outside': 'passed: of 33 ports 1 answer, 32 are refused, 0 silent',
        // The bridge can only drop.
        'tcp over IPv4 from neighbour': 'passed: of 58 ports tcp/443 open, no other',
        'tcp over IPv4 from neighbour, the other 65,477 ports':
          'not made: closed ports are silence there: all would take 3 minutes',
        'udp over IPv4 from neighbour': 'passed: of 33 ports 1 answer, 0 are refused, 32 silent',
        'udp/53': 'passed: answers controller and outside and neighbour',
        IPv6: 'not made: network.aliases names no IPv6 address of the host',
      });
    }, 180_000);

    test('a place without IPv6 says so, over TCP and UDP; the others reach the host over it, or meet silence', async () => {
      network.at('neighbour', 'ip', '-6', 'route', 'flush', 'default');
      network.at('neighbour', 'ip', '-6', 'address', 'flush', 'dev', 'eth0');
      const few = {is: 'few', at: address.host6, tcp: ['tcp/1', 'tcp/443'], udp: ['udp/53', 'udp/123']} as const;
      expect(await look(few)).toEqual([
        ['controller', ...words('no route')],
        ['outside', ...words('silent')],
        ['neighbour', ...words('no route')],
      ]);
    });
  },
);
