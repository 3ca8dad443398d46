import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {systemClock} from '../../../src/clock.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {windowsSuspect} from '../../../src/device/suspect/windows.ts';
import {windowsItems} from '../../../src/evidence/windows.ts';
import {takeLive} from '../../../src/step/evidence-live.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {handOf} from '../../step/hand.ts';
import {wickedHost} from './host.ts';

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

// There is no Windows here: what this host answers was written by us, in the form that Microsoft documents.
const subscriptions =
  '[{"Namespace":"root/other","Class":"__EventFilter","Instance":{"Name":"Updater","Query":"SELECT * FROM __InstanceModificationEvent WITHIN 60"}}]';

describe.runIf(haveSshd)('a Windows host', () => {
  test('is asked over its own OpenSSH, and what it answers is kept as it came', {timeout: 60_000}, async () => {
    await using host = await wickedHost(
      `powershell.exe*) script=$(printf %s "$SSH_ORIGINAL_COMMAND" | sed 's/.* //' | base64 -d | tr -d '\\000')
        case $script in *__NAMESPACE*) printf %s '${subscriptions}' ;; *) exit 1 ;; esac ;;`,
    );
    const {sshd} = host;
    const kept = keptSession({
      address: '127.0.0.1',
      port: sshd.port,
      user: sshd.user,
      key: sshd.key,
      hostKey: sshd.hostKey,
    });
    const suspect = windowsSuspect(kept, systemClock);
    const vault = await host.world.evidence.open('flash');
    if (!vault.ok) throw new Error(vault.fault.says);
    const items = windowsItems.filter(({id}) => id === 'wmi-subscriptions' || id === 'services');
    const until = systemClock.ticks() + 30_000;
    expect(
      await takeLive({...host.world, suspect}, vault.value, {items, until, accepted: false}, handOf().hand),
    ).toMatchObject({
      ok: true,
    });
    suspect.close();
    const [wmi, services] = await host.custody('flash');
    expect(await readFile(join(host.data('flash'), wmi?.file ?? ''), 'utf8')).toBe(subscriptions);
    expect(wmi).toMatchObject({complete: true, tool: {name: 'the host’s own PowerShell', sha256: null}});
    expect(services).toMatchObject({complete: false, reason: 'ended with 1'});
  });
});
