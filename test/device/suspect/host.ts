import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {RunId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {newEd25519} from '../../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../../src/device/ssh-key/openssh-key.ts';
import {sshSuspect} from '../../../src/device/suspect/suspect.ts';
import {folderEvidence} from '../../../src/device/vault/vault.ts';
import {readCustody, type Custody} from '../../../src/evidence/custody.ts';
import {ok} from '../../../src/result.ts';
import {Secret} from '../../../src/secret.ts';
import type {World} from '../../../src/step/world.ts';
import {startSshd} from '../ssh/sshd.ts';
import {Machine} from '../../simulator/machine.ts';
import {runbook} from '../../simulator/runbook.ts';

const run = 'marruuk-1' as RunId;
const tool = async () => ok({content: await readFile('/usr/bin/busybox'), version: 'this machine’s'});

/**
 * A host that answers by a real sshd and does as `wicked` says: lines of a POSIX shell's `case` over the words of each
 * command, `*kernel*) exec sleep 600 ;;`. What none of them takes runs as asked.
 */
export async function wickedHost(wicked = '') {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-suspect-'));
  const gate = join(folder, 'gate');
  await writeFile(
    gate,
    `#!/bin/sh\ncase $SSH_ORIGINAL_COMMAND in\n${wicked}\n*) eval "$SSH_ORIGINAL_COMMAND" ;;\nesac\n`,
  );
  await chmod(gate, 0o755);
  const sshd = await startSshd([`ForceCommand ${gate}`]);
  const kept = keptSession({
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    key: sshd.key,
    hostKey: sshd.hostKey,
  });
  const pair = newEd25519();
  const evidence = folderEvidence({
    state: folder,
    run,
    host: runbook.host.name,
    asset: runbook.host.serial,
    operator: async () => ({person: 'lena@jump1', key: 'SHA256:key', runBegunBy: 'mara@jump2'}),
    tool: () => ({name: 'rebuild', version: '1.2.3, Node 24', sha256: null}),
    key: {
      publicLine: publicLine(pair, 'rebuild-controller'),
      privateKey: new Secret(privateKeyText(pair, 'rebuild-controller')),
    },
    clock: systemClock,
  });
  const suspect = sshSuspect(kept, tool, systemClock);
  const world: World = {
    ...new Machine(runbook, systemClock).world(),
    clock: systemClock,
    suspect,
    evidence,
    earlier: () => undefined,
    forgone: () => false,
  };
  return {
    world,
    folder,
    sshd,
    data: (bundle: string) => join(folder, 'evidence', run, bundle),
    seal: (bundle: string) => join(folder, 'seals', run, bundle),
    async custody(bundle: string): Promise<readonly Custody[]> {
      const records = readCustody(await readFile(join(folder, 'evidence', run, bundle, 'custody.jsonl'), 'utf8'));
      if ('brokenAt' in records) throw new Error(`the chain breaks at ${records.brokenAt}`);
      return records;
    },
    async [Symbol.asyncDispose]() {
      suspect.close();
      await sshd.stop();
      await rm(folder, {recursive: true, force: true});
    },
  };
}
