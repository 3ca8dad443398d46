/** An Ethernet frame as far as a switch reads it. Addresses are numbers. */
export interface Frame {
  /** MAC addresses, lower case, colons. */
  readonly to: string;
  readonly from: string;
  readonly packet: Packet;
}

export type Packet =
  | {readonly is: 'arp'; readonly sender: number; readonly target: number}
  | Segment
  /** Everything else: IPv6, a tag, another protocol, a fragment, a frame too short for its own headers. */
  | {readonly is: 'other'};

/** A whole TCP segment or UDP datagram over IPv4. */
export interface Segment {
  readonly is: 'segment';
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
  readonly sourcePort: number;
  readonly port: number;
  /** TCP's flag bits (RFC 9293, 3.1); none for UDP. */
  readonly flags: number;
}

export const flag = {fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10} as const;

const other: Packet = {is: 'other'};
const headerBytes = 14;
const etherType = {ipv4: 0x0800, arp: 0x0806} as const;

/** Undefined where it is not even a frame. Everything in it was sent by a machine that nobody trusts. */
export function readFrame(frame: Buffer): Frame | undefined {
  if (frame.length < headerBytes) return undefined;
  return {to: mac(frame, 0), from: mac(frame, 6), packet: readPacket(frame)};
}

function readPacket(frame: Buffer): Packet {
  const type = frame.readUInt16BE(12);
  const inner = frame.subarray(headerBytes);
  if (type === etherType.arp) return readArp(inner);
  return type === etherType.ipv4 ? readIpv4(inner) : other;
}

function readArp(arp: Buffer): Packet {
  // Ethernet and IPv4, with their lengths (RFC 826).
  if (arp.length < 28 || arp.readUInt32BE(0) !== 0x0001_0800 || arp.readUInt16BE(4) !== 0x0604) return other;
  return {is: 'arp', sender: arp.readUInt32BE(14), target: arp.readUInt32BE(24)};
}

function readIpv4(ip: Buffer): Packet {
  if (ip.length < 20) return other;
  const head = ip.readUInt8(0);
  const begin = (head & 0x0f) * 4;
  if (head >> 4 !== 4 || begin < 20) return other;
  // More to come, or not the beginning: of a fragment nobody can tell where it belongs.
  if ((ip.readUInt16BE(6) & 0x3fff) !== 0) return other;
  const protocol = {6: 'tcp', 17: 'udp'}[ip.readUInt8(9)] as Segment['protocol'] | undefined;
  const segment = ip.subarray(begin);
  if (protocol === undefined || segment.length < (protocol === 'tcp' ? 20 : 8)) return other;
  return {
    is: 'segment',
    protocol,
    from: ip.readUInt32BE(12),
    to: ip.readUInt32BE(16),
    sourcePort: segment.readUInt16BE(0),
    port: segment.readUInt16BE(2),
    flags: protocol === 'tcp' ? segment.readUInt8(13) : 0,
  };
}

const mac = (frame: Buffer, at: number): string => (frame.toString('hex', at, at + 6).match(/../g) ?? []).join(':');
