import type {Port, TcpPort, UdpPort} from '../../runbook/runbook.ts';

export const everyTcpPort = Array.from({length: 65_535}, (_, index): TcpPort => `tcp/${index + 1}`);

/** From all over the range: how they answer is how closed ports do, whatever a few of them are used for. */
export const sampleTcp = Array.from({length: 32}, (_, index): TcpPort => `tcp/${index * 2047 + 1}`);

// What is most often found open on servers, and what backdoors have used: for places from which all of them would take
// too long, as closed ones are silence there.
export const tellingTcp = [
  21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 465, 587, 631, 873, 993, 995, 1080, 1337, 1433, 2049,
  2222, 2375, 2376, 3128, 3306, 3333, 3389, 4444, 5000, 5432, 5555, 5900, 5985, 6379, 6443, 6666, 6667, 7777, 8000,
  8080, 8081, 8443, 8888, 9000, 9001, 9090, 9200, 10_000, 11_211, 14_444, 25_565, 27_017, 31_337, 45_700,
].map((number): TcpPort => `tcp/${number}`);

// What answers over UDP on servers, amplifies, or has carried backdoors.
export const tellingUdp = [
  53, 67, 69, 111, 123, 137, 138, 161, 389, 443, 500, 514, 520, 623, 631, 1194, 1434, 1701, 1812, 1900, 2049, 3478,
  3702, 4500, 5060, 5353, 5355, 5683, 11_211, 19_132, 27_015, 31_337, 51_820,
].map((number): UdpPort => `udp/${number}`);

export const isTcp = (port: Port): port is TcpPort => port.startsWith('tcp/');
export const isUdp = (port: Port): port is UdpPort => !isTcp(port);
