import {expect, test} from 'vitest';
import type {HostKeyPin} from '../../../src/brand.ts';
import {fault} from '../../../src/fault.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import type {SshSession} from '../../../src/device/ssh/session.ts';
import {ok} from '../../../src/result.ts';

const login = {address: '203.0.113.20', port: 22, user: 'root', key: '', hostKey: 'SHA256:pin' as HostKeyPin};

/** A session that knows no more than whether it was closed. */
function bare() {
  let closed = false;
  const session = {
    get lost() {
      return closed ? fault('ssh.lost', 'closed') : undefined;
    },
    close: () => void (closed = true),
  };
  return session as unknown as SshSession;
}

test('a request that loses its session by the close gets no new one: that one would never end', async () => {
  const opened: SshSession[] = [];
  const kept = keptSession(login, async () => {
    const session = bare();
    opened.push(session);
    return ok(session);
  });
  const first = await kept.session();
  expect(first.ok).toBe(true);
  kept.close();
  expect(await kept.session()).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  expect(opened.map(({lost}) => lost?.code)).toEqual(['ssh.lost']);
});

test('one that is still being made when all is closed is closed as soon as it is there', async () => {
  const made = Promise.withResolvers<SshSession>();
  const asked = Promise.withResolvers<void>();
  const kept = keptSession(login, async () => {
    asked.resolve();
    return ok(await made.promise);
  });
  const first = kept.session();
  await asked.promise;
  kept.close();
  const session = bare();
  made.resolve(session);
  await first;
  await expect.poll(() => session.lost?.code).toBe('ssh.lost');
});
