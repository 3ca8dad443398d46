import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {RunId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {sshSuspect} from '../../../src/device/suspect/suspect.ts';
import {readCustody, type Custody} from '../../../src/evidence/custody.ts';
import {ok} from '../../../src/result.ts';
import type {World} from '../../../src/step/world.ts';
import {startSshd} from '../ssh/sshd.ts';
import {evidenceIn} from '../../simulator/evidence.ts';
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
  const evidence = evidenceIn(folder, systemClock);
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
