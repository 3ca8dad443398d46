import {sha256, type Sha256} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Json, JsonObject} from '../../json.ts';
import {printable} from '../ssh/printable.ts';
import {arm, confirm, forget, outcomes, pending, timer, type Outcome} from './dead-man.ts';
import type {Exec} from './exec.ts';
import {readListing, type Listing} from './reading.ts';
import {tableName, witnessName, type Site} from './site.ts';

export interface Login {
  readonly exec: Exec;
  /** Put before every command, such as `['sudo', '-n']` where the login is not root. */
  readonly privilege?: readonly string[];
}

/** What is in force for the host, and whether it still waits to be confirmed. */
export interface InForce {
  readonly listing: Listing;
  readonly armed: boolean;
}

/** A change that takes itself back after `seconds`. */
export interface Armed {
  readonly token: string;
  readonly seconds: number;
}

/** What the gateway is asked for, each in one command: a round trip and a login shell cost more than what they do. */
export interface Gateway {
  /**
   * Our tables as they are in force, of both families; empty where there is none. `script` is loaded before, if given;
   * a change that waits to be confirmed is then forgotten.
   */
  inForce(script?: string): Promise<Result<InForce>>;
  /** Loads the script so that it takes itself back unless it is confirmed. */
  load(script: string, armed: Armed): Promise<Result<void>>;
  /** Confirms the change, and lists what is in force. To be asked over a connection made after it. */
  confirm(token: string): Promise<Result<InForce & {readonly outcome: Outcome}>>;
  /** The tables that remember what the host began, of both families. */
  seen(): Promise<Result<Listing>>;
  /** Over all rules there, whoever set them, but those tables. */
  digest(): Promise<Result<Sha256>>;
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

  /** The lines that a shell command printed, `$1` and so on being `words`. */
  const shell = async (
    command: string,
    words: readonly string[],
    stdin?: string,
  ): Promise<Result<readonly string[]>> => {
    const answer = await exec([...privilege, 'sh', '-c', command, 'sh', ...words], stdin);
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
  /** Those of the tables of this name that the first line says are there. */
  const tablesIn = ([tables, ...texts]: readonly string[], called: string): Result<Listing> => {
    const all = listingIn(tables);
    if (!all.ok) return all;
    const ours: Listing[] = [];
    for (const [index, family] of families.entries())
      if (all.value.some(({table}) => isTable(table, family, called))) {
        const one = listingIn(texts[index]);
        if (!one.ok) return one;
        ours.push(one.value);
      }
    return ok(ours.flat());
  };
  const madeOf = (line: string | undefined): Result<Listing> => {
    const all = listingIn(line);
    return all.ok ? ok(all.value.filter((object) => isOfTable(object, name))) : all;
  };
  const inForceIn = (lines: readonly string[]): Result<InForce> => {
    const listing = tablesIn(lines, name);
    return listing.ok ? ok({listing: listing.value, armed: lines[families.length + 1] === 'armed'}) : listing;
  };

  return {
    wrong,

    inForce: async (script) => {
      const lines = await shell(script === undefined ? listOurs : `${forget}; nft -f - && ${listOurs}`, [name], script);
      return lines.ok ? inForceIn(lines.value) : lines;
    },

    load: async (script, {token, seconds}) => {
      const done = await shell(arm, [name, token, String(seconds), timer], script);
      return done.ok ? ok(undefined) : done;
    },

    confirm: async (token) => {
      const lines = await shell(`${confirm}${listOurs}`, [name, token]);
      if (!lines.ok) return lines;
      const outcome = outcomes.find((word) => word === lines.value[0]);
      if (outcome === undefined) return wrong('it said nothing of what became of the change');
      const inForce = inForceIn(lines.value.slice(1));
      return inForce.ok ? ok({...inForce.value, outcome}) : inForce;
    },

    seen: async () => {
      const lines = await shell(listTables, [witnessName(site)]);
      return lines.ok ? tablesIn(lines.value, witnessName(site)) : lines;
    },

    digest: async () => {
      const lines = await shell(digestOfAll, [witnessName(site)]);
      if (!lines.ok) return lines;
      const found = sha256((lines.value[0] ?? '').split(' ')[0] ?? '');
      return found === undefined ? wrong('sha256sum printed what is no digest') : ok(found);
    },

    reference: async (script) => {
      const lines = await shell(inEmptyRuleset, [name], script);
      return lines.ok ? madeOf(lines.value[0]) : lines;
    },

    rehearse: async (script) => {
      const lines = await shell(`${showLink}; ${inEmptyRuleset}`, [site.interface, name], script);
      if (!lines.ok) return lines;
      const [link = '', made] = lines.value;
      // One that does not exist would never match.
      if (link === '') return wrong(`the gateway has no interface ${site.interface}`);
      // A whole bridge would match the neighbours too.
      return /"info_kind":\s*"bridge"/.test(link)
        ? wrong(`${site.interface} is a bridge; name the port of it that leads to the host`)
        : madeOf(made);
    },
  };
}

const families = ['inet', 'bridge'] as const;

// One line for each program, empty where it has nothing to show: nft and ip print JSON without line breaks.
const listTable = (family: string): string => `{ nft -j list table ${family} "$1" 2>/dev/null || echo; }`;
const listTables = ['nft -j list tables', ...families.map(listTable)].join(' && ');
const listOurs = `${listTables} && { ${pending}; }`;
const showLink = '{ ip -j -d link show dev "$1" 2>/dev/null || echo; }';
// In a network namespace of its own, which is gone with the program.
const inEmptyRuleset = `unshare --net sh -c 'nft -f - && nft -j list ruleset'`;
// Table by table, by name: one that is taken away and put back comes last in the kernel's own order.
const digestOfAll =
  'nft list tables | sort | while read -r _ family name; do ' +
  '[ "$name" = "$1" ] || nft -s list table "$family" "$name" || echo gone; done | sha256sum';

/** Whether the object is the table itself or part of it. */
const isOfTable = (object: Listing[number], called: string): boolean =>
  Object.values(object).some((of) => isObject(of) && (of['table'] ?? of['name']) === called);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTable = (table: unknown, family: string, name: string): boolean =>
  typeof table === 'object' &&
  table !== null &&
  'family' in table &&
  'name' in table &&
  table.family === family &&
  table.name === name;
