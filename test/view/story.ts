import {createHash} from 'node:crypto';
import type {HostName, Instant, RunId, Sha256, StepId} from '../../src/brand.ts';
import type {Event, StepHeading, Stored} from '../../src/engine/event.ts';
import type {FaultCode} from '../../src/fault.ts';
import type {JsonObject} from '../../src/json.ts';
import type {Cause, Interruption} from '../../src/step/interruption.ts';

/** A run told event by event, at chosen moments: what a journal would hold. Tests say only what differs. */
export interface Story {
  readonly stored: readonly Stored[];
  /** Lets seconds pass. */
  after(seconds: number): Story;
  tell(event: Event): Story;
  begun(more?: Partial<Extract<Event, {type: 'run.begun'}>>): Story;
  started(step: string, attempt?: number): Story;
  saved(step: string, checkpoint?: JsonObject): Story;
  noted(step: string, says: string, data?: JsonObject): Story;
  interrupted(step: string, cause: Cause, says: string, more?: Partial<Interruption>): Story;
  regained(step: string, seconds: number): Story;
  done(step: string, says: string, data?: JsonObject): Story;
  failed(
    step: string,
    code: FaultCode,
    says: string,
    more?: {state?: string; next?: string; detail?: JsonObject},
  ): Story;
}

const id = (step: string): StepId => step as StepId;

const digest = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256;

export const headings: readonly StepHeading[] = [
  ['isolate', 'port.isolate', false, ['network.restore']],
  ['mount', 'media.mount', false, ['target.boot']],
  ['boot', 'target.boot', false, ['network.restore']],
  ['wipe', 'disk.wipe', true, ['network.restore']],
  ['install', 'os.install', true, ['network.restore']],
  ['eject', 'media.eject', false, []],
  ['network', 'network.restore', false, []],
  ['verify', 'host.verify', false, []],
].map(([id, kind, irreversible, heldUntil], index) => ({
  id: id as StepId,
  kind: kind as string,
  irreversible: irreversible as boolean,
  heldUntil: heldUntil as string[],
  place: {file: 'runbooks/marruuk.yaml', line: 31 + index, column: 5},
}));

export function story(run = 'marruuk-3', from = '2026-11-21T09:16:22.000Z'): Story {
  const stored: Stored[] = [];
  let at = Date.parse(from);
  const tell = (event: Event): Story => {
    const seq = stored.length + 1;
    stored.push({seq, at: new Date(at).toISOString() as Instant, event, hash: digest(`${run}/${seq}`)});
    return self;
  };
  const self: Story = {
    stored,
    tell,
    after(seconds) {
      at += seconds * 1000;
      return self;
    },
    begun: (more = {}) =>
      tell({
        type: 'run.begun',
        run: run as RunId,
        host: run.slice(0, run.lastIndexOf('-')) as HostName,
        by: 'lena@jump1',
        rebuild: '0.3.1',
        plan: digest('plan'),
        runbook: digest('runbook'),
        promiseSeconds: 12 * 3600,
        lab: false,
        steps: headings,
        facts: {
          machine: {vendor: 'Dell', model: 'R640', serial: '8FQ2K93'},
          lightKey: 'SHA256:q1VwLight',
          hostKey: 'SHA256:hostNew',
          controller: '10.9.0.2',
          erases: ['S3Z8NB0K412345'],
          keeps: ['S3Z8NB0K498765'],
        },
        ...more,
      }),
    started: (step, attempt = 1) => tell({type: 'step.started', step: id(step), attempt}),
    saved: (step, checkpoint = {phase: 'writing'}) => tell({type: 'step.saved', step: id(step), checkpoint}),
    noted: (step, says, data = {}) => tell({type: 'step.noted', step: id(step), says, data}),
    interrupted: (step, cause, says, more = {}) => {
      const none = {seconds: 0, bytesAgain: 0, attempts: 0, over: false};
      return tell({type: 'step.interrupted', step: id(step), cause, says, ...none, ...more});
    },
    regained: (step, seconds) => tell({type: 'step.regained', step: id(step), seconds, attempts: 1}),
    done: (step, says, data = {}) => tell({type: 'step.done', step: id(step), proof: {says, data}}),
    failed: (step, code, says, more = {}) => tell({type: 'step.failed', step: id(step), fault: {code, says, ...more}}),
  };
  return self;
}

/** Up to the install, everything well. */
export const untilInstall = (run?: string): Story =>
  story(run)
    .begun()
    .started('isolate')
    .after(9.2)
    .done('isolate', 'closed when tried from neighbour and outside', {oldHostKey: 'SHA256:hostOld'})
    .started('mount')
    .after(38)
    .done('mount', 'virtual cd holds 4be1a90c1d22, digest checked', {
      iso: digest('iso'),
      isoBytes: 38_400_000,
      base: digest('base'),
    })
    .started('boot')
    .after(60)
    .interrupted(
      'boot',
      'medium lost',
      'the medium went away before the light system was up; mounting and booting again',
      {
        seconds: 4,
        bytesAgain: 12_000_000,
      },
    )
    .after(98)
    .regained('boot', 102)
    .after(74)
    .done('boot', 'light system is up, host key pinned', {
      bootId: 'b1',
      isoBytesServed: 51_300_000,
      attempts: 2,
      mediaLosses: 1,
    })
    .started('wipe')
    .after(1)
    .tell({type: 'effect.sent', step: 'wipe' as StepId, effect: 'wipe:S3Z8NB0K412345'})
    .tell({type: 'effect.settled', step: 'wipe' as StepId, effect: 'wipe:S3Z8NB0K412345'})
    .after(101)
    .done('wipe', 'read back as zero: system', {erased: {S3Z8NB0K412345: 'write zeroes'}, level: 'clear'});

/** From the install's beginning to the run's end. */
export const toTheEnd = (told: Story, attempt = 1): Story =>
  told
    .started('install', attempt)
    .after(20)
    .saved('install', {phase: 'writing', image: digest('image'), bootId: 'b1', written: [[0, 40]]})
    .after(40)
    .done('install', 'every chunk read back: debian 1d4c7a0e22b1', {image: digest('image'), bytesSent: 334_000_000})
    .started('eject')
    .after(4)
    .done('eject', 'virtual cd is empty', {byItself: false})
    .started('network')
    .after(71)
    .done('network', '203.0.113.20 answers with the key pinned beforehand', {bootId: 'b2'})
    .started('verify')
    .after(31)
    .done('verify', 'new key from 3 vantages; only tcp/22 open', {hostKey: 'SHA256:hostNew', release: 'Debian 12'})
    .tell({type: 'run.done'});

export const wholeRun = (run?: string): Story => toTheEnd(untilInstall(run));

export const failedRun = (run?: string): Story =>
  untilInstall(run)
    .started('install')
    .after(20)
    .saved('install')
    .after(114)
    .failed('install', 'ssh.lost', 'nothing moved on the connection to 203.0.113.20 for 60 s', {
      detail: {output: 'receiver: chunk 41 of 58\nreceiver: \u001b[2Jread: Connection reset'},
    })
    .tell({type: 'run.stopped', why: 'failed'});

/** The controller died while the erase ran. */
export const crashedRun = (run?: string): Story =>
  story(run)
    .begun()
    .started('isolate')
    .after(9)
    .done('isolate', 'closed when tried from neighbour and outside')
    .started('mount')
    .after(38)
    .done('mount', 'virtual cd holds 4be1a90c1d22, digest checked')
    .started('boot')
    .after(60)
    .done('boot', 'light system is up, host key pinned')
    .started('wipe')
    .after(1)
    .tell({type: 'effect.sent', step: 'wipe' as StepId, effect: 'wipe:S3Z8NB0K412345'});
