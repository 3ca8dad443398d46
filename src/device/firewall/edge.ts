import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Edge, EdgePolicy} from '../../step/world.ts';
import {printable} from '../ssh/printable.ts';
import type {Exec, Output} from './exec.ts';
import {essence, readListing, readRefused, readRules, type Listing} from './reading.ts';
import {render, renderLift} from './render.ts';
import {policyOf, rulesOf} from './rules.ts';
import {tableName, type Site} from './site.ts';

export interface NftablesEdge extends Site {
  readonly exec: Exec;
  /** Put before every command, such as `['sudo', '-n']` where the login is not root. */
  readonly privilege?: readonly string[];
}

/**
 * A gateway whose nftables carry the host's policy in tables of our own. What is in force is proved, not believed: the
 * policy is read out of the tables' sets, rendered again, loaded into a fresh network namespace on the gateway itself,
 * which touches nothing, and the two listings must be the same. Faults: `edge.unreachable`, `edge.not-as-set`.
 */
export function nftablesEdge({exec, privilege = [], ...site}: NftablesEdge): Edge {
  const name = tableName(site);
  const wrong = (says: string): {readonly ok: false; readonly fault: Fault} =>
    failed(fault('edge.not-as-set', `${site.host} at the edge: ${says}`));

  const asked = async (argv: readonly string[], stdin?: string): Promise<Result<Output>> => {
    const answer = await exec([...privilege, ...argv], stdin);
    if (answer.ok) return answer;
    const {code, says, detail} = answer.fault;
    // A wrong host key, a refused login or an interrupt is not the gateway's silence.
    return code === 'ssh.unreachable' || code === 'ssh.lost'
      ? failed(fault('edge.unreachable', says, detail === undefined ? {} : {detail}))
      : answer;
  };
  const run = async (argv: readonly string[], stdin?: string): Promise<Result<string>> => {
    const answer = await asked(argv, stdin);
    if (!answer.ok) return answer;
    const {code, stdout, stderr} = answer.value;
    return code === 0
      ? ok(stdout)
      : wrong(`${argv[0]} ended with ${code}: ${printable(stderr.trim().split('\n')[0] ?? '')}`);
  };
  const list = async (argv: readonly string[], stdin?: string): Promise<Result<Listing>> => {
    const text = await run(argv, stdin);
    if (!text.ok) return text;
    const listing = readListing(text.value);
    return listing === undefined ? wrong('nft printed what is no listing') : ok(listing);
  };

  /** Our tables as they are in force, of both families; empty where there is none. */
  const inForce = async (): Promise<Result<Listing>> => {
    const tables = await list(['nft', '-j', 'list', 'tables']);
    if (!tables.ok) return tables;
    const all: Listing[] = [];
    for (const family of ['inet', 'bridge'])
      if (tables.value.some(({table}) => isTable(table, family, name))) {
        const listed = await list(['nft', '-j', 'list', 'table', family, name]);
        if (!listed.ok) return listed;
        all.push(listed.value);
      }
    return ok(all.flat());
  };

  /** What the script makes of an empty ruleset, on this gateway's own kernel and nft. */
  const reference = (script: string): Promise<Result<Listing>> =>
    list(['unshare', '--net', 'sh', '-c', 'nft -f - && nft -j list ruleset'], script);

  const policy = async (): Promise<Result<EdgePolicy | undefined>> => {
    const found = await inForce();
    if (!found.ok) return found;
    if (found.value.length === 0) return ok(undefined);
    const rules = readRules(found.value);
    if (rules === undefined) return wrong(`the tables ${name} do not hold rules of ours`);
    const normal = rulesOf(policyOf(rules));
    if (normal === undefined) return wrong(`the tables ${name} admit what is no address`);
    const wanted = await reference(render(normal, site));
    if (!wanted.ok) return wanted;
    if (essence(found.value) !== essence(wanted.value)) return wrong(`the tables ${name} were changed`);
    return ok(policyOf(normal));
  };

  /** An interface that does not exist would never match, and one that is a whole bridge would match the neighbours. */
  const checkInterface = async (): Promise<Result<void>> => {
    const shown = await asked(['ip', '-j', '-d', 'link', 'show', 'dev', site.interface]);
    if (!shown.ok) return shown;
    if (shown.value.code !== 0) return wrong(`the gateway has no interface ${site.interface}`);
    return /"info_kind":\s*"bridge"/.test(shown.value.stdout)
      ? wrong(`${site.interface} is a bridge; name the port of it that leads to the host`)
      : ok(undefined);
  };

  return {
    policy,

    refused: async () => {
      const found = await inForce();
      return found.ok ? ok({packets: readRefused(found.value)}) : found;
    },

    enforce: async (policy) => {
      const rules = rulesOf(policy);
      if (rules === undefined) return wrong(`only IPv4 addresses can be admitted, not ${policy.admit.join(', ')}`);
      const there = await checkInterface();
      if (!there.ok) return there;
      const script = render(rules, site);
      const loaded = await run(['nft', '-f', '-'], script);
      if (!loaded.ok) return loaded;
      const found = await inForce();
      if (!found.ok) return found;
      const wanted = await reference(script);
      if (!wanted.ok) return wanted;
      return essence(found.value) === essence(wanted.value)
        ? ok(undefined)
        : wrong('what is in force is not what was set');
    },

    lift: async () => {
      const lifted = await run(['nft', '-f', '-'], renderLift(site));
      if (!lifted.ok) return lifted;
      const left = await inForce();
      if (!left.ok) return left;
      return left.value.length === 0 ? ok(undefined) : wrong(`the tables ${name} are still there`);
    },
  };
}

const isTable = (table: unknown, family: string, name: string): boolean =>
  typeof table === 'object' &&
  table !== null &&
  'family' in table &&
  'name' in table &&
  table.family === family &&
  table.name === name;
