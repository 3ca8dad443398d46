import {z} from 'zod';
import {ok, type Result} from '../../result.ts';
import type {ControllerLog, DriveHealth, HealthReading, Told, Untold} from '../../step/health/drive.ts';
import {garbled, type Answer} from './answer.ts';

/** What is used of `smartctl --json` (smartmontools 7.3); everything may be missing, by protocol and by drive. */
const smart = z.looseObject({
  smartctl: z
    .object({
      exit_status: z.number().optional(),
      messages: z.array(z.object({string: z.string()})).optional(),
    })
    .optional(),
  serial_number: z.string().optional(),
  model_name: z.string().optional(),
  scsi_model_name: z.string().optional(),
  smart_support: z.object({available: z.boolean(), enabled: z.boolean()}).partial().optional(),
  smart_status: z.object({passed: z.boolean()}).optional(),
  power_on_time: z.object({hours: z.number()}).optional(),
  ata_smart_attributes: z
    .object({table: z.array(z.object({id: z.number(), raw: z.object({value: z.number()})}))})
    .optional(),
  nvme_smart_health_information_log: z
    .object({critical_warning: z.number(), media_errors: z.number(), power_on_hours: z.number()})
    .partial()
    .optional(),
  scsi_grown_defect_list: z.number().optional(),
  scsi_error_counter_log: z.record(z.string(), z.object({total_uncorrected_errors: z.number()}).partial()).optional(),
});
type Smart = z.infer<typeof smart>;

/** ATA attributes that count a drive's own damage: reallocated, pending and uncorrectable sectors, reported errors. */
const mediaAttributes: ReadonlySet<number> = new Set([5, 187, 197, 198]);
const crcAttribute = 199;

/** SAS Protocol Specific Port log page (SPL-4): what a drive's own end of the cable has counted, PHY by PHY. */
const phyCounters: ReadonlySet<string> = new Set([
  'invalid_dword_count',
  'running_disparity_error_count',
  'loss_of_dword_synchronization_count',
  'phy_reset_problem_count',
]);

/** Bits of smartctl's exit code, from its manual. */
const notAsked = 0x01;
const notOpened = 0x02;
const commandFailed = 0x04;

/** The kernel's disks that speak none of ATA, SCSI and NVMe, and bridges that let nothing through. */
const noSmart = /unable to detect device type|(?:unknown|unsupported) usb bridge/i;

/**
 * The agent's `health`: `smart SLOT SERIAL PHY-ERRORS JSON` for each drive, `log CONTROLLER BYTES`; JSON and BYTES in
 * base64, `-` for a serial number or a count that there is not.
 */
export function parseHealth(answers: readonly Answer[]): Result<HealthReading> {
  const drives: DriveHealth[] = [];
  const logs: ControllerLog[] = [];
  for (const {key, values} of answers) {
    const [first = '', second = '', third = '', fourth = ''] = values;
    if (key === 'smart' && values.length === 4 && first && /^(?:-|\d{1,15})$/.test(third))
      drives.push(
        readDrive({slot: first, serial: second, phys: third}, Buffer.from(fourth, 'base64').toString('utf8')),
      );
    else if (key === 'log' && values.length <= 2 && first)
      logs.push({controller: first, bytes: Buffer.from(second, 'base64')});
    else return garbled('health', key);
  }
  return ok({drives, logs});
}

function readDrive(
  {slot, serial, phys}: {readonly slot: string; readonly serial: string; readonly phys: string},
  text: string,
): DriveHealth {
  const told = parsed(text);
  return {
    slot,
    // The kernel's word counts: by it a disk is erased. Behind a RAID controller there is only the drive's own.
    serial: serial === '-' ? (told?.serial_number ?? '').trim() : serial,
    model: told?.model_name ?? told?.scsi_model_name ?? '',
    ...(phys !== '-' && {phyErrors: Number(phys)}),
    ...(told
      ? wordOf(told)
      : {answer: 'silent', why: text === '' ? 'nothing came in time' : 'no answer that can be read'}),
  };
}

/** Undefined where `smartctl` gave nothing, or was cut short. */
function parsed(text: string): Smart | undefined {
  try {
    return smart.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function wordOf(told: Smart): Told | Untold {
  const status = told.smartctl?.exit_status ?? 0;
  const said = told.smartctl?.messages?.map(({string}) => string).join('; ') ?? '';
  const why = said.slice(0, longestWhy);
  if ((status & (notAsked | notOpened)) !== 0)
    return (status & notOpened) === 0 && noSmart.test(said)
      ? {answer: 'unsupported', why}
      : {answer: 'silent', why: why || `smartctl ended with ${status}`};
  const word = countersOf(told);
  if (Object.keys(word).length > 0) return {answer: 'told', ...word};
  const {available, enabled} = told.smart_support ?? {};
  if (available === false) return {answer: 'unsupported', why: 'it has no SMART'};
  if (enabled === false) return {answer: 'unsupported', why: 'its SMART is switched off'};
  return (status & commandFailed) === 0
    ? {answer: 'unsupported', why: why || 'it has no counters'}
    : {answer: 'silent', why: why || 'it fails the commands for its SMART data'};
}

const longestWhy = 200;

function countersOf(told: Smart): Omit<Told, 'answer'> {
  const attributes = told.ata_smart_attributes?.table;
  const nvme = told.nvme_smart_health_information_log;
  const linkErrors = sum([
    ...(attributes ?? []).filter(({id}) => id === crcAttribute).map(({raw}) => raw.value),
    ...sasPhys(told),
  ]);
  const mediaErrors = sum([
    ...(attributes ?? []).filter(({id}) => mediaAttributes.has(id)).map(({raw}) => raw.value),
    nvme?.media_errors,
    told.scsi_grown_defect_list,
    ...Object.values(told.scsi_error_counter_log ?? {}).map(({total_uncorrected_errors: count}) => count),
  ]);
  const powerOnHours = told.power_on_time?.hours ?? nvme?.power_on_hours;
  return {
    ...(told.smart_status && {passed: told.smart_status.passed}),
    ...(powerOnHours !== undefined && {powerOnHours}),
    ...(linkErrors !== undefined && {linkErrors}),
    ...(mediaErrors !== undefined && {mediaErrors}),
    ...(nvme?.critical_warning !== undefined && {warning: nvme.critical_warning}),
  };
}

/** `scsi_sas_port_0.phy_0` and so on; each counter there is under its name in the standard, in whatever spelling. */
const sasPhys = (told: Smart): readonly number[] =>
  membersOf(told, /^scsi_sas_port_\d+$/)
    .flatMap(([, port]) => membersOf(port, /^phy_\d+$/))
    .flatMap(([, phy]) => membersOf(phy, /count$/i))
    .flatMap(([name, count]) =>
      phyCounters.has(name.toLowerCase().replaceAll(' ', '_')) && typeof count === 'number' ? [count] : [],
    );

const membersOf = (value: unknown, name: RegExp): readonly (readonly [string, unknown])[] =>
  Object.entries(anyObject.safeParse(value).data ?? {}).filter(([key]) => name.test(key));
const anyObject = z.record(z.string(), z.unknown());

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((total, one) => total + one, 0) : undefined;
}
