import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {afterEach, expect, test} from 'vitest';
import {controllerVantage} from '../../src/device/vantage.ts';
import {askUdp} from '../../src/device/udp.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function serve(address: string, answer: boolean): Promise<{port: number; got: Buffer[]}> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  open.push(socket);
  const got: Buffer[] = [];
  socket.on('message', (data, {port, address: from}) => {
    got.push(data);
    if (answer) socket.send('here', port, from);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return {port: socket.address().port, got};
}

test.each(['127.0.0.1', '::1'])('a port that answers is open, at %s', async (address) => {
  const {port} = await serve(address, true);
  expect(await askUdp(address, port, 5000)).toBe('open');
});

test('one that takes datagrams and says nothing is silent, and was asked twice: one may be lost', async () => {
  const {port, got} = await serve('127.0.0.1', false);
  expect(await askUdp('127.0.0.1', port, 300)).toBe('silent');
  expect(got).toHaveLength(2);
});

test('one where nobody is says so by ICMP, and is refused', async () => {
  const {port} = await serve('127.0.0.1', false);
  open.splice(0)[0]?.close();
  expect(await askUdp('127.0.0.1', port, 5000)).toBe('refused');
});

test('the controller’s own vantage can ask', async () => {
  const {port} = await serve('127.0.0.1', true);
  const vantage = controllerVantage();
  expect(await vantage.ask('127.0.0.1', [`udp/${port}`])).toEqual({
    ok: true,
    value: {is: 'asked', reached: {[`udp/${port}`]: 'open'}},
  });
});
