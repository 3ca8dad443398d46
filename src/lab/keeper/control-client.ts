import {request} from 'node:http';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {LabFault} from '../fault/lab-fault.ts';
import type {FaultScript} from '../fault/script.ts';
import type {DiskCounts} from '../machine/disk-counts.ts';
import {diskCountsSchema, refusalSchema, routes, statusSchema, type LabStatus} from './protocol.ts';

/** A running lab, from another process of this machine. */
export interface LabControl {
  /** Fails with `lab.down` where no keeper answers. */
  status(): Promise<Result<LabStatus>>;
  power(want: 'on' | 'off'): Promise<Result<LabStatus>>;
  /** A fault for now has struck when this resolves; fails with `lab.failed` where this lab cannot do it. */
  strike(fault: LabFault): Promise<Result<LabStatus>>;
  /** Hands over all faults of a script; their moments count from here. */
  script(script: FaultScript): Promise<Result<LabStatus>>;
  /** What reached each disk since the lab came up, by name: counted by the devices. */
  disks(): Promise<Result<Readonly<Record<string, DiskCounts>>>>;
  /** The machine's screen, PNG. */
  screenshot(): Promise<Result<Buffer>>;
  /** The keeper ends the machine, every resident and itself. */
  end(): Promise<Result<void>>;
}

// A start waits for QEMU; everything else is answered at once.
const answerMs = 60_000;

/** One request to the keeper and its answer's body. */
export const askKeeper =
  (socketPath: string) =>
  (method: string, path: string, body?: object): Promise<Result<Buffer>> =>
    new Promise((resolve) => {
      const asking = request({socketPath, method, path, signal: AbortSignal.timeout(answerMs)}, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', (error) => resolve(failed(fault('lab.failed', error.message))));
        incoming.on('end', () => {
          const whole = Buffer.concat(parts);
          resolve(incoming.statusCode === 200 ? ok(whole) : failed(fault('lab.failed', refusal(whole))));
        });
      });
      asking.on('error', (error) => resolve(failed(fault('lab.down', `no lab answers (${error.message})`))));
      asking.end(body === undefined ? '' : JSON.stringify(body));
    });

export function labControl(socketPath: string): LabControl {
  const ask = askKeeper(socketPath);
  return {
    status: () => status(ask('GET', routes.status)),
    power: (power) => status(ask('POST', routes.power, {power})),
    strike: (labFault) => status(ask('POST', routes.fault, labFault)),
    script: (script) => status(ask('POST', routes.script, script)),
    async disks() {
      const answer = await ask('GET', routes.disks);
      return answer.ok ? ok(diskCountsSchema.parse(JSON.parse(answer.value.toString('utf8')))) : answer;
    },
    screenshot: () => ask('GET', routes.screenshot),
    async end() {
      const ended = await ask('POST', routes.end);
      return ended.ok ? ok(undefined) : ended;
    },
  };
}

function refusal(body: Buffer): string {
  try {
    return refusalSchema.parse(JSON.parse(body.toString('utf8'))).says;
  } catch {
    return 'the lab’s keeper refused without a reason';
  }
}

async function status(asked: Promise<Result<Buffer>>): Promise<Result<LabStatus>> {
  const answer = await asked;
  if (!answer.ok) return answer;
  const parsed = statusSchema.safeParse(JSON.parse(answer.value.toString('utf8')));
  return parsed.success ? ok(parsed.data) : failed(fault('lab.failed', 'the lab’s keeper is of another version'));
}
