import {parseArgs} from 'node:util';
import {hostName, type HostName} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {LabFault} from '../../lab/fault/lab-fault.ts';
import {isWord, words as faultWords, type WordName} from '../../lab/fault/word.ts';
import {faultOf, shapes} from '../../lab/fault/words.ts';
import {failed, ok, type Result} from '../../result.ts';

/** `rebuild lab VERB ...` as typed. Without a host it is about the only lab there is. */
export type LabRequest =
  | {
      readonly verb: 'up';
      readonly host: HostName | undefined;
      readonly firmware?: 'uefi' | 'bios';
      readonly secureBoot?: boolean;
    }
  | {readonly verb: 'down'; readonly host: HostName | undefined}
  | {readonly verb: 'status'; readonly host: HostName | undefined}
  | {readonly verb: 'suspect'; readonly host: HostName | undefined}
  | {readonly verb: 'console'; readonly host: HostName | undefined; readonly follow: boolean}
  | {readonly verb: 'screenshot'; readonly host: HostName | undefined; readonly output: string}
  | {readonly verb: 'fault'; readonly host: HostName | undefined; readonly fault: LabFault}
  /** A script of faults: `rebuild lab fault --script FILE`. */
  | {readonly verb: 'script'; readonly host: HostName | undefined; readonly file: string};

const options = {
  firmware: {type: 'string'},
  'secure-boot': {type: 'boolean'},
  follow: {type: 'boolean', short: 'f'},
  output: {type: 'string', short: 'o'},
  host: {type: 'string'},
  script: {type: 'string'},
} as const;
const faultOptions = Object.fromEntries(
  Object.keys(faultWords).map((name) => [name, {type: 'string'} as const]),
) as Readonly<Record<WordName, {readonly type: 'string'}>>;

type Option = keyof typeof options | WordName;
type Verb = Exclude<LabRequest['verb'], 'script'>;

const taken: Readonly<Record<Verb, readonly Option[]>> = {
  up: ['firmware', 'secure-boot'],
  down: [],
  status: [],
  suspect: [],
  console: ['follow'],
  screenshot: ['output'],
  fault: ['host', 'script', ...Object.keys(faultWords).filter(isWord)],
};

/** What `rebuild lab` can do; also what a shell completes. */
export const labVerbs: readonly string[] = [...Object.keys(taken), 'vendor-iso'];

const isVerb = (word: string): word is Verb => Object.hasOwn(taken, word);

/** The words after `rebuild lab`. */
export function parseLab(words: readonly string[]): Result<LabRequest> {
  const parsed = parse(words);
  if (!parsed.ok) return parsed;
  const {values, positionals} = parsed.value;
  const [verb = '', ...rest] = positionals;
  if (!isVerb(verb)) return usage(verb === '' ? 'lab wants a verb' : `there is no \`lab ${verb}\``);
  const strange = Object.keys(values).find((option) => !taken[verb].includes(option as Option));
  if (strange !== undefined) return usage(`\`lab ${verb}\` takes no --${strange}`);
  const named = verb === 'fault' ? values.host : rest[0];
  const host = named === undefined ? undefined : hostName(named);
  if (named !== undefined && host === undefined) return usage(`"${named}" is not a host name`);
  if (verb !== 'fault' && rest.length > 1) return usage(`\`lab ${verb}\` is about one host`);
  switch (verb) {
    case 'up': {
      const {firmware, 'secure-boot': secureBoot} = values;
      if (firmware !== undefined && firmware !== 'uefi' && firmware !== 'bios')
        return usage('--firmware is uefi or bios');
      return ok({verb, host, ...(firmware && {firmware}), ...(secureBoot && {secureBoot})});
    }
    case 'down':
    case 'status':
    case 'suspect':
      return ok({verb, host});
    case 'console':
      return ok({verb, host, follow: values.follow ?? false});
    case 'screenshot':
      return values.output === undefined
        ? usage('`lab screenshot` wants -o FILE.png')
        : ok({verb, host, output: values.output});
    case 'fault':
      return faultRequest(host, rest, values);
    default:
      return verb satisfies never;
  }
}

/** `eject`, `throttle 1MB`, `bmc-500 3`, with its options; or a script of them. */
function faultRequest(
  host: HostName | undefined,
  [name = '', amount, ...more]: readonly string[],
  {script, ...values}: Values,
): Result<LabRequest> {
  const given = Object.fromEntries(Object.entries(values).filter(([key]) => isWord(key)));
  if (script !== undefined) {
    if (name !== '' || Object.keys(given).length > 0)
      return usage('--script stands alone: the file says what and when');
    return ok({verb: 'script', host, file: script});
  }
  if (more.length > 0) return usage(`what is "${more.join(' ')}"?`);
  const meant = Object.hasOwn(shapes, name) ? shapes[name as keyof typeof shapes].amount : undefined;
  if (amount !== undefined && meant === undefined && Object.hasOwn(shapes, name))
    return usage(`${name} takes no amount: what is "${amount}"?`);
  if (amount !== undefined && meant !== undefined && meant in given)
    return usage(`${amount} and --${meant} say the same`);
  const read = faultOf(name, {...given, ...(amount !== undefined && meant !== undefined && {[meant]: amount})});
  if (read.ok) return ok({verb: 'fault', host, fault: read.value});
  const {at, says} = read.mistake;
  return usage(at === undefined || at === 'fault' || at === meant ? says : says.replace(at, `--${at}`));
}

type Values = {readonly script?: string} & Readonly<Record<string, unknown>>;

function parse(words: readonly string[]) {
  try {
    return ok(parseArgs({args: joined(words), options: {...options, ...faultOptions}, allowPositionals: true}));
  } catch (error) {
    // parseArgs has no other way to say that an option is unknown or lacks its value.
    return usage(error instanceof Error ? error.message : 'unknown option');
  }
}

/** A negative amount is none of our options: `--by -2h` is `--by=-2h`, and `clock-jump -2h` is `clock-jump --by=-2h`. */
const joined = (words: readonly string[]): string[] =>
  words.flatMap((word, at) => {
    if (/^-\d/.test(word)) return words[at - 1]?.startsWith('--') ? [] : [`--by=${word}`];
    const next = words[at + 1];
    return word.startsWith('--') && next !== undefined && /^-\d/.test(next) ? [`${word}=${next}`] : [word];
  });

const usage = (says: string): Result<never> => failed(fault('lab.usage', says));
