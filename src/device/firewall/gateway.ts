import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {printable} from '../ssh/printable.ts';
import type {Exec} from './exec.ts';
import {readListing, type Listing} from './reading.ts';
import {tableName, type Site} from './site.ts';

export interface Login {
  readonly exec: Exec;
  /** Put before every command, such as `['sudo', '-n']` where the login is not root. */
  readonly privilege?: readonly string[];
}

/** What the gateway is asked for, each in one command: a round trip and a login shell cost more than what they do. */
export interface Gateway {
  /** Our tables as they are in force, of both families; empty where there is none. `script` is loaded before, if given. */
  inForce(script?: string): Promise<Result<Listing>>;
  /** What the script makes of an empty ruleset, on this gateway's own kernel and nft. Touches nothing. */
  reference(script: string): Promise<Result<Listing>>;
  /** The same, once it is clear that the interface is a port and not missing or a bridge. Touches nothing. */
  rehearse(script: string): Promise<Result<Listing>>;
  /** The fault of a gateway that does not hold, or does not take, the rules. */
  readonly wrong: (says: string) => {readonly ok: false; readonly fault: Fault};
}

export function nftGateway(site: Site, {exec, privilege = []}: Login): Gateway {
  const name = tableName(site);
  const wrong: Gateway['wrong'] = (says) => failed(fault('edge.not-as-set', `${site.host} at the edge: ${says}`));

  /** The lines that a shell command printed, `$1` being `word`. */
  const shell = async (command: string, word: string, stdin?: string): Promise<Result<readonly string[]>> => {
    const answer = await exec([...privilege, 'sh', '-c', command, 'sh', word], stdin);
    if (answer.ok) {
      const {code, stdout, stderr} = answer.value;
      return code === 0
        ? ok(stdout.split('\n'))
        : wrong(`a command there ended with ${code}: ${printable(stderr.trim().split('\n')[0] ?? '')}`);
    }
    const {code, says, detail} = answer.fault;
    // A wrong host key, a refused login or an interrupt is not the gateway's silence.
    return code === 'ssh.unreachable' || code === 'ssh.lost'
      ? failed(fault('edge.unreachable', says, detail === undefined ? {} : {detail}))
      : answer;
  };
  const listingIn = (line: string | undefined): Result<Listing> => {
    const listing = readListing(line ?? '');
    return listing === undefined ? wrong('nft printed what is no listing') : ok(listing);
  };

  return {
    wrong,

    inForce: async (script) => {
      const lines = await shell(script === undefined ? listOurs : `nft -f - && ${listOurs}`, name, script);
      if (!lines.ok) return lines;
      const [tables, ...texts] = lines.value;
      const all = listingIn(tables);
      if (!all.ok) return all;
      const ours: Listing[] = [];
      for (const [index, family] of families.entries())
        if (all.value.some(({table}) => isTable(table, family, name))) {
          const one = listingIn(texts[index]);
          if (!one.ok) return one;
          ours.push(one.value);
        }
      return ok(ours.flat());
    },

    reference: async (script) => {
      const lines = await shell(inEmptyRuleset, name, script);
      return lines.ok ? listingIn(lines.value[0]) : lines;
    },

    rehearse: async (script) => {
      const lines = await shell(`${showLink}; ${inEmptyRuleset}`, site.interface, script);
      if (!lines.ok) return lines;
      const [link = '', made] = lines.value;
      // One that does not exist would never match.
      if (link === '') return wrong(`the gateway has no interface ${site.interface}`);
      // A whole bridge would match the neighbours too.
      return /"info_kind":\s*"bridge"/.test(link)
        ? wrong(`${site.interface} is a bridge; name the port of it that leads to the host`)
        : listingIn(made);
    },
  };
}

const families = ['inet', 'bridge'] as const;

// One line for each program, empty where it has nothing to show: nft and ip print JSON without line breaks.
const listTable = (family: string): string => `{ nft -j list table ${family} "$1" 2>/dev/null || echo; }`;
const listOurs = ['nft -j list tables', ...families.map(listTable)].join(' && ');
const showLink = '{ ip -j -d link show dev "$1" 2>/dev/null || echo; }';
// In a network namespace of its own, which is gone with the program.
const inEmptyRuleset = `unshare --net sh -c 'nft -f - && nft -j list ruleset'`;

const isTable = (table: unknown, family: string, name: string): boolean =>
  typeof table === 'object' &&
  table !== null &&
  'family' in table &&
  'name' in table &&
  table.family === family &&
  table.name === name;
