import {z} from 'zod';
import {ok, type Result} from '../../result.ts';
import type {ControllerLog, DriveHealth, HealthReading} from '../../step/drive-health.ts';
import {garbled, type Answer} from './answer.ts';

/** What is used of `smartctl --json` (smartmontools 7.3); everything may be missing, by protocol and by drive. */
const smart = z.object({
  serial_number: z.string().optional(),
  model_name: z.string().optional(),
  scsi_model_name: z.string().optional(),
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

/** ATA attributes that count a drive's own damage: reallocated, pending and uncorrectable sectors, reported errors. */
const mediaAttributes: ReadonlySet<number> = new Set([5, 187, 197, 198]);
const crcAttribute = 199;

/** The agent's `health`: `smart SLOT SERIAL JSON` for each drive, `log CONTROLLER BYTES`, both in base64. */
export function parseHealth(answers: readonly Answer[]): Result<HealthReading> {
  const drives: DriveHealth[] = [];
  const logs: ControllerLog[] = [];
  for (const {key, values} of answers) {
    const [first = '', second = '', third = ''] = values;
    if (key === 'smart' && values.length === 3) {
      const drive = readDrive(first, second, Buffer.from(third, 'base64').toString('utf8'));
      if (!drive) return garbled('health', `what ${first} tells of itself`);
      drives.push(drive);
    } else if (key === 'log' && values.length <= 2 && first)
      logs.push({controller: first, bytes: Buffer.from(second, 'base64')});
    else return garbled('health', key);
  }
  return ok({drives, logs});
}

function readDrive(slot: string, serial: string, text: string): DriveHealth | undefined {
  const read = smart.safeParse(parsed(text));
  if (!read.success) return undefined;
  const told = read.data;
  const attributes = told.ata_smart_attributes?.table;
  const nvme = told.nvme_smart_health_information_log;
  const linkErrors = attributes?.find(({id}) => id === crcAttribute)?.raw.value;
  const mediaErrors = sum([
    ...(attributes ?? []).filter(({id}) => mediaAttributes.has(id)).map(({raw}) => raw.value),
    nvme?.media_errors,
    told.scsi_grown_defect_list,
    ...Object.values(told.scsi_error_counter_log ?? {}).map(({total_uncorrected_errors: count}) => count),
  ]);
  const powerOnHours = told.power_on_time?.hours ?? nvme?.power_on_hours;
  return {
    slot,
    // The kernel's word counts: by it a disk is erased. Behind a RAID controller there is only the drive's own.
    serial: serial === '-' ? (told.serial_number ?? '').trim() : serial,
    model: told.model_name ?? told.scsi_model_name ?? '',
    ...(told.smart_status && {passed: told.smart_status.passed}),
    ...(powerOnHours !== undefined && {powerOnHours}),
    ...(linkErrors !== undefined && {linkErrors}),
    ...(mediaErrors !== undefined && {mediaErrors}),
    ...(nvme?.critical_warning !== undefined && {warning: nvme.critical_warning}),
  };
}

/** Undefined where nothing counts. */
function sum(all: readonly (number | undefined)[]): number | undefined {
  const known = all.filter((one) => one !== undefined);
  return known.length > 0 ? known.reduce((total, one) => total + one, 0) : undefined;
}

/** Where `smartctl` gave nothing, a drive tells nothing of itself: it is still in its slot. */
function parsed(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
