import type {Ports, Rules} from './rules.ts';

/** How a family tells what belongs to a connection that the host opened. */
export type Outbound =
  /** By conntrack: family inet. */
  | 'tracked'
  /** By ports and flags alone, where the family inet judges the same packet too. */
  | 'routed'
  /** Nobody could tell: the host opens none. */
  | 'none';

/** What may leave the host: answers to what may reach it, and its own connections to the ports `out` or to `reach`. */
export function fromHost(rules: Rules, address: string, outbound: Outbound): readonly string[] {
  const {mode, open, block} = rules;
  if (mode === 'blocking')
    return [
      `ip daddr @admit tcp sport 22 ${answers} accept`,
      ...either(block, (protocol) => [
        `${protocol} sport @block-${protocol} goto refuse-from`,
        `${protocol} dport @block-${protocol} goto refuse-from`,
      ]),
      `accept comment "rebuild ${mode}"`,
    ];
  return [
    `ip saddr != ${address} goto refuse-from`,
    `ip daddr @admit tcp sport 22 ${answers} accept`,
    ...reaching(rules, outbound),
    ...asking(rules, outbound),
    ...either(block, (protocol) => [
      `${protocol} sport @block-${protocol} goto refuse-from`,
      `${protocol} dport @block-${protocol} goto refuse-from`,
    ]),
    ...either(open, (protocol) => [
      `${protocol} sport @open-${protocol} ${protocol === 'tcp' ? `${answers} ` : ''}accept`,
    ]),
    ...opening(rules, outbound),
    `goto refuse-from comment "rebuild ${mode}"`,
  ];
}

/** What may reach the host: SSH of those admitted, the ports `open`, and answers to its own connections. */
export function toHost(rules: Rules, address: string, outbound: Outbound): readonly string[] {
  const {mode, open, block} = rules;
  if (mode === 'blocking')
    return [
      'ip saddr @admit tcp dport 22 accept',
      ...either(block, (protocol) => [
        `${protocol} dport @block-${protocol} goto refuse-to`,
        `${protocol} sport @block-${protocol} goto refuse-to`,
      ]),
      `accept comment "rebuild ${mode}"`,
    ];
  return [
    `ip daddr != ${address} goto refuse-to`,
    'ip saddr @admit tcp dport 22 accept',
    ...reached(rules, outbound),
    ...told(rules, outbound),
    ...either(block, (protocol) => [
      `${protocol} dport @block-${protocol} goto refuse-to`,
      `${protocol} sport @block-${protocol} goto refuse-to`,
    ]),
    ...either(open, (protocol) => [`${protocol} dport @open-${protocol} accept`]),
    ...answered(rules, outbound),
    `goto refuse-to comment "rebuild ${mode}"`,
  ];
}

/**
 * Not the first packet of a connection. It is asked for, not its opposite refused: in a fragment too short for the
 * flags (RFC 1858) no rule on them matches.
 */
const answers = 'tcp flags & (syn | ack) != syn';

/** The first packet of a connection and no other: conntrack takes one from the middle of a lost flow for new. */
const opens = 'tcp flags & (fin | syn | rst | ack) == syn';

/**
 * The label of a flow that began under rules like these. What the old system had open before has none, though conntrack
 * remembers it as established for up to five days. (One that was labelled under an earlier run's rules and is still
 * remembered ends with the reset that the new system answers.) Any of the 128 does that the gateway itself does not use.
 */
const ours = 108;

/** To so few places a bridge needs not follow connections: the place itself is all that could be spoken to. */
function reaching({reach}: Rules, outbound: Outbound): readonly string[] {
  const to = 'ip daddr . tcp dport @reach';
  if (reach.length === 0) return [];
  return outbound === 'tracked'
    ? [
        `${to} ${opens} ct state new ct label set ${ours} accept`,
        `${to} ct state established ct direction original ct label ${ours} accept`,
      ]
    : [`${to} accept`];
}

function reached({reach}: Rules, outbound: Outbound): readonly string[] {
  const from = 'ip saddr . tcp sport @reach';
  if (reach.length === 0) return [];
  return outbound === 'tracked'
    ? [`${from} ct state established ct direction reply ct label ${ours} accept`]
    : [`${from} ${answers} accept`];
}

/** DNS goes to our own resolver or to nobody: to any other server it is a way out that looks like names. */
function asking({resolver}: Rules, outbound: Outbound): readonly string[] {
  if (resolver.length === 0) return [];
  if (outbound !== 'tracked')
    return ['ip daddr @resolver udp dport 53 accept', 'ip daddr @resolver tcp dport 53 accept'];
  return [
    `ip daddr @resolver udp dport 53 ct state new,established ct direction original ct label set ${ours} accept`,
    `ip daddr @resolver tcp dport 53 ${opens} ct state new ct label set ${ours} accept`,
    `ip daddr @resolver tcp dport 53 ct state established ct direction original ct label ${ours} accept`,
  ];
}

function told({resolver}: Rules, outbound: Outbound): readonly string[] {
  if (resolver.length === 0) return [];
  if (outbound !== 'tracked')
    return ['ip saddr @resolver udp sport 53 accept', `ip saddr @resolver tcp sport 53 ${answers} accept`];
  return (['udp', 'tcp'] as const).map(
    (protocol) =>
      `ip saddr @resolver ${protocol} sport 53 ct state established ct direction reply ct label ${ours} accept`,
  );
}

function opening({out}: Rules, outbound: Outbound): readonly string[] {
  if (outbound === 'none' || !hasAny(out)) return [];
  if (outbound === 'routed') return either(out, (protocol) => [`${protocol} dport @out-${protocol} accept`]);
  return [
    // Over the router to a neighbour on its own network: back out by the interface it came in by. What is for the
    // gateway itself is excepted by its type, as the kernel may call the way it came the way it goes.
    'fib daddr type unicast fib daddr . iif oif exists goto refuse-from',
    ...either(out, (protocol) =>
      protocol === 'tcp'
        ? [
            `tcp dport @out-tcp ${opens} ct state new ct label set ${ours} accept`,
            `tcp dport @out-tcp ct state established ct direction original ct label ${ours} accept`,
          ]
        : [`udp dport @out-udp ct state new,established ct direction original ct label set ${ours} accept`],
    ),
  ];
}

function answered({out}: Rules, outbound: Outbound): readonly string[] {
  if (outbound === 'none') return [];
  return either(out, (protocol) => {
    const source = `${protocol} sport @out-${protocol}`;
    if (outbound === 'tracked') return [`${source} ct state established ct direction reply ct label ${ours} accept`];
    return [protocol === 'tcp' ? `${source} ${answers} accept` : `${source} accept`];
  });
}

export const hasAny = ({tcp, udp}: Ports): boolean => tcp.length > 0 || udp.length > 0;

function either(ports: Ports, rules: (protocol: 'tcp' | 'udp') => readonly string[]): readonly string[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) => (ports[protocol].length === 0 ? [] : rules(protocol)));
}
