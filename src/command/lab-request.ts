import {parseArgs} from 'node:util';
import {hostName, type HostName} from '../brand.ts';
import {fault} from '../fault.ts';
import {parseFault, type LabFault} from '../lab/fault/lab-fault.ts';
import {failed, ok, type Result} from '../result.ts';

/** `rebuild lab VERB ...` as typed. Without a host it is about the only lab there is. */
export type LabRequest =
  | {readonly verb: 'up'; readonly host: HostName | undefined; readonly firmware?: 'uefi' | 'bios'}
  | {readonly verb: 'down'; readonly host: HostName | undefined}
  | {readonly verb: 'status'; readonly host: HostName | undefined}
  | {readonly verb: 'suspect'; readonly host: HostName | undefined}
  | {readonly verb: 'console'; readonly host: HostName | undefined; readonly follow: boolean}
  | {readonly verb: 'screenshot'; readonly host: HostName | undefined; readonly output: string}
  | {readonly verb: 'fault'; readonly host: HostName | undefined; readonly fault: LabFault};

export const labUsage = `rebuild lab up [HOST] [--firmware uefi|bios]   a new machine with its old system, booted
rebuild lab down [HOST]                        ends everything and removes it
rebuild lab status [HOST]                      power, medium, what was done to it
rebuild lab suspect [HOST]                     the old system then and now, and the kept disks
rebuild lab console [HOST] [--follow]          what the machine's serial console shows
rebuild lab screenshot [HOST] -o FILE.png      its screen
rebuild lab fault NAME [AMOUNT] [--host HOST] [--at-bytes SIZE | --at-stage STAGE]
      eject                the BMC loses the medium
      cut, stall           the line to the medium breaks, or nothing moves on it
      throttle SIZE        bytes per second on that line
      mend                 the line is whole again; what waits to strike does not
      bmc-500 [COUNT]      the BMC's next answers are errors
      bmc-401 [COUNT]      the BMC forgets its sessions
      power-loss           the machine's power goes
`;

const options = {
  firmware: {type: 'string'},
  follow: {type: 'boolean', short: 'f'},
  output: {type: 'string', short: 'o'},
  host: {type: 'string'},
  'at-bytes': {type: 'string'},
  'at-stage': {type: 'string'},
} as const;

type Option = keyof typeof options;

const taken: Readonly<Record<LabRequest['verb'], readonly Option[]>> = {
  up: ['firmware'],
  down: [],
  status: [],
  suspect: [],
  console: ['follow'],
  screenshot: ['output'],
  fault: ['host', 'at-bytes', 'at-stage'],
};

const isVerb = (word: string): word is LabRequest['verb'] => Object.hasOwn(taken, word);

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
      const {firmware} = values;
      if (firmware === undefined) return ok({verb, host});
      return firmware === 'uefi' || firmware === 'bios'
        ? ok({verb, host, firmware})
        : usage('--firmware is uefi or bios');
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
    case 'fault': {
      const {'at-bytes': atBytes, 'at-stage': atStage} = values;
      const wanted = parseFault(rest, {
        ...(atBytes !== undefined && {atBytes}),
        ...(atStage !== undefined && {atStage}),
      });
      return wanted.ok ? ok({verb, host, fault: wanted.value}) : wanted;
    }
    default:
      return verb satisfies never;
  }
}

function parse(words: readonly string[]) {
  try {
    return ok(parseArgs({args: [...words], options, allowPositionals: true}));
  } catch (error) {
    // parseArgs has no other way to say that an option is unknown or lacks its value.
    return usage(error instanceof Error ? error.message : 'unknown option');
  }
}

const usage = (says: string): Result<never> => failed(fault('lab.usage', says));
