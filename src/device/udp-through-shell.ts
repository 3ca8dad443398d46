import {ok, type Result} from '../result.ts';
import type {UdpPort} from '../runbook/runbook.ts';
import type {Asked, Reach} from '../step/world/vantage.ts';
import {printable} from './ssh/printable.ts';
import type {SshSession} from './ssh/session.ts';
import {question} from './udp.ts';

/**
 * `$1` the address, `$2` the seconds that an answer is waited for, twice; then for each port its number and its question
 * in base64. A line `PORT WORD` for each. bash opens the socket (its `/dev/udp`, REDIRECTION in bash(1)); base64 sends
 * each datagram in one write, which bash's own printf, buffered by line, does not.
 */
const script = String.raw`export LC_ALL=C
address=$1 seconds=$2
shift 2
ask() {
  exec 3<>"/dev/udp/$address/$1" || exit 1
  for turn in 1 2; do
    printf %s "$2" | base64 -d >&3 || exit 1
    IFS= read -r -d '' -n 1 -t "$seconds" -u 3 && exit 0
    [ $? -gt 128 ] || exit 1
  done
  exit 2
}
while [ $# -gt 0 ]; do
  {
    says=$(ask "$1" "$2" 2>&1 >/dev/null)
    case $?:$says in
      0:*) word=open ;;
      2:*) word=silent ;;
      *refused* | *'No route to host'* | *'Permission denied'*) word=refused ;;
      *unreachable* | *'Cannot assign'* | *'not supported'*) word='no route' ;;
      *) word=unable ;;
    esac
    echo "$1 $word"
  } &
  shift 2
done
wait
`;

const words: Readonly<Record<string, Reach>> = {
  open: 'open',
  silent: 'silent',
  refused: 'refused',
  'no route': 'no route',
};

/**
 * Asks UDP ports from the place of an SSH server, whose protocol forwards no datagrams: with a program run there, of
 * bash and base64 alone. Nothing is left there.
 */
export async function askThroughShell(
  session: SshSession,
  host: string,
  ports: readonly UdpPort[],
  ms: number,
): Promise<Result<Asked>> {
  const numbers = ports.map((port) => Number(port.slice('udp/'.length)));
  const asked = numbers.flatMap((number) => [String(number), question(number).toString('base64')]);
  const output = await session.exec(['bash', '-c', script, 'bash', host, (ms / 2000).toFixed(2), ...asked]);
  if (!output.ok)
    return output.fault.code === 'ssh.not-started' ? ok({is: 'unable', why: 'it runs no program of ours'}) : output;
  const {code, stdout, stderr} = output.value;
  const [first = ''] = printable(stderr).split('\n');
  if (code !== 0) return ok({is: 'unable', why: `bash there ended with ${code}${first ? `: ${first}` : ''}`});
  const told = new Map(
    stdout.split('\n').map((line): [string, string] => {
      const at = line.indexOf(' ');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const reached: Partial<Record<UdpPort, Reach>> = {};
  for (const [index, port] of ports.entries()) {
    const word = words[told.get(String(numbers[index])) ?? ''];
    if (word === undefined) return ok({is: 'unable', why: 'its bash cannot send a datagram'});
    reached[port] = word;
  }
  return ok({is: 'asked', reached});
}
