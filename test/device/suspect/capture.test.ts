import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {itemsOf} from '../../../src/evidence/item.ts';
import {linuxItems} from '../../../src/evidence/linux.ts';
import type {Item} from '../../../src/evidence/item.ts';
import {shortIn} from '../../../src/evidence/outcome.ts';
import {evidenceCapture} from '../../../src/step/evidence-capture.ts';
import {takeLive} from '../../../src/step/evidence/live.ts';
import {brokenIn} from '../../../src/step/evidence/standing.ts';
import {systemClock} from '../../../src/clock.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {handOf} from '../../step/hand.ts';
import {wickedHost} from './host.ts';

const hand = () => handOf().hand;

const shell = (line: string, cwd: string): string => execFileSync('sh', ['-c', line], {cwd, encoding: 'utf8'});

/** What a record's second field holds. */
const decoded = (line: string, field = 1): string =>
  Buffer.from(line.split('\t')[field] ?? '', 'base64').toString('latin1');

const scratches = (): readonly string[] => readdirSync('/dev/shm').filter((name) => /^[0-9a-f]{8}$/.test(name));

/** Our own place on the machine that plays the host. */
let lair: string;
beforeEach(async () => void (lair = await mkdtemp('/dev/shm/lair-')));
afterEach(() => rm(lair, {recursive: true, force: true}));

const tar = (id: string, path: string, limits: Partial<Item> = {}): Item => ({
  id,
  what: id,
  source: path,
  verb: ['tar', path.slice(1)],
  form: 'tar',
  from: 'flash',
  seconds: 20,
  bytes: 2 ** 30,
  ...limits,
});
const ask = (id: string, limits: Partial<Item> = {}): Item => ({
  ...(linuxItems.find((item) => item.id === id) as Item),
  ...limits,
});

describe.runIf(haveSshd)('a capture from a running system', () => {
  test('holds what runs, is sealed, and is checked with standard programs alone', {timeout: 120_000}, async () => {
    await using host = await wickedHost();
    const gone = join(lair, 'gone');
    await copyFile('/bin/sleep', gone);
    await chmod(gone, 0o755);
    const process = spawn(gone, ['600'], {stdio: 'ignore'});
    await new Promise((resolve) => process.once('spawn', resolve));
    await rm(gone);
    try {
      const before = scratches();
      const vault = await host.world.evidence.open('flash');
      if (!vault.ok) throw new Error(vault.fault.says);
      const items = ['clock', 'network', 'processes', 'deleted', 'kernel', 'storage'].map((id) => ask(id));
      const taken = await takeLive(
        host.world,
        vault.value,
        {items, until: systemClock.ticks() + 60_000, accepted: false},
        hand(),
      );
      expect(taken).toEqual({ok: true, value: undefined});
      const sealed = await vault.value.seal();
      expect(sealed).toMatchObject({ok: true, value: {items: 6}});
      expect(sealed.ok && shortIn(sealed.value.records)).toEqual([]);

      const [clock] = await host.custody('flash');
      expect(Math.abs(clock?.clockOffset ?? 99)).toBeLessThan(5);
      expect(clock).toMatchObject({id: '001-clock', case: 'marruuk-1', asset: 'MRK-2017-0929', complete: true});
      const deleted = (await readFile(join(host.data('flash'), '004-deleted.tsv'), 'utf8')).split('\n');
      const own = deleted.find((line) => line.startsWith(`${process.pid}\t`)) ?? '';
      expect(decoded(own)).toBe(`${gone} (deleted)`);
      expect(Buffer.from(own.split('\t')[2] ?? '', 'base64')).toEqual(await readFile('/bin/sleep'));
      const processes = (await readFile(join(host.data('flash'), '003-processes.tsv'), 'utf8')).split('\n');
      const line = processes.find((each) => each.startsWith(`${process.pid}\t`)) ?? '';
      expect(decoded(line)).toContain(`${gone}\x00600\x00`);

      expect(scratches()).toEqual(before);
      expect(shell('mount | grep -c "ro,noatime" || true', lair).trim()).toBe('0');
      const check = `ssh-keygen -Y verify -f allowed_signers -I rebuild -n rebuild-evidence -s SHA256SUMS.sig <SHA256SUMS`;
      expect(shell(check, host.seal('flash'))).toContain('Good "rebuild-evidence" signature for rebuild');
      expect(shell(`sha256sum -c ${host.seal('flash')}/SHA256SUMS`, host.data('flash')).split('\n')).toHaveLength(8);
    } finally {
      process.kill('SIGKILL');
    }
  });

  test('a bundle that was changed after it was sealed is told by name', {timeout: 60_000}, async () => {
    await using host = await wickedHost();
    const vault = await host.world.evidence.open('flash');
    if (!vault.ok) throw new Error(vault.fault.says);
    await takeLive(
      host.world,
      vault.value,
      {items: [ask('clock')], until: systemClock.ticks() + 60_000, accepted: false},
      hand(),
    );
    await vault.value.seal();
    expect(await host.world.evidence.check('flash', 'whole')).toMatchObject({ok: true, value: {items: 1}});
    await appendFile(join(host.data('flash'), '001-clock.tsv'), '.');
    const differs = {ok: false, fault: {code: 'evidence.differs'}};
    expect(await host.world.evidence.check('flash', 'quick')).toMatchObject(differs);
    await appendFile(join(host.seal('flash'), 'SHA256SUMS'), '\n');
    expect(await host.world.evidence.check('flash', 'quick')).toMatchObject(differs);
  });
});

describe.runIf(haveSshd)('a host that does not want to be captured', () => {
  test(
    'names, lines, directories and commands of any kind end in their limits, marked',
    {timeout: 400_000},
    async () => {
      const odd = [
        '$(touch pwned)',
        'it\'s "quoted"',
        'two\nlines',
        '\u001b[2J\u001b]0;owned\u0007',
        '-rf',
        '`reboot`',
      ];
      await mkdir(join(lair, 'odd'));
      for (const name of odd) await writeFile(join(lair, 'odd', name), name);
      execFileSync('mkfifo', [join(lair, 'odd', 'pipe')]);
      await mkdir(join(lair, 'many'));
      for (let index = 0; index < 3000; index++) await writeFile(join(lair, 'many', String(index)), '');
      await using host = await wickedHost(
        [
          // One line without an end, a command without one, one that ends the connection, one that says what it likes.
          `*"'network'"*) exec tr '\\0' A </dev/zero ;;`,
          `*"'kernel'"*) exec sleep 600 ;;`,
          `*"'hidden'"*) printf 'part'; kill -9 $PPID ;;`,
          `*"'storage'"*) printf '\\033[31mowned\\n' >&2; exit 3 ;;`,
        ].join('\n'),
      );
      // New processes all the while.
      const storm = spawn('sh', ['-c', 'while :; do (:) & (:) & wait; done'], {stdio: 'ignore', detached: true});
      const items = [
        ask('clock'),
        ask('network', {bytes: 300_000}),
        ask('kernel', {seconds: 2}),
        ask('hidden'),
        ask('storage'),
        ask('processes', {seconds: 200}),
        tar('odd', join(lair, 'odd')),
        tar('many', join(lair, 'many'), {bytes: 100_000}),
      ];
      const {hand, told} = handOf();
      try {
        const vault = await host.world.evidence.open('flash');
        if (!vault.ok) throw new Error(vault.fault.says);
        const taken = await takeLive(
          host.world,
          vault.value,
          {items, until: systemClock.ticks() + 300_000, accepted: false},
          hand,
        );
        expect(taken).toEqual({ok: true, value: undefined});
      } finally {
        process.kill(-(storm.pid as number), 'SIGKILL');
      }
      const records = await host.custody('flash');
      const of = (id: string) => records.find((record) => record.id.endsWith(`-${id}`));
      expect(of('network')).toMatchObject({
        complete: false,
        lack: 'limit',
        reason: 'cut off after 300000 bytes',
        bytes: 300_000,
      });
      expect(of('kernel')).toMatchObject({complete: false, lack: 'limit', reason: 'did not end in 2 s'});
      expect(of('hidden')).toMatchObject({complete: false, lack: 'lost', reason: 'the host did not answer: ssh.lost'});
      expect(of('storage')).toMatchObject({complete: false, lack: 'error', reason: 'ended with 3: ?[31mowned'});
      expect(of('processes')?.complete).toBe(true);
      expect(of('many')).toMatchObject({
        complete: false,
        lack: 'limit',
        bytes: 100_000,
        reason: 'cut off after 100000 bytes',
      });
      expect(of('odd')).toMatchObject({complete: true});
      const listed = execFileSync(
        'tar',
        ['--list', '--quoting-style=escape', '-f', join(host.data('flash'), of('odd')?.file ?? '')],
        {
          encoding: 'utf8',
        },
      );
      for (const part of ['$(touch pwned)', 'two\\nlines', '\\033[2J']) expect(listed).toContain(part);
      expect(existsSync('pwned')).toBe(false);
      // Nothing that the host said leaves its file.
      const custody = await readFile(join(host.data('flash'), 'custody.jsonl'), 'utf8');
      expect(`${custody}${JSON.stringify(told.notes)}`).not.toMatch(/pwned|\u001b/);
    },
  );

  test(
    'when the time is over, what hangs is cut and what is left is on record as left out',
    {timeout: 120_000},
    async () => {
      await using host = await wickedHost(`*"'kernel'"*) printf part; exec sleep 600 ;;`);
      const vault = await host.world.evidence.open('flash');
      if (!vault.ok) throw new Error(vault.fault.says);
      await host.world.suspect.enter(hand().signal);
      const items = [ask('kernel'), ask('clock'), tar('lair', lair)];
      const taken = await takeLive(
        host.world,
        vault.value,
        {items, until: systemClock.ticks() + 3000, accepted: false},
        hand(),
      );
      expect(taken).toEqual({ok: true, value: undefined});
      const records = await host.custody('flash');
      expect(records).toMatchObject([
        {
          id: '001-kernel',
          complete: false,
          lack: 'time',
          bytes: 4,
          reason: expect.stringMatching(/^did not end in \d s$/) as string,
        },
        {id: 'skipped-clock', complete: false, lack: 'time', bytes: 0, reason: 'its time was over'},
        {id: 'skipped-lair', complete: false, lack: 'time', bytes: 0, reason: 'its time was over'},
      ]);
      const sealed = await vault.value.seal();
      expect(sealed.ok && shortIn(sealed.value.records)).toHaveLength(3);
    },
  );

  test('one that changes our tools is found out before they run', {timeout: 60_000}, async () => {
    await using host = await wickedHost(
      `*'cat >'*busybox*) eval "$SSH_ORIGINAL_COMMAND"; printf x >>/dev/shm/*/busybox ;;`,
    );
    const entered = await host.world.suspect.enter(hand().signal);
    expect(entered).toMatchObject({ok: false, fault: {code: 'suspect.refused'}});
    execFileSync('sh', [
      '-c',
      'for folder in /dev/shm/????????; do [ ! -e "$folder/busybox" ] || rm -rf "$folder"; done',
    ]);
  });

  test('what it answered once is not asked again after it was lost', {timeout: 60_000}, async () => {
    await using host = await wickedHost(
      `*"'kernel'"*) [ -e ${lair}/again ] || { touch ${lair}/again; kill -9 $PPID; } ;;`,
    );
    const items = [ask('clock'), ask('kernel')];
    const go = async () => {
      const vault = await host.world.evidence.open('flash');
      if (!vault.ok) throw new Error(vault.fault.says);
      const until = systemClock.ticks() + 60_000;
      expect(await takeLive(host.world, vault.value, {items, until, accepted: false}, hand())).toMatchObject({
        ok: true,
      });
      return brokenIn(['clock', 'kernel'], vault.value.held);
    };
    expect(await go()).toEqual([
      {item: 'kernel', lack: 'lost', is: 'short', reason: 'the host did not answer: ssh.lost'},
    ]);
    expect(await go()).toEqual([]);
    expect((await host.custody('flash')).map(({id}) => id)).toEqual(['001-clock', '002-kernel', '003-kernel']);
  });
});

test('the profiles take the most volatile first, and each all that the lesser ones take', () => {
  const [flash, triage] = [itemsOf('flash', linuxItems), itemsOf('triage', linuxItems)];
  expect(triage.slice(0, flash.length)).toEqual(flash);
  expect(flash.map(({id}) => id).slice(0, 3)).toEqual(['clock', 'network', 'processes']);
  expect(triage.length).toBeGreaterThan(flash.length);
  expect(itemsOf('none', linuxItems)).toEqual([]);
  expect(evidenceCapture.irreversible).toBe(false);
});
