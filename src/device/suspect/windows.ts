import {createHash} from 'node:crypto';
import type {Sha256} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok} from '../../result.ts';
import type {Suspect} from '../../step/world/suspect.ts';
import type {KeptSession} from '../ssh/kept.ts';
import {stream} from './stream.ts';

/** What an encoded command is made of: nothing that cmd.exe or PowerShell, whichever is the login shell, reads into. */
const plain = /^powershell\.exe -NoProfile -NonInteractive -EncodedCommand [A-Za-z0-9+/=]{1,7800}$/;

/**
 * A Windows host by its own OpenSSH and PowerShell: nothing of ours is put there, so nothing is known of what answers.
 */
export const windowsSuspect = (kept: KeptSession, clock: Clock): Suspect & {close(): void} => ({
  async enter(signal) {
    const session = await kept.session(signal);
    return session.ok
      ? ok({
          tool: {name: 'the host’s own PowerShell', version: 'unknown', sha256: null},
          script: createHash('sha256').update('').digest('hex') as Sha256,
          sealed: false,
          argv: [],
        })
      : session;
  },
  async collect([command = '', ...more], limits, sink, signal) {
    if (!plain.test(command) || more.length > 0)
      return failed(fault('suspect.refused', 'a command for Windows that is none of ours'));
    const session = await kept.session(signal);
    if (!session.ok) return session;
    return stream(session.value, [command], limits, sink, clock, signal, true);
  },
  leave: async () => ok(undefined),
  close: () => kept.close(),
});
