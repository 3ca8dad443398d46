import type {Plant} from '../../image/os/suspect-plants.ts';
import {bmcUrl, type Blueprint, type SuspectFacts} from '../../lab/blueprint.ts';
import type {LabFault} from '../../lab/fault/lab-fault.ts';
import type {Strike} from '../../lab/fault/strike-log.ts';
import {firmwareText} from '../../lab/machine/firmware.ts';
import type {LabStatus} from '../../lab/keeper/protocol.ts';
import type {SuspectAnswer} from '../../lab/suspect.ts';
import type {Result} from '../../result.ts';
import {sizeText} from '../../runbook/size.ts';

/** How a lab stands, for a person; ends with a line feed. */
export function statusText(lab: Blueprint, status: LabStatus): string {
  const {medium, effects} = status;
  const contacts = Object.entries(status.contacts).map(([listener, from]) => {
    const counts = Object.entries(from).map(([address, count]) => `${count} from ${address}`);
    return row(listener, counts.length === 0 ? 'no connection' : counts.join(', '));
  });
  return lines([
    `lab ${lab.host}: up (${firmwareText(lab)}, ${lab.accelerator}), power ${status.power}, started ${times(status.starts)}`,
    row('bmc', bmcUrl(lab)),
    row('medium', medium.inserted ? `inserted, ${megabytes(medium.carriedBytes)} read` : 'none'),
    row('line', medium.line),
    row('cable', status.cable),
    row(
      'done',
      `${effects.inserts} inserted, ${effects.ejects} ejected, ${effects.drops} lost, ${effects.resets} resets`,
    ),
    ...lab.disks.map(({name, serial, sizeBytes, keep}) =>
      row(`disk ${name}`, `${serial}, ${sizeText(sizeBytes)}${keep ? ', kept' : ''}`),
    ),
    ...contacts,
    ...status.waitingFaults.map((fault) => row('waiting', faultText(fault))),
    ...status.strikes.map((strike) => row(strike.at.slice(11, 19), strikeText(strike))),
  ]);
}

export interface SuspectReport {
  readonly host: string;
  /** As it answered before anything was done to it. */
  readonly before: SuspectFacts | undefined;
  readonly now: Result<SuspectAnswer>;
  readonly keptDisks: Readonly<Record<string, 'untouched' | 'changed'>>;
  /** What was planted in it. */
  readonly planted: readonly Plant[];
}

/** The old system before anything was done to it, and what answers now; ends with a line feed. */
export function suspectText({host, before, now, keptDisks, planted}: SuspectReport): string {
  return lines([
    `lab ${host}: the old system`,
    row('before', before === undefined ? 'the lab came up without one' : answer(before)),
    row('now', now.ok ? answer(now.value) : 'no longer answers the lab’s key'),
    ...Object.entries(keptDisks).map(([name, verdict]) => row(`disk ${name}`, verdict)),
    ...planted.map(({id, what}) => row(id, `planted: ${what}`)),
  ]);
}

/** `throttle bytesPerSecond=1000000 on=medium`: a fault without its moment, as the keeper has it. */
const faultText = ({fault, ...rest}: LabFault): string =>
  [fault, ...Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`)].join(' ');
const plain = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{${Object.entries(value)
        .map(([key, inner]) => `${key}=${plain(inner)}`)
        .join(' ')}}`
    : String(value);

const strikeText = ({fault, seed, came, says}: Strike): string =>
  `${faultText(fault)} ${came}${says === undefined ? '' : ` (${says})`}, seed ${seed}`;

const answer = ({hostPin, bootId}: SuspectAnswer): string => `${hostPin}, boot ${bootId}`;
const lines = (of: readonly string[]): string => `${of.join('\n')}\n`;
const row = (name: string, says: string): string => `  ${name.padEnd(24)} ${says}`;
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
