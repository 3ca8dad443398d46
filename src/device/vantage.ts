import type {HostKeyPin} from '../brand.ts';
import {ok, type Result} from '../result.ts';
import type {SshSpec, UdpPort} from '../runbook/runbook.ts';
import type {Secret} from '../secret.ts';
import type {Asked, Reach, Vantage} from '../step/world/vantage.ts';
import {dial} from './ssh/dial.ts';
import {hostKeyOf, hostKeyThrough} from './ssh/host-key.ts';
import {keptSession, type KeptSession} from './ssh/kept.ts';
import {sweep, type Line} from './sweep.ts';
import {askThroughShell} from './udp-through-shell.ts';
import {askUdp} from './udp.ts';

/**
 * A closed path shows as silence, so this is what it costs to find one closed. A first SYN that was lost is sent again
 * after a second (RFC 6298), which leaves the second one a round trip of 600 ms; the third would be sent after three.
 */
const knockMs = 1600;
/** Where an answer is hoped for, among many at once or with a key to be read, the far end may be slow to give it. */
const answerMs = 2500;
/** A login's own limits end it; a vantage has no caller to interrupt it. */
const never = new AbortController().signal;

/** What connect(2) says of a path on which the SYN, or its answer, was lost or turned away. */
const silences: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'EACCES']);

// Of silence alone 65,535 ports take 160 s so, and a router on the way, which may remember each try for two minutes,
// has 49,000 of them to keep.
const ownAtOnce = 1024;

const knock = async (host: string, port: number, ms: number): Promise<Result<Reach>> => {
  const dialled = await dial(host, port, ms, never);
  if (dialled.is === 'open') dialled.socket.destroy();
  if (dialled.is === 'aborted') return ok('silent');
  if (dialled.is !== 'silent') return ok(dialled.is);
  const {code} = dialled;
  // Anything else, such as no room for another socket, has sent nothing.
  return ok(code === undefined || silences.has(code) ? 'silent' : 'no route');
};

/** The controller itself as a vantage. */
export function controllerVantage(address?: string): Vantage {
  return vantageOver('controller', address, {
    lines: [{knock, atOnce: ownAtOnce}],
    hostKey: (host, port) => hostKeyOf(host, port, never, answerMs),
    async ask(host, ports, ms) {
      const answers = await Promise.all(
        ports.map(async (port) => [port, await askUdp(host, Number(port.slice('udp/'.length)), ms)] as const),
      );
      return ok({is: 'asked', reached: Object.fromEntries(answers)});
    },
  });
}

// sshd goes on dialling for two minutes after we have given a port up, with a socket for each, and may have 1,024 files:
// a login that has met so much silence is ended, and its dialling with it.
const forwarded = {atOnce: 400, bears: 300};
// Of silence alone 65,535 ports take about two minutes so.
const furtherLogins = 3;

const lineOver = (login: KeptSession): Line => ({
  ...forwarded,
  renew: () => login.renew(),
  async knock(host, port, ms) {
    const at = await login.session();
    if (!at.ok) return at;
    const answer = await at.value.forward(host, port, ms);
    if (!answer.ok) return answer;
    if (answer.value.is === 'open') answer.value.stream.destroy();
    return ok(answer.value.is);
  },
});

/**
 * A place reached by SSH: its server opens the connections (direct-tcpip), a scan's over several logins. For datagrams,
 * which SSH does not forward, a shell's own program is run there.
 */
export function sshVantage(name: string, spec: SshSpec, key: Secret): Vantage & {close(): void} {
  const kept = keptSession({...spec, key});
  const others = Array.from({length: furtherLogins}, () => keptSession({...spec, key}));
  const through = vantageOver(name, spec.address, {
    lines: [lineOver(kept), ...others.map(lineOver)],
    async hostKey(host, port) {
      const at = await kept.session();
      if (!at.ok) return at;
      const answer = await at.value.forward(host, port, answerMs);
      if (!answer.ok) return answer;
      return ok(answer.value.is === 'open' ? await hostKeyThrough(answer.value.stream, never) : undefined);
    },
    async ask(host, ports, ms) {
      const at = await kept.session();
      return at.ok ? askThroughShell(at.value, host, ports, ms) : at;
    },
  });
  return {
    ...through,
    close: () => {
      for (const login of [kept, ...others]) login.close();
    },
  };
}

export interface Paths {
  /** One is tried at a time over the first. */
  readonly lines: readonly [Line, ...Line[]];
  readonly hostKey: (host: string, port: number) => Promise<Result<HostKeyPin | undefined>>;
  readonly ask: (host: string, ports: readonly UdpPort[], ms: number) => Promise<Result<Asked>>;
}

/** A vantage whose connections take these paths. */
export function vantageOver(name: string, address: string | undefined, {lines, hostKey, ask}: Paths): Vantage {
  const atOnce = lines.reduce((sum, line) => sum + Math.min(line.atOnce, line.bears ?? line.atOnce), 0);
  return {
    name,
    ...(address === undefined ? {} : {address}),
    pace: {atOnce, silenceMs: answerMs},
    reach: (host, port) => lines[0].knock(host, Number(port.slice('tcp/'.length)), knockMs),
    scan: (host, ports) => sweep(lines, host, ports, answerMs),
    ask: (host, ports) => ask(host, ports, answerMs),
    hostKey,
  };
}
