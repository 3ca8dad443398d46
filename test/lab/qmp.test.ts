import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer, type Server, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {connectQmp, type Qmp} from '../../src/lab/machine/qmp.ts';

interface Order {
  readonly execute: string;
  readonly id: number;
}

let directory: string;
let server: Server;
let qmp: Qmp;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rebuild-qmp-'));
});

afterEach(async () => {
  qmp.close();
  server.close();
  await rm(directory, {recursive: true, force: true});
});

/** A QEMU that answers an order with `answer`'s lines, in order. */
async function speaking(answer: (order: Order, socket: Socket) => readonly object[]): Promise<Qmp> {
  const path = join(directory, 'monitor.sock');
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        const order = JSON.parse(line) as Order;
        const lines = order.execute === 'qmp_capabilities' ? [{return: {}, id: order.id}] : answer(order, socket);
        socket.write(lines.map((reply) => `${JSON.stringify(reply)}\r\n`).join(''));
      }
    });
  });
  server.listen(path);
  await once(server, 'listening');
  const connected = await connectQmp(path);
  if (!connected.ok) throw new Error(connected.fault.says);
  qmp = connected.value;
  return qmp;
}

test('a reply belongs to its order, whatever comes first', async () => {
  const orders: Order[] = [];
  await speaking((order) => {
    orders.push(order);
    return orders.length < 2 ? [] : orders.toReversed().map(({execute, id}) => ({return: {did: execute}, id}));
  });
  const [first, second] = await Promise.all([qmp.execute('one'), qmp.execute('two')]);
  expect([first, second]).toEqual([
    {ok: true, value: {did: 'one'}},
    {ok: true, value: {did: 'two'}},
  ]);
});

test('an event that comes ahead of the reply is not lost', async () => {
  await speaking(({id}) => [
    {event: 'DEVICE_DELETED', data: {device: 'other'}},
    {event: 'DEVICE_DELETED', data: {device: 'cdport'}},
    {return: {}, id},
  ]);
  const gone = qmp.next(({data}) => data['device'] === 'cdport', 5_000);
  expect(await qmp.execute('device_del', {id: 'cdport'})).toEqual({ok: true, value: {}});
  expect(await gone).toEqual({name: 'DEVICE_DELETED', data: {device: 'cdport'}});
});

test('QEMU’s refusal is a fault with its own words', async () => {
  await speaking(({id}) => [{error: {class: 'GenericError', desc: 'Tray of device is not open'}, id}]);
  expect(await qmp.execute('blockdev-remove-medium')).toMatchObject({
    ok: false,
    fault: {code: 'lab.failed', says: 'QEMU refused blockdev-remove-medium: Tray of device is not open'},
  });
});

test('a machine that goes off answers what was still asked', async () => {
  await speaking((_, socket) => {
    socket.destroy();
    return [];
  });
  const event = qmp.next(() => true, 60_000);
  expect(await qmp.execute('cont')).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
  expect(await event).toBeUndefined();
  await qmp.closed;
  expect(await qmp.execute('cont')).toMatchObject({ok: false});
});

test('a monitor that is not there is a fault, so that the caller can try again', async () => {
  await speaking(() => []);
  expect(await connectQmp(join(directory, 'nobody.sock'))).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
});
