import {setTimeout} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {HostName} from '../../../src/brand.ts';
import {nftablesEdge} from '../../../src/device/firewall/edge.ts';
import {ok, type Result} from '../../../src/result.ts';
import type {Exec} from '../../../src/device/firewall/exec.ts';
import {samePolicy} from '../../../src/step/isolation/edge-policy.ts';
import type {Edge, EdgePolicy} from '../../../src/step/world/edge.ts';
import {address, hostMac, Network, type Station, type Target} from './network.ts';

const quarantine: EdgePolicy = {mode: 'quarantine', admit: [address.controller]};
const serving: EdgePolicy = {
  mode: 'serving',
  admit: [address.controller],
  open: ['tcp/443', 'udp/53'],
  out: ['tcp/53', 'tcp/443', 'tcp/445', 'udp/53'],
  block: ['tcp/445'],
};
const foreign = `
table inet router {
  chain forward { type filter hook forward priority filter; policy accept; ct state established accept; tcp dport 9999 drop; }
}
table bridge switch {
  chain forward { type filter hook forward priority filter; policy accept; ether type 0x88cc drop; }
}
`.replaceAll(/; }/g, ';\n }');

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}
const tcp = (at: string, port: number, more: Partial<Target> = {}): Target => ({address: at, port, ...more});
const udp = (at: string, port: number, more: Partial<Target> = {}): Target => ({address: at, port, udp: true, ...more});

/** Everything a host could be asked for, on every path. */
const toHost: readonly Target[] = [22, 80, 443, 445].flatMap((port) => [tcp(address.host, port)]);
const linkLocal = 'fe80::5054:ff:fe00:20';
const toHost6: readonly Target[] = [22, 443].map((port) => tcp(address.host6, port));

const same = (words: readonly string[], word: string): void => expect(new Set(words)).toEqual(new Set([word]));
const closed = (words: readonly string[]): void => {
  for (const word of words) expect(['refused', 'silent']).toContain(word);
};

/** What every gateway must do, whichever way its port leads to the host. */
export function isolates(shape: 'bridged' | 'routed'): void {
  describe.runIf(process.getuid?.() === 0)('a gateway in network namespaces (needs root, ip and nft)', () => {
    let network: Network;
    let edge: Edge;
    let before: string;
    const reach = (from: Station, ...targets: readonly Target[]) => network.reach(from, targets);

    beforeAll(async () => {
      network = await Network.build(shape);
      network.nft(foreign);
      before = network.gateway('nft', '-s', 'list', 'ruleset');
      edge = nftablesEdge({
        exec: network.exec,
        anew: network.anew,
        host: 'marruuk' as HostName,
        address: address.host,
        interface: 'host0',
        router: address.lan,
        mac: hostMac,
      });
    });
    afterAll(() => network.close());

    test('before anything is enforced every path is open: the network itself hides nothing', async () => {
      expect(must(await edge.policy())).toBeUndefined();
      expect(must(await edge.refused())).toEqual({packets: 0});
      same(await reach('outside', ...toHost, ...toHost6, udp(address.host, 53)), 'open');
      same(await reach('controller', ...toHost), 'open');
      if (shape === 'bridged')
        same(
          await reach('neighbour', ...toHost, ...toHost6, udp(address.host, 53), tcp(`${linkLocal}%eth0`, 22)),
          'open',
        );
      same(await reach('gateway', ...toHost), 'open');
      same(
        await reach(
          'host',
          tcp(address.outside, 80),
          tcp(address.outside6, 80),
          tcp(address.lan, 443),
          tcp(address.controller, 80, {fromPort: 22_000}),
          udp(address.outside, 53),
        ),
        'open',
      );
    });

    test('in quarantine the controller’s SSH answers and nothing else does, in any direction', async () => {
      const attacker = await network.hold('host', address.outside, 443);
      const operator = await network.hold('controller', address.host, 22);
      expect([await attacker(), await operator()]).toEqual(['alive', 'alive']);

      must(await edge.enforce(quarantine));
      expect(must(await edge.policy())).toEqual(quarantine);
      // What was connected before: the operator stays, the attacker does not.
      expect([await attacker(), await operator()]).toEqual(['dead', 'alive']);

      expect(await reach('controller', ...toHost)).toEqual(['open', 'refused', 'refused', 'refused']);
      // Who asks over a router is told at once.
      same(await reach('outside', ...toHost, udp(address.host, 53)), 'refused');
      const within = [...toHost, ...toHost6, udp(address.host, 53)];
      const words = await Promise.all([
        reach('neighbour', ...within, tcp(`${linkLocal}%eth0`, 22)),
        reach('gateway', ...within),
        reach('outside', ...toHost6),
      ]);
      closed(words.flat());

      await network.mute('host');
      closed(
        await reach(
          'host',
          tcp(address.outside, 80),
          tcp(address.outside, 443, {fromPort: 22}),
          tcp(address.outside6, 80),
          udp(address.outside, 53),
          udp(address.lan, 53),
          tcp(address.lan, 22),
          tcp(address.lan6, 22),
          tcp(address.gateway, 22),
          tcp(address.neighbour, 80),
          tcp(address.neighbour, 443, {fromPort: 22}),
          tcp(address.neighbour6, 80),
          udp(address.neighbour, 53),
          // From the one port that may answer, and to the one address: a new connection all the same.
          tcp(address.controller, 443, {fromPort: 22}),
          tcp(address.controller, 22),
          // Under another address than its own.
          tcp(address.outside, 80, {from: '203.0.113.99'}),
          tcp(address.neighbour, 80, {from: '203.0.113.99'}),
        ),
      );
      await network.serve('host');
      expect(must(await edge.refused()).packets).toBeGreaterThan(20);
    });

    test('in quarantine the host opens connections to the places named, and nobody gets in from there', async () => {
      const near = shape === 'bridged' ? [`${address.neighbour}:443`] : [];
      const {admit} = quarantine;
      const reaching: EdgePolicy = {mode: 'quarantine', admit, reach: [`${address.outside}:80`, ...near]};
      must(await edge.enforce(reaching));
      expect(samePolicy(must(await edge.policy()), reaching)).toBe(true);
      expect(await reach('host', tcp(address.outside, 80))).toEqual(['open']);
      if (shape === 'bridged') expect(await reach('host', tcp(address.neighbour, 443))).toEqual(['open']);
      closed(
        await reach(
          'host',
          tcp(address.outside, 443),
          udp(address.outside, 53),
          tcp(address.outside6, 80),
          tcp(address.outside, 80, {from: '203.0.113.99'}),
          tcp(address.neighbour, 80),
          tcp(address.neighbour, 22),
          tcp(address.lan, 80),
          tcp(address.gateway, 80),
          tcp(address.controller, 80),
        ),
      );
      const fetching = await network.hold('host', address.outside, 80);
      expect(await fetching()).toBe('alive');
      // From the very port that the host may call.
      for (const [from, fromPort] of [['outside', 80] as const, ...near.map(() => ['neighbour', 443] as const)]) {
        await network.mute(from);
        closed(await reach(from, ...[22, 80, 443].map((port) => tcp(address.host, port, {fromPort}))));
        await network.serve(from);
      }
      must(await edge.enforce(quarantine));
      expect(await fetching()).toBe('dead');
      closed(await reach('host', tcp(address.outside, 80), tcp(address.neighbour, 443)));
    });

    test('others on the same gateway notice nothing', async () => {
      same(await reach('outside', tcp('198.51.100.1', 22), tcp(address.controller, 22)), 'open');
      if (shape === 'routed') return;
      const elsewhere = [tcp(address.outside, 80), tcp(address.outside6, 80), tcp(address.gateway, 22)];
      same(await reach('neighbour', ...elsewhere), 'open');
      same(await reach('outside', tcp(address.neighbour, 22), tcp(address.neighbour6, 22)), 'open');
    });

    if (shape === 'bridged')
      test('a host that takes another MAC address reaches nobody', async () => {
        network.at('host', 'ip', 'link', 'set', 'eth0', 'address', '52:54:00:00:00:66');
        network.gateway('ip', 'neigh', 'flush', 'dev', 'lan');
        closed(await reach('controller', tcp(address.host, 22)));
        network.at('host', 'ip', 'link', 'set', 'eth0', 'address', hostMac);
        network.gateway('ip', 'neigh', 'flush', 'dev', 'lan');
        same(await reach('controller', tcp(address.host, 22)), 'open');
      });

    test('serving, what is open is open to all, what is blocked to none', async () => {
      must(await edge.enforce(serving));
      expect(must(await edge.policy())).toEqual(serving);
      expect(await reach('outside', ...toHost)).toEqual(['refused', 'refused', 'open', 'refused']);
      expect(await reach('outside', udp(address.host, 53), udp(address.host, 443))).toEqual(['open', 'refused']);
      expect(await reach('controller', ...toHost)).toEqual(['open', 'refused', 'open', 'refused']);
      closed(await reach('outside', ...toHost6));
      if (shape === 'bridged') {
        expect(await reach('neighbour', ...toHost)).toEqual(['silent', 'silent', 'open', 'silent']);
        expect(await reach('neighbour', udp(address.host, 53))).toEqual(['open']);
        closed(await reach('neighbour', ...toHost6));
      }
      closed(
        await reach(
          'host',
          tcp(address.outside, 445),
          tcp(address.outside, 80),
          tcp(address.lan, 22),
          tcp(address.outside6, 80),
          tcp(address.outside6, 443),
          udp(address.outside, 443),
          tcp(address.neighbour, 445),
        ),
      );
      await network.mute('host');
      const served = [445, 443, 22].map((fromPort) => tcp(address.outside, 80, {fromPort}));
      closed(await reach('host', ...served));
      await network.serve('host');
    });

    test('serving, the host opens connections to what is let out, and to nothing else', async () => {
      must(await edge.enforce(serving));
      const names = [tcp(address.outside, 53), udp(address.outside, 53), udp(address.lan, 53)];
      same(await reach('host', tcp(address.outside, 443), tcp(address.lan, 443), ...names), 'open');
      // 445 is let out and blocked.
      const kept = [22, 80, 445].map((port) => tcp(address.outside, port));
      closed(await reach('host', ...kept, udp(address.outside, 80), tcp(address.outside, 443, {from: '203.0.113.99'})));
      if (shape === 'routed') return;
      // Nobody follows connections between ports of one bridge; nor does the way over the router lead there.
      const near = [tcp(address.neighbour, 443), tcp(address.neighbour6, 443), udp(address.neighbour, 53)];
      closed(await reach('host', ...near));
      network.at('host', 'ip', 'route', 'add', address.neighbour, 'via', address.lan);
      closed(await reach('host', ...near));
      must(await edge.lift());
      expect(await reach('host', tcp(address.neighbour, 443))).toEqual(['open']);
      network.at('host', 'ip', 'route', 'del', address.neighbour);
    });

    test('nobody gets in by calling from a port that the host may call', async () => {
      must(await edge.enforce(serving));
      for (const from of shape === 'bridged'
        ? (['outside', 'neighbour', 'gateway'] as const)
        : (['outside', 'gateway'] as const)) {
        await network.mute(from);
        closed(
          await reach(
            from,
            ...[53, 443].flatMap((fromPort) => [22, 80].map((port) => tcp(address.host, port, {fromPort}))),
            udp(address.host, 80, {fromPort: 53}),
            udp(address.host, 443, {fromPort: 53}),
          ),
        );
        await network.serve(from);
      }
    });

    test('what the old system had open stays dead when the new one may open the same', async () => {
      must(await edge.lift());
      const attacker = await network.hold('host', address.outside, 443);
      expect(await attacker()).toBe('alive');
      must(await edge.enforce(quarantine));
      expect(await attacker()).toBe('dead');
      must(await edge.enforce(serving));
      expect(await attacker()).toBe('dead');
      const own = await network.hold('host', address.outside, 443);
      expect(await own()).toBe('alive');
      must(await edge.enforce(serving));
      expect(await own()).toBe('alive');
      must(await edge.enforce(quarantine));
      expect(await own()).toBe('dead');
    });

    test('a packet that belongs to no tracked connection is not taken for the first of a new one', async () => {
      must(await edge.enforce(serving));
      const own = await network.hold('host', address.outside, 443);
      const timeout = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established';
      const usual = network.gateway('cat', timeout);
      network.gateway('sh', '-c', `echo 1 > ${timeout}`);
      expect(await own()).toBe('alive');
      await setTimeout(2500);
      network.gateway('sh', '-c', `echo ${usual.trim()} > ${timeout}`);
      expect(await own()).toBe('dead');
      expect(await reach('host', tcp(address.outside, 443))).toEqual(['open']);
    });

    test('the gateway is asked no more often than its proof needs', async () => {
      let asked = 0;
      const exec: Exec = (argv, stdin) => {
        asked++;
        return network.exec(argv, stdin);
      };
      const counted = (): Edge =>
        nftablesEdge({
          exec,
          anew: async () => ok({exec, close: () => {}}),
          host: 'marruuk' as HostName,
          address: address.host,
          interface: 'host0',
          router: address.lan,
          mac: hostMac,
        });
      const times = async (ask: () => Promise<unknown>): Promise<number> => {
        asked = 0;
        await ask();
        return asked;
      };
      const first = counted();
      expect(await times(async () => must(await first.enforce(serving)))).toBe(3);
      expect(await times(async () => expect(must(await first.policy())).toEqual(serving))).toBe(1);
      // One that has not set the rules itself makes them anew to compare.
      const second = counted();
      expect(await times(async () => expect(must(await second.policy())).toEqual(serving))).toBe(2);
      expect(await times(async () => expect(must(await second.policy())).toEqual(serving))).toBe(1);
      // Changed and changed back, it is told each time.
      network.nft('add element inet rebuild-marruuk out-tcp { 80 }\n');
      expect(await second.policy()).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
      network.nft('delete element inet rebuild-marruuk out-tcp { 80 }\n');
      expect(must(await second.policy())).toEqual(serving);
      expect(await times(async () => must(await first.lift()))).toBe(1);
    });

    test('a policy that is already in force is enforced again without harm', async () => {
      must(await edge.enforce(quarantine));
      const operator = await network.hold('controller', address.host, 22);
      must(await edge.enforce(quarantine));
      expect(must(await edge.policy())).toEqual(quarantine);
      expect(await operator()).toBe('alive');
    });

    test.each([
      ['a rule is added', 'insert rule inet rebuild-marruuk forward accept'],
      ['a rule is added to the other family', 'insert rule bridge rebuild-marruuk output accept'],
      ['a place may be reached', 'add set inet rebuild-marruuk reach { type ipv4_addr . inet_service; }'],
      ['an address is admitted', 'add element inet rebuild-marruuk admit { 198.51.100.10 }'],
      ['a chain is emptied', 'flush chain inet rebuild-marruuk refuse-to'],
      ['one of the tables is gone', 'delete table bridge rebuild-marruuk'],
      ['the other is gone', 'delete table inet rebuild-marruuk'],
      ['they hold nothing of ours', 'delete table inet rebuild-marruuk\ntable inet rebuild-marruuk {\n}'],
    ])('it is told when %s behind our back', async (_, change) => {
      must(await edge.enforce(quarantine));
      network.nft(`${change}\n`);
      expect(await edge.policy()).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
      must(await edge.enforce(quarantine));
      expect(must(await edge.policy())).toEqual(quarantine);
    });

    test('after a flush by someone else there is no policy, and none is claimed', async () => {
      must(await edge.enforce(quarantine));
      network.nft('flush ruleset\n');
      expect(must(await edge.policy())).toBeUndefined();
      network.nft(foreign);
    });

    test('lifted, the gateway is exactly what it was, and every path is open again', async () => {
      must(await edge.enforce(quarantine));
      must(await edge.lift());
      expect(network.gateway('nft', '-s', 'list', 'ruleset')).toBe(before);
      must(await edge.lift());
      expect(must(await edge.policy())).toBeUndefined();
      same(await reach('outside', ...toHost, ...toHost6, udp(address.host, 53)), 'open');
      same(await reach('host', tcp(address.outside, 80), tcp(address.lan, 22)), 'open');
    });

    test('an interface that is not there, or is a whole bridge, is refused before anything is loaded', async () => {
      const wrong = (name: string): Edge =>
        nftablesEdge({
          exec: network.exec,
          anew: network.anew,
          host: 'marruuk' as HostName,
          address: address.host,
          interface: name,
        });
      for (const name of ['host7', 'lan'])
        expect(await wrong(name).enforce(quarantine)).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
      expect(network.gateway('nft', '-s', 'list', 'ruleset')).toBe(before);
    });
  });
}
