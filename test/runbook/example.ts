import {z} from 'zod';
import type {Diagnostic} from '../../src/runbook/diagnostic.ts';
import {parseRunbook, type Parsed} from '../../src/runbook/parse.ts';
import type {StepKind, StepKinds} from '../../src/runbook/steps.ts';

/** Two step kinds that are nobody's, so that these tests hold whatever the real ones become. */
const erase: StepKind = {
  kind: 'disk.erase',
  summary: 'Erases disks.',
  irreversible: true,
  params: z.strictObject({
    disks: z.array(z.string()).min(1).describe('Names of disks.'),
    level: z.enum(['clear', 'purge']).default('clear').describe('How well.'),
    passes: z.int().min(1).max(3).default(1).describe('How often.'),
  }),
  check: ({disks}, runbook) =>
    (disks as readonly string[]).flatMap((name, index) => {
      const disk = runbook.disks[name];
      if (!disk)
        return [{path: ['disks', index], says: `there is no disk "${name}"`, candidates: Object.keys(runbook.disks)}];
      return disk.keep ? [{path: ['disks', index], says: `disk "${name}" is kept`}] : [];
    }),
};

const look: StepKind = {
  kind: 'host.look',
  summary: 'Looks.',
  irreversible: false,
  // Not strict, on purpose: an unknown key is refused all the same.
  params: z.object({note: z.string().optional().describe('A note.')}),
};

export const kinds: StepKinds = new Map([erase, look].map((kind) => [kind.kind, kind]));

export const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMGmuSXq5RKvu+E6ASL/yOvjQquGtGAuP6V/0EyP0P0 lena@jump1';

/** A valid runbook that says only what must be said, but for two steps. */
export const minimal = `version: 1
host:
  name: vega
  serial: VG-1
bmc:
  driver: redfish
  url: https://10.9.0.32
  certificate: sha256:${'ab'.repeat(32)}
  user: env:BMC_USER
  password: env:BMC_PASSWORD
edge:
  driver: nftables
  address: 10.9.0.1
  hostkey: SHA256:${'A'.repeat(43)}
  key: file:/etc/rebuild/edge
  interface: lan0
disks:
  system: {serial: S-1, size: 480GB}
  worlds: {serial: S-2, size: 2TB, keep: true}
network:
  mac: 52:54:00:AB:00:01
  address: 203.0.113.21/24
  gateway: 203.0.113.1
steps:
  - id: look
    do: host.look
  - id: erase
    do: disk.erase
    disks: [system]
`;

export const parse = (text: string): Parsed => parseRunbook(text, 'vega.yaml', kinds);

/** `minimal` with one stretch replaced. A test whose stretch is not there tests nothing, so that throws. */
export function changed(from: string, to: string, text: string = minimal): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" must occur once`);
  return text.replace(from, () => to);
}

export function mistakes(text: string): readonly Diagnostic[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.diagnostics;
}

/** `line:column-endColumn says | hint`: one string for one mistake, so that tables stay readable. */
export const summary = (text: string): readonly string[] =>
  mistakes(text).map(
    ({line, column, endColumn, says, hint}) =>
      `${line}:${column}-${endColumn} ${says}${hint === undefined ? '' : ` | ${hint}`}`,
  );
