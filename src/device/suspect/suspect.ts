import {createHash, randomBytes} from 'node:crypto';
import type {Sha256} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Suspect, SuspectFacts} from '../../step/world/suspect.ts';
import type {KeptSession} from '../ssh/kept.ts';
import type {SshSession} from '../ssh/session.ts';
import {collectorScript} from './collector/collector.ts';
import {scratchPlace} from './scratch.ts';
import {answer, stream} from './stream.ts';

/** A static program for the suspect's processor. */
export interface StaticTool {
  readonly content: Uint8Array;
  readonly version: string;
}

interface Entered {
  readonly folder: string;
  readonly facts: SuspectFacts;
  /** What each command of ours begins with. */
  readonly start: readonly string[];
}

const sha = (data: Uint8Array | string): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

/**
 * The suspect over SSH, as root. Its login shell and its `sh`, `cat`, `mkdir` and `chmod` are used once, to put our
 * busybox and our script into its memory; from then on nothing of the host's runs for us but sshd and the shell that it
 * starts each command with. What it answers goes into files, unread, but for the few short answers checked here.
 */
export function sshSuspect(
  kept: KeptSession | undefined,
  tool: () => Promise<Result<StaticTool>>,
  clock: Clock,
): Suspect & {close(): void} {
  let entered: Entered | undefined;

  const inside = async (signal: AbortSignal): Promise<Result<{session: SshSession; at: Entered}>> => {
    if (!kept)
      return failed(fault('ssh.unreachable', 'the runbook has no suspect: nothing is asked of the old system'));
    const session = await kept.session(signal);
    if (!session.ok) return session;
    if (entered) return ok({session: session.value, at: entered});
    const at = await enter(session.value, tool, signal);
    if (!at.ok) return at;
    entered = at.value;
    return ok({session: session.value, at: at.value});
  };

  return {
    async enter(signal) {
      const now = await inside(signal);
      return now.ok ? ok(now.value.at.facts) : now;
    },
    async collect(verb, limits, sink, signal) {
      const now = await inside(signal);
      if (!now.ok) return now;
      const collected = await stream(now.value.session, [...now.value.at.start, ...verb], limits, sink, clock, signal);
      // 127: our folder is gone, because the host has started anew or someone removed it.
      if (collected.ok && collected.value.reason?.startsWith('ended with 127')) entered = undefined;
      return collected;
    },
    async leave(signal) {
      if (!entered || !kept) return ok(undefined);
      const {folder} = entered;
      const session = await kept.session(signal);
      if (!session.ok) return session;
      const left = await answer(session.value, [`${folder}/busybox`, 'sh', `${folder}/b`, 'leave'], signal);
      entered = undefined;
      return left.ok ? ok(undefined) : left;
    },
    close: () => kept?.close(),
  };
}

async function enter(
  session: SshSession,
  tool: () => Promise<Result<StaticTool>>,
  signal: AbortSignal,
): Promise<Result<Entered>> {
  const ours = await tool();
  if (!ours.ok) return ours;
  const {content, version} = ours.value;
  const mounts = await answer(session, ['cat', '/proc/self/mounts'], signal);
  if (!mounts.ok) return mounts;
  const place = scratchPlace(mounts.value);
  if (place === undefined)
    return failed(fault('suspect.refused', 'no file system in its memory takes programs; a disk is not written to'));
  const folder = `${place}/${randomBytes(4).toString('hex')}`;
  const busybox = `${folder}/busybox`;
  const script = `${folder}/b`;
  const put = `umask 077 && mkdir ${folder} && cat >${busybox} && chmod 700 ${busybox}`;
  const pushed = await answer(session, ['sh', '-c', put], signal, content);
  if (!pushed.ok) return pushed;
  const text = Buffer.from(collectorScript);
  const more = await answer(session, [busybox, 'sh', '-c', `${busybox} cat >${script}`], signal, text);
  if (!more.ok) return more;

  const hashed = await answer(session, [busybox, 'sha256sum', busybox, script], signal);
  if (!hashed.ok) return hashed;
  const expected = `${sha(content)}  ${busybox}\n${sha(text)}  ${script}\n`;
  if (hashed.value !== expected)
    return failed(fault('suspect.refused', 'our own tools are not what was pushed: the host changes them'));

  const outside = await answer(session, [busybox, 'readlink', '/proc/self/ns/mnt'], signal);
  if (!outside.ok) return outside;
  const namespace = outside.value.trim();
  if (!/^mnt:\[\d{1,12}\]$/.test(namespace)) return failed(fault('suspect.refused', 'its namespaces cannot be told'));
  // Nothing of the host's environment: no preloaded library, no path to its programs.
  const clean = [busybox, 'env', '-i', 'PATH=/nowhere', 'LC_ALL=C', `OUTSIDE=${namespace}`];
  const apart = await answer(session, [...clean, busybox, 'unshare', '-m', busybox, 'true'], signal);
  const start = [...clean, ...(apart.ok ? [busybox, 'unshare', '-m'] : []), busybox, 'sh', script];
  return ok({
    folder,
    start,
    facts: {
      tool: {name: 'busybox-static', version, sha256: sha(content)},
      sealed: apart.ok,
      argv: start.map((word) => word.replace(folder, 'SCRATCH')),
      script: sha(text),
    },
  });
}
