import {describe, expect, test} from 'vitest';
import type {HostName} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import type {Reading} from '../../src/command/reading.ts';
import {watch} from '../../src/command/watch.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import {systemClock} from '../../src/clock.ts';
import {Screen} from '../view/screen.ts';
import {crashedRun, failedRun, story, toTheEnd, untilInstall, wholeRun, type Story} from '../view/story.ts';
import {desk, journalOf, marruuk, replayClock, tamper, type Desk} from './reading.ts';
import {freshFile, must, opened} from '../journal/sample.ts';

const lena = {who: 'lena@jump1', pid: process.pid, reason: 'run marruuk-3'};

/** A watch at its desk, each of whose waits is a turn for the test: `turns` says what happens in each. */
function watching(
  file: string,
  host: HostName | undefined,
  turns: readonly (() => unknown)[],
  {terminal, ...more}: Partial<Reading> & {terminal?: Screen} = {},
) {
  const leave = new AbortController();
  let turn = 0;
  const clock: Clock = {
    ...systemClock,
    now: () => '2026-11-21T09:40:00.000Z' as ReturnType<Clock['now']>,
    sleep: async () => {
      const next = turns[turn++];
      if (next) await next();
      else leave.abort();
    },
  };
  const nothing = {} as Journal;
  const here: Desk = desk(nothing, {clock, ...more});
  const open = () => {
    const journal = openJournalReading(file, clock);
    return journal.ok ? {ok: true as const, value: {journal: journal.value}} : journal;
  };
  const ended = watch(host, {open, signal: leave.signal, terminal}, here);
  return {here, ended};
}

/** The journal of a run that goes on: what is told after this goes into it. */
async function underWay(told: Story) {
  const kept = await journalOf(told);
  must(await kept.journal.take(marruuk, lena, 3_600_000));
  let written = told.stored.length;
  const goOn = async (further: Story): Promise<void> => {
    for (const {at, event} of further.stored.slice(written)) {
      kept.clock.at = at;
      must(await kept.journal.append('marruuk-3' as never, event));
    }
    written = further.stored.length;
    kept.clock.at = '2026-11-21T09:40:00.000Z';
  };
  return {...kept, goOn};
}

describe('of one host, without a terminal', () => {
  test('a line when something changed, none when nothing did; ends with the run', async () => {
    const told = untilInstall();
    const {file, goOn, journal} = await underWay(told);
    const {here, ended} = watching(file, marruuk, [
      () => {},
      () => goOn(told.started('install')),
      // A checkpoint moves the clock and nothing that a line tells.
      () => goOn(told.after(20).saved('install')),
      () => goOn(toTheEnd(told, 2)),
    ]);
    expect(await ended).toBe(0);
    journal.close();
    expect(here.said().split('\n')).toEqual([
      '2026-11-21T09:40:00Z marruuk-3 install running at=5/8 by=lena@jump1',
      '2026-11-21T09:40:00Z marruuk-3 install running at=5/8 attempt=1 by=lena@jump1',
      '2026-11-21T09:40:00Z marruuk-3 run done at=8/8 by=lena@jump1 next="rebuild report marruuk-3"',
      '',
    ]);
  });

  test('a failure ends it, and says what to type', async () => {
    const {file} = await journalOf(failedRun());
    const {here, ended} = watching(file, marruuk, []);
    expect(await ended).toBe(0);
    expect(here.said()).toBe(
      '2026-11-21T09:40:00Z marruuk-3 install failed at=5/8 attempt=1 fault=ssh.lost by=lena@jump1 next="rebuild resume marruuk"\n',
    );
  });

  test('a controller that is gone ends it, after the time that a resume takes', async () => {
    const {file} = await journalOf(crashedRun());
    const {here, ended} = watching(file, marruuk, [() => {}, () => {}, () => {}]);
    expect(await ended).toBe(0);
    expect(here.said()).toContain('marruuk-3 wipe unsure at=4/8');
    expect(here.complained()).toBe('nobody works on marruuk-3 now: rebuild resume marruuk\n');
  });

  test('Ctrl-C before the end is 130', async () => {
    const {file} = await underWay(untilInstall());
    expect(await watching(file, marruuk, [() => {}]).ended).toBe(130);
  });

  test('a record that was tampered with is told, and ends it with 3', async () => {
    const {file, journal} = await journalOf(wholeRun());
    journal.close();
    tamper(file, 'marruuk-3');
    const {here, ended} = watching(file, marruuk, []);
    expect(await ended).toBe(3);
    expect(here.said()).toContain('marruuk-3 run unreadable fault=journal.broken');
  });

  test('a journal that is not there yet is seen once it is', async () => {
    const file = freshFile();
    const {here, ended} = watching(file, marruuk, [
      async () => {
        const clock = replayClock();
        const journal = opened(file, clock);
        for (const {at, event} of wholeRun().stored) {
          clock.at = at;
          must(await journal.append('marruuk-3' as never, event));
        }
      },
    ]);
    expect(await ended).toBe(0);
    expect(here.said()).toMatch(/marruuk-3 run done/);
  });
});

test('of all hosts it goes on until Ctrl-C, which is how it is meant to end; only what changed is told again', async () => {
  const {file, journal, clock} = await journalOf(wholeRun('atlas-1'), failedRun());
  const {here, ended} = watching(file, undefined, [
    async () => {
      clock.at = '2026-11-21T09:39:00.000Z';
      must(await journal.append('vega-1' as never, story('vega-1').begun().stored[0]!.event));
      clock.at = '2026-11-21T09:40:00.000Z';
    },
  ]);
  expect(await ended).toBe(0);
  expect(here.said().match(/atlas-1/g)).toHaveLength(2);
  expect(here.said().trim().split('\n')).toHaveLength(3);
});

test('as JSON: a document on a line, once for each change', async () => {
  const told = untilInstall();
  const {file, goOn} = await underWay(told);
  const {here, ended} = watching(file, marruuk, [() => {}, () => goOn(toTheEnd(told))], {json: true});
  expect(await ended).toBe(0);
  const documents = here
    .said()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {type: string; hosts: {state: string}[]});
  expect(documents.map(({type, hosts}) => `${type} ${hosts[0]?.state}`)).toEqual(['status running', 'status done']);
});

describe('on a terminal', () => {
  test('is redrawn in place: the screen holds the newest state once, and nothing of the one before', async () => {
    const told = untilInstall();
    const {file, goOn} = await underWay(told);
    const screen = new Screen(80, 24);
    const {here, ended} = watching(
      file,
      marruuk,
      [() => {}, () => goOn(told.started('install')), () => goOn(toTheEnd(told, 2))],
      {terminal: screen},
    );
    expect(await ended).toBe(0);
    const shown = (await screen.shows()).join('\n');
    expect(here.said()).toBe('');
    expect(shown.match(/HOST/g)).toHaveLength(1);
    expect(shown).toMatch(/marruuk +marruuk-3 +done/);
    expect(shown).not.toContain('running');
    // A frame that is the same is not written again.
    expect(screen.writes).toBeLessThanOrEqual(4);
  });

  test('a window lower than the list shows as much as fits, and says that there is more', async () => {
    const {file} = await journalOf(wholeRun());
    const screen = new Screen(80, 8);
    await watching(file, marruuk, [], {terminal: screen}).ended;
    expect((await screen.shows()).join('\n')).toMatch(/HOST[^]*\.\.\. \d+ more lines/);
  });

  test('a narrow window gets whole rows', async () => {
    const {file} = await journalOf(wholeRun());
    const screen = new Screen(40, 30);
    await watching(file, marruuk, [], {terminal: screen}).ended;
    const shown = await screen.shows();
    expect(shown.filter((line) => line.includes('RUN'))).toHaveLength(1);
    expect(shown.every((line) => line.length < 40)).toBe(true);
  });
});
