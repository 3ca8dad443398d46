import type {Look, Outside} from '../step/world.ts';

type Room = 'bmc' | 'edge' | 'shelf' | 'target' | 'renewed' | 'evidence';

// The compiler holds it to the reading interfaces: a method that is added to one of them is added here.
const reading = {
  bmc: {system: true, media: true, events: true, drives: true, health: true, state: true, takes: true, papers: true},
  edge: {policy: true, refused: true, flows: true, digest: true},
  shelf: {
    light: true,
    lightBytes: true,
    iso: true,
    staged: true,
    served: true,
    os: true,
    bootFile: true,
    document: true,
    saved: true,
    tree: true,
  },
  target: {
    hello: true,
    disks: true,
    writable: true,
    latch: true,
    wipe: true,
    notZero: true,
    notOnes: true,
    digests: true,
    image: true,
    written: true,
    installed: true,
    tree: true,
    medium: true,
    health: true,
  },
  renewed: {hello: true, inventory: true},
  evidence: {check: true},
} as const satisfies {readonly [R in Room]: Readonly<Record<keyof Look[R], true>>};

/**
 * What planning is handed: the world without its writing methods. `Look` keeps a step kind from naming one; here there is
 * none to be found at run time either, by a cast or by an object passed on.
 */
export function onlyLook(world: Outside): Look {
  const {run, runbook, clock, vantages} = world;
  return Object.freeze({
    run,
    runbook,
    clock,
    locate: () => world.locate(),
    record: () => world.record(),
    vantages,
    bmc: room(world, 'bmc'),
    edge: room(world, 'edge'),
    shelf: room(world, 'shelf'),
    target: room(world, 'target'),
    renewed: room(world, 'renewed'),
    evidence: room(world, 'evidence'),
    earlier: () => undefined,
    forgone: () => false,
  });
}

function room<R extends Room>(world: Outside, name: R): Look[R] {
  const methods = world[name] as unknown as Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;
  const names = Object.keys(reading[name]);
  return Object.freeze(
    Object.fromEntries(
      names.map((method) => [method, (...values: readonly unknown[]) => methods[method]?.(...values)]),
    ),
  ) as unknown as Look[R];
}
