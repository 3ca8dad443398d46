import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Instant} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {notBefore} from '../../src/command/sitting/gatekeeper.ts';
import {read} from '../../src/view/history.ts';
import {wallSeconds} from '../../src/view/elapsed.ts';
import {tally} from '../../src/gate/judge.ts';
import {asked, minutes, signed} from '../gate/sample.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

// Somebody, or NTP, sets the controller's time of day while it works. What it waits for goes by the kernel's other clock.

/** The time of day is wrong by `jumps[n]` seconds once it has been read so many times. */
class JumpyClock extends VirtualClock implements Clock {
  #reads = 0;
  readonly #jumps: readonly number[];
  constructor(jumps: readonly number[]) {
    super();
    this.#jumps = jumps;
  }
  override now(): Instant {
    const wrong = this.#jumps[Math.min(this.#reads++, this.#jumps.length - 1)] ?? 0;
    return new Date(Date.parse(super.now()) + wrong * 1000).toISOString() as Instant;
  }
}

const stand = (clock: VirtualClock): Stand => ({
  clock,
  machine: new Machine(runbook, clock),
  journal: memoryJournal(clock),
});

describe('a clock that jumps under a run', () => {
  test('changes neither how it ends nor how long anything is waited for', async () => {
    const calm = stand(new VirtualClock());
    expect(await sit(calm)).toEqual({end: 'done'});
    const jump = fc.integer({min: -400 * 86_400, max: 400 * 86_400});
    await fc.assert(
      fc.asyncProperty(fc.array(jump, {minLength: 1, maxLength: 40}), async (jumps) => {
        const s = stand(new JumpyClock(jumps));
        expect(await sit(s)).toEqual({end: 'done'});
        expect({...s.machine.end(), disks: []}).toEqual({...calm.machine.end(), disks: []});
        expect(s.clock.ticks()).toBe(calm.clock.ticks());
        expect(s.journal.entries.map(({seq}) => seq)).toEqual(s.journal.entries.map((_, index) => index + 1));
        // What a person reads of it is no negative time.
        expect(wallSeconds(read(s.journal.entries)!)).toBeGreaterThanOrEqual(0);
      }),
      {numRuns: 30},
    );
  });

  test('in a sitting that is killed anywhere leaves a run that a right clock finishes', async () => {
    for (let death = 1; death < 60; death += 7) {
      const s = stand(new JumpyClock([0, 86_400, -86_400, 7200]));
      await sit(s, death);
      expect(await sit(s), `death ${death}`).toEqual({end: 'done'});
      expect(s.machine.counts.wipes).toBe(1);
    }
  });
});

const at = (now: Instant, seen: readonly Instant[]): number =>
  tally(
    [signed('omar')],
    asked,
    notBefore(
      now,
      seen.map((each) => ({at: each})),
    ),
  ).hold.length;

describe('approvals, of which each ends at a time of day', () => {
  test('that have expired stay so when the clock is set back', () => {
    expect(at(minutes(109), [minutes(0), minutes(108)])).toBe(1);
    expect(at(minutes(111), [minutes(0), minutes(110)])).toBe(0);
    expect(at(minutes(20), [minutes(0), minutes(111), minutes(20)])).toBe(0);
  });

  test('are not made to last by a clock that ran ahead for a moment', () => {
    expect(at(minutes(30), [minutes(0), minutes(60 * 24)])).toBe(0);
  });
});
