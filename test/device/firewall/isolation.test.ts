import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {HostName} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {nftablesEdge, type NftablesEdge} from '../../../src/device/firewall/edge.ts';
import type {Anew} from '../../../src/device/firewall/exec.ts';
import {nftGateway} from '../../../src/device/firewall/gateway.ts';
import {render} from '../../../src/device/firewall/render.ts';
import {rulesOf} from '../../../src/device/firewall/rules.ts';
import {fault} from '../../../src/fault.ts';
import {failed, ok} from '../../../src/result.ts';
import {flowText} from '../../../src/step/port/leak.ts';
import {evidenceHold} from '../../../src/step/evidence-hold.ts';
import {portIsolate} from '../../../src/step/port-isolate.ts';
import type {World} from '../../../src/step/world.ts';
import type {EdgePolicy} from '../../../src/step/world/edge.ts';
import type {Reach, Vantage} from '../../../src/step/world/vantage.ts';
import {Machine} from '../../simulator/machine.ts';
import {runbook} from '../../simulator/runbook.ts';
import {handOf} from '../../step/hand.ts';
import {address, hostMac, Network, type Station, type Target} from './network.ts';

// The whole of port.isolate against a gateway's own nftables: what a compromised host tries meanwhile, what the gateway
// saw of it, what it takes back by itself, and what it holds after an undo.

const quarantine: EdgePolicy = {mode: 'quarantine', admit: [address.controller]};
const serving: EdgePolicy = {mode: 'serving', admit: [address.controller], open: ['tcp/22'], out: [], block: []};
const foreign = `table inet router {
 chain forward {
  type filter hook forward priority filter; policy accept;
  tcp dport 9999 counter drop
 }
}
`;

/** What the stand-ins on the old system do: orders over 80, else 443 and DNS, and the neighbour's share. */
const beacon: readonly Target[] = [
  {address: address.outside, port: 80},
  {address: address.outside, port: 443},
  {address: address.outside, port: 53, udp: true},
  {address: address.outside6, port: 443},
  {address: address.neighbour, port: 445},
];

const ask = (at: string): Target => ({address: at, port: 53, udp: true});

/** What is asked at one time is one program's to try: a closed path is seconds of silence. */
function atOnce(all: (targets: readonly Target[]) => Promise<readonly string[]>): Vantage['reach'] {
  let waiting: {target: Target; answer: (word: string) => void}[] = [];
  const ask = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    const words = await all(asked.map(({target}) => target));
    for (const [index, {answer}] of asked.entries()) answer(words[index] ?? 'silent');
  };
  return async (to, port) => {
    const {promise, resolve} = Promise.withResolvers<string>();
    if (waiting.push({target: {address: to, port: Number(port.slice(4))}, answer: resolve}) === 1)
      setImmediate(() => void ask());
    return ok((await promise) as Reach);
  };
}

describe.runIf(process.getuid?.() === 0)(
  'port.isolate at a gateway in network namespaces (needs root, ip and nft)',
  () => {
    let network: Network;
    let bare: string;
    const ruleset = (): string => network.gateway('nft', '-s', 'list', 'ruleset');
    const place = {host: 'marruuk' as HostName, address: address.host, router: address.lan, mac: hostMac};

    const edgeAt = (port: string, more: Partial<NftablesEdge> = {}) =>
      nftablesEdge({...place, interface: port, exec: network.exec, anew: network.anew, ...more});

    const vantage = (name: Station, from: string): Vantage => ({
      name,
      address: from,
      reach: atOnce((targets) => network.reach(name, targets)),
      pace: {atOnce: 1, silenceMs: 1},
      scan: async () => ok({}),
      ask: async () => ok({is: 'unable', why: 'not asked here'}),
      hostKey: async () => ok(undefined),
    });

    const worldWith = (edge: World['edge']): World => {
      const aliased = {...runbook, network: {...runbook.network, aliases: [address.host6]}};
      return {
        ...new Machine(aliased, systemClock).world(),
        edge,
        vantages: [
          vantage('controller', address.controller),
          vantage('neighbour', address.neighbour),
          vantage('outside', address.outside),
        ],
        earlier: () => undefined,
        forgone: () => false,
      };
    };
    const step = async (words: object, edge = edgeAt('host0')) => {
      const world = worldWith(edge);
      const params = portIsolate.params.parse(words);
      const applied = await portIsolate.apply(world, params, handOf().hand);
      if (!applied.ok) return {world, params, applied, verified: applied};
      await network.reach('host', beacon);
      return {world, params, applied, verified: await portIsolate.verify(world, params)};
    };

    const tables = (name: string) => network.gateway('sh', '-c', `nft -s list table ${name} 2>&1 || :`);
    /** A connection is had only where the controller could open one over its own cable. */
    const overTheWire: Anew = async () => {
      const [word] = await network.reach('controller', [{address: address.gateway, port: 22}]);
      return word === 'open' ? network.anew() : failed(fault('ssh.unreachable', word ?? 'no answer'));
    };
    const folder = () =>
      network.gateway('sh', '-c', 'echo -n /run/rebuild/rebuild-marruuk.$(readlink /proc/self/ns/net | tr -dc 0-9)');

    beforeAll(async () => {
      network = await Network.build('bridged');
      network.nft(foreign);
      bare = ruleset();
    });
    afterEach(async () => {
      await edgeAt('host0').lift();
      expect(ruleset()).toBe(bare);
    });
    afterAll(() => network.close());

    test('the stand-ins that try 80, 443, DNS and 445 reach nothing, as the gateway’s own counters show', async () => {
      const {applied, verified, world} = await step({});
      const data = verified.ok ? verified.value.data : {};
      expect(data['checks']).toEqual(
        [
          {check: 'tcp/22 open from controller', says: 'it answers'},
          ...['neighbour', 'outside'].flatMap((from) =>
            [address.host, address.host6].map((at) => ({
              check: `closed to ${from}, ${at}`,
              says: 'tcp/22, tcp/80, tcp/443, tcp/445 tried, none open',
            })),
          ),
        ].map((check) => ({...check, verdict: 'passed'})),
      );
      expect(data['refusedPackets']).toBeGreaterThan(4);
      expect((data['refused'] as {to: string}[]).map(({to}) => to)).toEqual(
        expect.arrayContaining([
          `tcp/80 to ${address.outside}`,
          `tcp/443 to ${address.outside}`,
          `udp/53 to ${address.outside}`,
          `tcp/443 to ${address.outside6}`,
          `tcp/445 to ${address.neighbour}`,
        ]),
      );
      const flows = await world.edge.flows();
      expect(flows).toMatchObject({ok: true, value: {passed: [], full: false}});
      // It was open before, over IPv4 and IPv6: that it is closed says something.
      expect(applied.ok && applied.value.data['openBefore']).toEqual(
        expect.arrayContaining([
          `tcp/445 of ${address.host} from neighbour`,
          `tcp/22 of ${address.host6} from outside`,
        ]),
      );
    });

    test('a neighbour that it has forgotten is still seen to be wanted, by the question for its place', async () => {
      const {world, params} = await step({});
      const neighbour = [address.neighbour, 'dev', 'eth0'];
      const [, mac = ''] = /lladdr (\S+)/.exec(network.at('host', 'ip', 'neigh', 'show', ...neighbour)) ?? [];
      network.at('host', 'ip', 'neigh', 'del', ...neighbour);
      await network.reach('host', [{address: address.neighbour, port: 445}]);
      network.at('host', 'ip', 'neigh', 'replace', ...neighbour, 'lladdr', mac, 'nud', 'permanent');
      const verified = await portIsolate.verify(world, params);
      const told = verified.ok ? (verified.value.data['refused'] as {to: string}[]).map(({to}) => to) : [];
      expect(told).toContain(`arp to ${address.neighbour}`);
      expect(told).not.toContain(`arp to ${address.lan}`);
    });

    test('a gateway that loses its rules while the host is held is given them again', async () => {
      const {world, verified} = await step({});
      const held = {...world, earlier: () => (verified.ok ? verified.value : undefined)};
      const {hand, told} = handOf();
      const [proof] = await Promise.all([
        evidenceHold.apply(held, evidenceHold.params.parse({for: '4s', reason: 'what it still tries'}), hand),
        (async () => {
          await systemClock.sleep(2000);
          for (const name of ['rebuild-marruuk', 'rebuild-marruuk-seen'])
            for (const family of ['inet', 'bridge']) network.nft(`delete table ${family} ${name}\n`);
        })(),
      ]);
      expect(await edgeAt('host0').policy()).toEqual(ok(quarantine));
      expect(told.interruptions).toMatchObject([{cause: 'isolation lost', over: true}]);
      expect(proof).toMatchObject({ok: true, value: {data: {checks: [{check: 'isolation held', verdict: 'failed'}]}}});
      // What it had seen of the host before is on record.
      expect(told.notes.find(({says}) => says.includes('no longer holds'))?.data).toMatchObject({
        refused: expect.arrayContaining([expect.objectContaining({to: `tcp/445 to ${address.neighbour}`})]),
      });
    });

    test('refusing port 80 alone is found out: the step names what went around it', async () => {
      const world = worldWith(edgeAt('host0'));
      const params = portIsolate.params.parse({block: ['tcp/80'], listen: '2s'});
      const [applied] = await Promise.all([
        portIsolate.apply(world, params, handOf().hand),
        (async () => {
          for (let round = 0; round < 3; round++) await network.reach('host', beacon);
        })(),
      ]);
      expect(applied.ok).toBe(true);
      await network.reach('host', beacon);
      const verified = await portIsolate.verify(world, params);
      expect(verified).toMatchObject({ok: false, fault: {code: 'isolation.leaks'}});
      if (verified.ok) return;
      expect(verified.fault.says).toMatch(/^refusing tcp\/80 alone is no isolation: /);
      const {through, open} = verified.fault.detail as {through: string[]; open: string[]};
      expect(through.toSorted()).toEqual(
        [
          `tcp/443 to ${address.outside6}`,
          `tcp/443 to ${address.outside}`,
          `tcp/445 to ${address.neighbour}`,
          `udp/53 to ${address.outside}`,
        ].toSorted(),
      );
      expect(open).toEqual(expect.arrayContaining([`tcp/445 of ${address.host} from outside`]));
      expect(open).not.toContain(`tcp/80 of ${address.host} from outside`);
    });

    test('DNS goes to our own resolver and to no other server', async () => {
      const {verified, world, params} = await step({resolver: [address.lan]});
      const dns = {check: `DNS to ${address.lan}`, verdict: 'not made'};
      expect(verified).toMatchObject({
        ok: true,
        value: {data: {checks: expect.arrayContaining([expect.objectContaining(dns)])}},
      });
      expect(await network.reach('host', [ask(address.lan), ask(address.outside), ask(address.neighbour)])).toEqual([
        'open',
        'silent',
        'silent',
      ]);
      const flows = await edgeAt('host0').flows();
      expect(flows.ok && flows.value?.passed.map(flowText)).toEqual([`udp/53 to ${address.lan}`]);
      // Now that the host has asked, it is shown that it may.
      const again = await portIsolate.verify(world, params);
      const made = expect.objectContaining({...dns, verdict: 'passed'});
      const shown = {ok: true, value: {data: {checks: expect.arrayContaining([made])}}};
      expect(again).toMatchObject(shown);
      // One that has forgotten where the resolver is asks the whole network, as it may.
      network.at('host', 'ip', 'neigh', 'flush', 'to', address.lan);
      expect(await network.reach('host', [ask(address.lan)])).toEqual(['open']);
      const asked = await edgeAt('host0').flows();
      expect(asked.ok && asked.value?.passed.map(flowText)).toContain(`arp to ${address.lan}`);
      expect(await portIsolate.verify(world, params)).toMatchObject(shown);
    });

    test.each([
      ['nothing of ours', undefined],
      ['the rules of an earlier rebuild', serving],
    ] as const)('undone, the gateway holds what it held before, byte for byte: %s', async (_, before) => {
      if (before) await edgeAt('host0').enforce(before);
      const names = ['inet router', 'inet rebuild-marruuk', 'bridge rebuild-marruuk'];
      const was = names.map(tables);
      const {world, params, applied} = await step({});
      expect(names.map(tables)).not.toEqual(was);
      const undone = await portIsolate.undo!(world, params, applied.ok ? applied.value : {says: '', data: {}});
      expect(undone).toMatchObject({ok: true});
      expect(names.map(tables)).toEqual(was);
    });

    test('an undo tells when others have changed the gateway meanwhile', async () => {
      const {world, params, applied} = await step({});
      network.nft('add rule inet router forward tcp dport 9998 drop\n');
      const undone = await portIsolate.undo!(world, params, applied.ok ? applied.value : {says: '', data: {}});
      expect(undone).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
      network.nft(`delete table inet router\n${foreign}`);
    });

    describe('the dead man’s switch', () => {
      test.each([['nothing'], ['a policy']])(
        'rules that cut the controller off are taken back by the gateway itself, where %s was before',
        async (was) => {
          if (was === 'a policy') await edgeAt('host0').enforce(serving);
          const before = ruleset().replaceAll(/^\s*elements = .*$/gm, '');
          // Someone named the controller's own port as the host's.
          const enforced = await edgeAt('mgmt0', {anew: overTheWire, revertSeconds: 4}).enforce(quarantine);
          expect(enforced).toMatchObject({ok: false, fault: {code: 'edge.reverted'}});
          expect(ruleset().replaceAll(/^\s*elements = .*$/gm, '')).toBe(before);
          expect(await network.reach('controller', [{address: address.gateway, port: 22}])).toEqual(['open']);
        },
      );

      test('a change that is confirmed over a new connection stays', async () => {
        const edge = edgeAt('host0', {anew: overTheWire, revertSeconds: 6});
        expect(await edge.enforce(quarantine)).toEqual(ok(undefined));
        await systemClock.sleep(7000);
        expect(await edge.policy()).toEqual(ok(quarantine));
      });

      test('one whose controller died is not believed, and is gone after its time', async () => {
        const gateway = nftGateway({...place, interface: 'host0'}, {exec: network.exec});
        const script = render(rulesOf(quarantine)!, {...place, interface: 'host0'});
        expect(await gateway.load(script, {token: 'of-the-dead', seconds: 6})).toEqual(ok(undefined));
        expect(await edgeAt('host0').policy()).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
        await systemClock.sleep(7000);
        expect(await edgeAt('host0').policy()).toEqual(ok(undefined));
      });

      test('one made over an unconfirmed one goes back to what was confirmed last', async () => {
        const gateway = nftGateway({...place, interface: 'host0'}, {exec: network.exec});
        const script = (policy: EdgePolicy) => render(rulesOf(policy)!, {...place, interface: 'host0'});
        await gateway.load(script(quarantine), {token: 'first', seconds: 60});
        await gateway.load(script(serving), {token: 'second', seconds: 1});
        await systemClock.sleep(2000);
        expect(await gateway.confirm('first')).toMatchObject({ok: true, value: {outcome: 'lost'}});
        expect(await gateway.confirm('second')).toMatchObject({ok: true, value: {outcome: 'reverted', listing: []}});
      });

      test('one that is being taken back is waited for', async () => {
        const before = ruleset();
        let told: unknown;
        // The way is open again before the gateway has said what became of the change.
        const early: Anew = async () => {
          const at = folder();
          if (told === undefined) {
            network.gateway('sh', '-c', `until [ -e ${at}/outcome ]; do sleep 0.1; done; mv ${at}/outcome ${at}/kept`);
            told = await nftGateway({...place, interface: 'host0'}, {exec: network.exec}).confirm(
              network.gateway('cat', `${at}/reverting`).trim(),
            );
          } else network.gateway('sh', '-c', `[ ! -e ${at}/kept ] || mv ${at}/kept ${at}/outcome`);
          return network.anew();
        };
        const enforced = await edgeAt('host0', {anew: early, revertSeconds: 1}).enforce(quarantine);
        expect(told).toMatchObject({ok: true, value: {outcome: 'reverting'}});
        expect(enforced).toMatchObject({ok: false, fault: {code: 'edge.reverted'}});
        expect(ruleset()).toBe(before);
      });

      test('that it did not take the change back, or not wholly, is told', async () => {
        let tries = 0;
        const late: Anew = async () => {
          if (tries++ >= 3) return network.anew();
          network.gateway('sh', '-c', `echo nonsense >${folder()}/back`);
          return failed(fault('ssh.unreachable', 'cut off'));
        };
        const enforced = await edgeAt('host0', {anew: late, revertSeconds: 1}).enforce(quarantine);
        expect(enforced).toMatchObject({
          ok: false,
          fault: {code: 'edge.not-as-set', says: expect.stringContaining('not what they were')},
        });
      });
    });
  },
);
