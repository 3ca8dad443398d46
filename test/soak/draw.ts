import type {Chance} from '../../src/lab/fault/chance.ts';

/** A fault as a script has it: `rebuild lab --help` says what each option means. */
export type Drawn = Readonly<Record<string, string | number>> & {readonly fault: string};

const steps = ['isolate', 'evidence', 'mount', 'boot', 'wipe', 'install', 'eject', 'network', 'verify'] as const;
type StepName = (typeof steps)[number];

interface Kind {
  readonly weight: number;
  /** The steps it may come in; any where it does not say. */
  readonly in?: readonly StepName[];
  readonly draw: (chance: Chance) => Readonly<Record<string, string | number>> & {readonly fault: string};
}

/**
 * What can be drawn, and how often against the others. Spans are those of the lab: a rebuild takes minutes there. What
 * no operator could mend from a distance (a disk that keeps failing) ends by itself or is drawn to strike once.
 */
const kinds: readonly Kind[] = [
  {weight: 6, draw: () => ({fault: 'controller-kill'})},
  {weight: 2, draw: (chance) => ({fault: 'controller-stop', for: seconds(chance, 5, 60)})},
  {weight: 1, draw: (chance) => ({fault: 'controller-address', address: '10.9.0.7', for: seconds(chance, 20, 90)})},
  {weight: 1, draw: (chance) => ({fault: 'controller-clock', by: either(chance), for: seconds(chance, 10, 60)})},
  {weight: 1, draw: (chance) => ({fault: 'journal-full', for: seconds(chance, 3, 20)})},
  {weight: 1, draw: (chance) => ({fault: 'journal-read-only', for: seconds(chance, 3, 20)})},
  {weight: 3, draw: () => ({fault: 'eject'})},
  {weight: 2, draw: (chance) => ({fault: 'cut', on: line(chance), for: seconds(chance, 1, 20)})},
  {weight: 2, draw: (chance) => ({fault: 'stall', on: line(chance), for: seconds(chance, 1, 20)})},
  {weight: 2, draw: (chance) => ({fault: 'drop', on: line(chance), for: seconds(chance, 1, 20)})},
  {weight: 1, draw: (chance) => ({fault: 'reset', on: line(chance)})},
  {weight: 1, draw: (chance) => ({fault: 'throttle', on: line(chance), rate: '2MB', for: seconds(chance, 5, 30)})},
  {weight: 1, draw: (chance) => ({fault: 'loss', on: 'host', percent: 2, for: seconds(chance, 5, 30)})},
  {weight: 1, draw: (chance) => ({fault: 'delay', on: line(chance), delay: '80ms', for: seconds(chance, 5, 30)})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-401', count: count(chance, 1, 3)})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-500', count: count(chance, 1, 4)})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-503', count: count(chance, 1, 4)})},
  {weight: 1, draw: () => ({fault: 'bmc-no-mount', count: 1})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-stale-inserted', for: seconds(chance, 10, 60)})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-stale-name', for: seconds(chance, 10, 60)})},
  {weight: 1, draw: () => ({fault: 'bmc-ignore-reset', count: 1})},
  {weight: 1, draw: () => ({fault: 'bmc-forget-boot', count: 1})},
  {weight: 1, draw: () => ({fault: 'bmc-eject-on-reset', count: 1})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-sessions-full', for: seconds(chance, 5, 30)})},
  {weight: 1, draw: (chance) => ({fault: 'bmc-reboot', for: seconds(chance, 5, 25)})},
  {weight: 3, draw: (chance) => ({fault: 'power-loss', for: seconds(chance, 1, 10)})},
  {weight: 2, draw: () => ({fault: 'machine-reset'})},
  {weight: 1, draw: (chance) => ({fault: 'machine-freeze', for: seconds(chance, 2, 20)})},
  {weight: 1, draw: (chance) => ({fault: 'disk-slow', disk: 'system', rate: '20MB', for: seconds(chance, 5, 20)})},
  {
    weight: 2,
    // Under the new system it would damage a file system that nobody writes again.
    in: ['wipe', 'install'],
    draw: (chance) => ({fault: 'disk-errors', disk: 'system', for: seconds(chance, 1, 5)}),
  },
  {weight: 1, draw: (chance) => ({fault: 'clock-jump', by: either(chance)})},
];

/** An install in the lab is at least so many seconds of writing, and its checkpoint is saved once in each. */
const savesInInstall = 10;
/** A fault comes so many seconds after its event at most: no longer than the rest of the rebuild is sure to last. */
const latest: Readonly<Record<StepName, number>> = {
  isolate: 12,
  evidence: 12,
  mount: 12,
  boot: 12,
  wipe: 12,
  install: 3,
  eject: 12,
  network: 12,
  verify: 3,
};

/** The faults of one rebuild, each at an event of its own and some seconds after it. */
export function drawFaults(chance: Chance): readonly Drawn[] {
  return Array.from({length: count(chance, 1, 5)}, () => {
    const kind = drawKind(chance);
    const step = one(chance, kind.in ?? steps);
    // Most of a rebuild's time goes into few steps.
    const event =
      step === 'install' && chance.next() < 0.7
        ? `step.saved:install#${count(chance, 1, savesInInstall)}`
        : `step.started:${step}`;
    return {...kind.draw(chance), 'at-event': event, 'at-time': seconds(chance, 0.1, latest[step])};
  });
}

function drawKind(chance: Chance): Kind {
  let left = chance.between(
    0,
    kinds.reduce((sum, {weight}) => sum + weight, 0),
  );
  for (const kind of kinds) if ((left -= kind.weight) <= 0) return kind;
  throw new Error('unreachable: the weights add up to less than their sum');
}

export const scriptText = (seed: number, faults: readonly Drawn[]): string =>
  `seed: ${seed}\nfaults:\n${faults.map((fault) => `  - ${JSON.stringify(fault)}\n`).join('')}`;

const one = <T>(chance: Chance, of: readonly T[]): T => of[Math.floor(chance.between(0, of.length))]!;
const seconds = (chance: Chance, from: number, to: number): string => `${chance.between(from, to).toFixed(1)}s`;
const count = (chance: Chance, from: number, to: number): number => Math.floor(chance.between(from, to + 1));
const line = (chance: Chance): string => one(chance, ['host', 'medium']);
const either = (chance: Chance): string => one(chance, ['-2h', '+90d']);

/** Every kind of fault that can be drawn. */
export const drawable: readonly string[] = kinds.map(({draw}) => draw({next: () => 0, between: (low) => low}).fault);
