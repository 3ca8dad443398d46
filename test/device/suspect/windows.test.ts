import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {systemClock} from '../../../src/clock.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {windowsSuspect} from '../../../src/device/suspect/windows.ts';
import {itemsOf} from '../../../src/evidence/item.ts';
import {shortIn} from '../../../src/evidence/outcome.ts';
import {windowsItems} from '../../../src/evidence/windows.ts';
import {takeLive} from '../../../src/step/evidence/live.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {handOf} from '../../step/hand.ts';
import {wickedHost} from './host.ts';
import {windowsAnswers} from './windows-answers.ts';

const scriptOf = (command: string): string =>
  Buffer.from(command.split(' ').at(-1) ?? '', 'base64').toString('utf16le');

test('each command is one that no shell reads into, and short enough for cmd.exe', () => {
  for (const {verb} of windowsItems) {
    expect(verb).toHaveLength(1);
    expect(verb[0]).toMatch(/^powershell\.exe [-A-Za-z ]+ [A-Za-z0-9+/=]+$/);
    expect(verb[0]?.length).toBeLessThan(8000);
  }
  const all = windowsItems.map(({verb}) => scriptOf(verb[0] ?? '')).join('\n');
  for (const part of [
    '__NAMESPACE',
    '__FilterToConsumerBinding',
    'wbem\\Repository',
    'RunOnce',
    'Export-ScheduledTask',
    'Win32_Service',
  ])
    expect(all).toContain(part);
});

/** A host that knows our commands, each by its words, and answers as `answers` says; others end with 1. */
async function windowsHost(answers: Readonly<Record<string, string>>, wicked = '') {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-windows-'));
  const cases = await Promise.all(
    windowsItems.flatMap(async ({id, verb: [command = '']}) => {
      await writeFile(join(folder, id), answers[id] ?? '');
      return id in answers ? `*'${command}') cat '${join(folder, id)}' ;;` : `*'${command}') exit 1 ;;`;
    }),
  );
  const host = await wickedHost([wicked, ...cases].join('\n'));
  const {address, port, user, key, hostKey} = {address: '127.0.0.1', ...host.sshd};
  const suspect = windowsSuspect(keptSession({address, port, user, key, hostKey}), systemClock);
  return {
    ...host,
    world: {...host.world, suspect},
    async [Symbol.asyncDispose]() {
      suspect.close();
      await host[Symbol.asyncDispose]();
      await rm(folder, {recursive: true});
    },
  };
}

describe.runIf(haveSshd)('a Windows host', () => {
  test('is asked over its own OpenSSH, and what it answers is kept as it came', {timeout: 60_000}, async () => {
    await using host = await windowsHost(windowsAnswers);
    const vault = await host.world.evidence.open('triage');
    if (!vault.ok) throw new Error(vault.fault.says);
    const items = itemsOf('triage', windowsItems);
    expect(items.map(({id}) => id).toSorted()).toEqual(Object.keys(windowsAnswers).toSorted());
    const until = systemClock.ticks() + 50_000;
    expect(await takeLive(host.world, vault.value, {items, until, accepted: false}, handOf().hand)).toEqual({
      ok: true,
      value: undefined,
    });
    const records = await host.custody('triage');
    expect(records.map(({id}) => id.slice(4))).toEqual(items.map(({id}) => id));
    for (const {id, file = '', complete, tool, clockOffset} of records) {
      const kept = await readFile(join(host.data('triage'), file), 'utf8');
      expect(kept, id).toBe(windowsAnswers[id.slice(4)]);
      expect({complete, tool: tool.name}).toEqual({complete: true, tool: 'the host’s own PowerShell'});
      // The time that it told first, against ours.
      expect(clockOffset).toBeCloseTo(1_800_000_000 - Date.now() / 1000, -2);
      if (!file.endsWith('.tsv')) continue;
      const [name = '', size, content = ''] = kept.trimEnd().split('\t');
      expect(Buffer.from(name, 'base64').toString()).toMatch(/^C:\\/);
      expect(Number(size)).toBeGreaterThanOrEqual(Buffer.from(content, 'base64').length);
    }
    const sealed = await vault.value.seal();
    expect(sealed).toMatchObject({ok: true, value: {items: items.length}});
    expect(sealed.ok && shortIn(sealed.value.records)).toEqual([]);
  });

  test('a command that could not have all of it is on record with what it gave', {timeout: 60_000}, async () => {
    const {tasks = ''} = windowsAnswers;
    const command = windowsItems.find(({id}) => id === 'tasks')?.verb[0] ?? '';
    const wicked = `*'${command}') printf '<Task/>'; printf 'not whole: 2\\r\\n' >&2; exit 1 ;;`;
    await using host = await windowsHost({tasks}, wicked);
    const vault = await host.world.evidence.open('triage');
    if (!vault.ok) throw new Error(vault.fault.says);
    const items = windowsItems.filter(({id}) => id === 'tasks' || id === 'services');
    const until = systemClock.ticks() + 50_000;
    expect(await takeLive(host.world, vault.value, {items, until, accepted: false}, handOf().hand)).toEqual({
      ok: true,
      value: undefined,
    });
    const [first, second] = await host.custody('triage');
    expect(first).toMatchObject({
      complete: false,
      lack: 'error',
      bytes: 7,
      reason: expect.stringMatching(/^ended with 1: not whole: 2/),
    });
    expect(second).toMatchObject({complete: false, lack: 'error', reason: 'ended with 1'});
  });
});

const ids = (profile: 'flash' | 'triage'): readonly string[] => itemsOf(profile, windowsItems).map(({id}) => id);

test('each profile takes more of a Windows host than the lesser one', () => {
  const more = ids('triage').filter((id) => !ids('flash').includes(id));
  expect(ids('flash')).toEqual(expect.arrayContaining(['clock', 'processes', 'wmi-subscriptions', 'wmi-repository']));
  expect(more).toEqual(expect.arrayContaining(['run-keys', 'tasks', 'services', 'event-logs']));
});
