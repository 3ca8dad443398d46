import {setImmediate} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {sweep, type Line} from '../../src/device/sweep.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {TcpPort} from '../../src/runbook/runbook.ts';
import type {Reach} from '../../src/step/world/vantage.ts';

const ports = Array.from({length: 1000}, (_, index): TcpPort => `tcp/${index + 1}`);

/** A line on which each port answers by `answer`; it counts what it still dials, as sshd does for a port that was given up. */
function line(answer: (port: number) => Reach, more: Partial<Line> = {}) {
  const seen = {tried: [] as number[], dialling: 0, most: 0, renewed: 0};
  const knock: Line['knock'] = async (_, port) => {
    seen.tried.push(port);
    seen.most = Math.max(seen.most, ++seen.dialling);
    await setImmediate();
    const reach = answer(port);
    if (reach !== 'silent') seen.dialling--;
    return ok(reach);
  };
  const renew = (): void => {
    seen.dialling = 0;
    seen.renewed++;
  };
  return {seen, line: {knock, renew, atOnce: 40, ...more}};
}

const word = (port: number): Reach => (port === 22 ? 'open' : port === 99 ? 'no route' : 'refused');

test('every port is tried once, over whichever line has room, and what is not refused is told', async () => {
  const [one, other] = [line(word), line(word)];
  expect(await sweep([one.line, other.line], 'host', ports, 1)).toEqual(ok({'tcp/22': 'open', 'tcp/99': 'no route'}));
  expect([...one.seen.tried, ...other.seen.tried].toSorted((a, b) => a - b)).toEqual(ports.map((_, at) => at + 1));
  expect(other.seen.tried.length).toBeGreaterThan(0);
  expect([one.seen.renewed, other.seen.renewed]).toEqual([0, 0]);
});

test('a line that meets silence is made anew before its far end dials more than it can bear, and at the end', async () => {
  const one = line(() => 'silent', {bears: 30});
  const found = await sweep([one.line], 'host', ports, 1);
  expect(found.ok && Object.values(found.value)).toHaveLength(1000);
  expect(one.seen.most).toBeLessThanOrEqual(30 + 40);
  expect(one.seen.dialling).toBe(0);
});

test('a line that fails ends it with its fault', async () => {
  const one = line(() => 'refused');
  const lost = {...one.line, knock: async () => failed(fault('ssh.lost', 'gone'))};
  expect(await sweep([lost, one.line], 'host', ports, 1)).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
  expect(one.seen.tried.length).toBeLessThan(1000);
});
