import {ipv4} from '../../src/runbook/ipv4.ts';

export const at = {
  host: '203.0.113.20',
  router: '203.0.113.1',
  neighbour: '203.0.113.30',
  far: '198.51.100.10',
} as const;
export const mac = {
  host: '52:54:00:4d:52:4b',
  router: '52:55:cb:00:71:01',
  neighbour: '52:55:cb:00:71:1e',
  all: 'ff:ff:ff:ff:ff:ff',
} as const;

const address = (text: string): number => ipv4(text) ?? 0;
const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');

export interface Wire {
  readonly from: string;
  readonly to: string;
}

export function ethernet({from, to}: Wire, type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(14);
  bytesOf(to).copy(head, 0);
  bytesOf(from).copy(head, 6);
  head.writeUInt16BE(type, 12);
  return Buffer.concat([head, payload]);
}

export interface Talk {
  readonly from: string;
  readonly to: string;
  readonly sourcePort: number;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly flags?: number;
  /** The 16 bits of the IPv4 header that say whether it is a fragment. */
  readonly fragment?: number;
}

/** An IPv4 packet in a frame; checksums are nobody's business here. */
export function segment(
  wire: Wire,
  {from, to, sourcePort, port, protocol = 'tcp', flags = 0, fragment = 0}: Talk,
): Buffer {
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(fragment, 6);
  ip.writeUInt8(protocol === 'tcp' ? 6 : 17, 9);
  ip.writeUInt32BE(address(from), 12);
  ip.writeUInt32BE(address(to), 16);
  const inner = Buffer.alloc(protocol === 'tcp' ? 20 : 8);
  inner.writeUInt16BE(sourcePort, 0);
  inner.writeUInt16BE(port, 2);
  if (protocol === 'tcp') inner.writeUInt8(flags, 13);
  return ethernet(wire, 0x0800, Buffer.concat([ip, inner]));
}

export function arp(wire: Wire, sender: string, target: string): Buffer {
  const body = Buffer.alloc(28);
  body.writeUInt32BE(0x0001_0800, 0);
  body.writeUInt16BE(0x0604, 4);
  body.writeUInt16BE(1, 6);
  bytesOf(wire.from).copy(body, 8);
  body.writeUInt32BE(address(sender), 14);
  body.writeUInt32BE(address(target), 24);
  return ethernet(wire, 0x0806, body);
}

/** A frame as QEMU sends it down a stream. */
export function streamed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length, 0);
  return Buffer.concat([length, frame]);
}
