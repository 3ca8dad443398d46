import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {localAddressTowards} from '../../src/device/route.ts';
import {keptSession} from '../../src/device/ssh/kept.ts';
import {seenBy, whereabouts} from '../../src/device/whereabouts.ts';
import {Secret} from '../../src/secret.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {haveSshd, startSshd, type Sshd} from './ssh/sshd.ts';

const stand = () => {
  const clock = new VirtualClock();
  const at: {route: string | undefined; seen: string | undefined} = {route: '10.9.0.2', seen: '10.9.0.2'};
  let asked = 0;
  const here = whereabouts(
    '10.9.0.2',
    async () => at.route,
    async () => {
      asked++;
      return at.seen;
    },
    clock,
  );
  return {clock, at, here, asked: () => asked};
};

describe('a controller', () => {
  test('that has not moved asks nobody', async () => {
    const {here, asked} = stand();
    expect(await here.locate()).toBe('10.9.0.2');
    expect(asked()).toBe(0);
  });

  test('has moved once the gateway sees it at its new address', async () => {
    const {here, at} = stand();
    at.route = at.seen = '10.9.0.7';
    expect(here.address).toBe('10.9.0.2');
    expect(await here.locate()).toBe('10.9.0.7');
    expect(here.address).toBe('10.9.0.7');
  });

  test.each([
    ['behind address translation', '198.51.100.20'],
    ['from where the gateway is not reached', undefined],
  ])('%s stays where it was, and the gateway is asked again half a minute later', async (_, seen) => {
    const {here, at, asked, clock} = stand();
    Object.assign(at, {route: '192.168.1.23', seen});
    expect(await here.locate()).toBe('10.9.0.2');
    expect(await here.locate()).toBe('10.9.0.2');
    expect(asked()).toBe(1);
    await clock.sleep(30_000);
    expect(await here.locate()).toBe('10.9.0.2');
    expect(asked()).toBe(2);
  });

  test('without any route is where it was', async () => {
    const {here, at} = stand();
    at.route = undefined;
    expect(await here.locate()).toBe('10.9.0.2');
  });
});

test('this machine’s address towards another is the one it would send from', async () => {
  expect(await localAddressTowards('127.0.0.1')).toBe('127.0.0.1');
});

test.runIf(process.getuid?.() === 0)('without a route there is none', async () => {
  const route = JSON.stringify(join(import.meta.dirname, '../../src/device/route.ts'));
  const asked = `import {localAddressTowards} from ${route}; console.log(await localAddressTowards('10.9.0.1'));`;
  const argv = ['-n', process.execPath, '--input-type=module', '-e', asked];
  expect((await execa('unshare', argv)).stdout).toBe('undefined');
});

describe.runIf(haveSshd)('a real sshd', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.stop());

  test('tells from where it is reached', async () => {
    const {port, user, key, hostKey} = sshd;
    const login = keptSession({address: '127.0.0.1', port, user, hostKey, key: new Secret(key)});
    expect(await seenBy(login)).toBe('127.0.0.1');
  });

  test('that is not there tells nothing', async () => {
    const {user, key, hostKey} = sshd;
    const login = keptSession({address: '127.0.0.1', port: 1, user, hostKey, key: new Secret(key)});
    expect(await seenBy(login)).toBeUndefined();
  });
});
