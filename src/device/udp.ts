import {createSocket} from 'node:dgram';
import type {Reach} from '../step/world/vantage.ts';
import {isNoRoute} from './route.ts';

/**
 * What makes a service of that port answer, where it answers at all: a DNS query, an NTP request, an SNMP get, and so on.
 * Any other port is sent a line feed.
 */
const questions: Readonly<Record<number, string>> = {
  // The root's name servers (RFC 1035).
  53: '7262010000010000000000000000020001',
  // RRQ (RFC 1350).
  69: '000172656275696c6400 6f6374657400',
  // A portmapper's NULL call (RFC 1833).
  111: '72656275 00000000 00000002 000186a0 00000002 00000000 00000000 00000000 00000000 00000000',
  // A client's request, version 4 (RFC 5905).
  123: `23${'00'.repeat(47)}`,
  // NetBIOS node status of `*` (RFC 1002).
  137: `72620000000100000000000020434b${'41'.repeat(30)}0000210001`,
  // SNMPv2c get of sysDescr, community public (RFC 3416).
  161: '302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500',
  // CLDAP: the root DSE (RFC 1798).
  389: '302502010163200400 0a0100 0a0100 020100 020100 010100 870b6f626a656374636c61737330 00',
  // IKEv1 main mode without proposals (RFC 2408).
  500: `${'72'.repeat(8)}${'00'.repeat(8)}0110020000000000 0000001c`,
  // The query for every service (RFC 6763).
  5353: '000000000001000000000000095f7365727669636573075f646e732d7364045f756470056c6f63616c00000c0001',
  // `stats` behind memcached's UDP frame.
  11211: '0001000000010000 73746174730d0a',
  // M-SEARCH (UPnP Device Architecture 1.1).
  1900: Buffer.from(
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n',
  ).toString('hex'),
  // OPTIONS (RFC 3261).
  5060: Buffer.from(
    'OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/UDP nm;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\nTo: <sip:nm>\r\nFrom: <sip:nm>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
  ).toString('hex'),
};

export const question = (port: number): Buffer => Buffer.from((questions[port] ?? '0a').replaceAll(' ', ''), 'hex');

const refusals: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'EACCES']);
const wordFor = (code: string): Reach => (isNoRoute(code) ? 'no route' : 'silent');

/**
 * Sends a datagram or two that a service of that port would answer. `open`: something answered. `refused`: the host, or
 * a firewall before it, said that nobody is there. `silent`: neither, which many an open port is, too. `no route`: nothing
 * could be sent.
 */
export function askUdp(host: string, port: number, ms: number): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const end = (reach: Reach): void => {
      clearTimeout(again);
      clearTimeout(late);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      resolve(reach);
    };
    // One datagram may be lost.
    const again = setTimeout(() => socket.send(question(port)), ms / 2);
    const late = setTimeout(() => end('silent'), ms);
    socket.on('message', () => end('open'));
    // ICMP says it to a socket that is connected: port unreachable, or prohibited by an administrator.
    socket.on('error', ({code = ''}: NodeJS.ErrnoException) => end(refusals.has(code) ? 'refused' : wordFor(code)));
    // A callback would be called for a failure, too, in place of the event.
    socket.once('connect', () => socket.send(question(port)));
    socket.connect(port, host);
  });
}
