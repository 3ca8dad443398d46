import {z} from 'zod';
import {ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {Hand} from '../step.ts';
import type {Look, World} from '../world.ts';
import type {EdgePolicy} from '../world/edge.ts';
import {readPolicy, samePolicy} from './edge-policy.ts';

/** Whom a policy is to admit: this controller where it is now, no longer where it was, and whom `port.isolate` allows. */
export const admittedBy = ({run, runbook}: Look, {admit}: EdgePolicy): readonly string[] => [
  run.controllerAddress,
  ...admit.filter((address) => address !== run.controllerAddress && isAllowed(runbook, address)),
];

/** `none`: there is no policy that could admit anybody, or none that can be told. */
export type Admitted = 'already' | 'now' | 'none';

/** The edge lets this controller's SSH through at its address. */
export async function admitThisController(world: World): Promise<Result<Admitted>> {
  const policy = await readPolicy(world);
  if (!policy.ok) return policy;
  if (!policy.value) return ok('none');
  const wanted = {...policy.value, admit: admittedBy(world, policy.value)};
  if (samePolicy(policy.value, wanted)) return ok('already');
  const enforced = await world.edge.enforce(wanted);
  return enforced.ok ? ok('now') : enforced;
}

const isAllowed = ({steps}: Runbook, address: string): boolean =>
  steps.some(({kind, params}) => kind === 'port.isolate' && allowing.safeParse(params).data?.allow.includes(address));

const allowing = z.object({allow: z.array(z.string())});

export interface Moves {
  /** Whether the controller has just been let in at another address. */
  follow(): Promise<boolean>;
  /** A change of the edge that is under way ends; whoever stops waiting waits for that. */
  settled(): Promise<void>;
}

// A gateway that is silent, or takes a change back, is not asked with every look at the host.
const againMs = 30_000;

/** For whoever waits for the host, which is silent towards an address that the edge does not admit. Asked now and then. */
export function followMoves(world: World, hand: Hand): Moves {
  let admitted: string | undefined;
  let tried: {readonly at: string; readonly again: number} | undefined;
  let last = Promise.resolve(false);
  const look = async (): Promise<boolean> => {
    const now = await world.locate();
    if (now === admitted || hand.signal.aborted) return false;
    if (tried?.at === now && world.clock.ticks() < tried.again) return false;
    const letIn = await admitThisController(world);
    tried = {at: now, again: world.clock.ticks() + againMs};
    if (!letIn.ok || letIn.value === 'none') return false;
    admitted = now;
    if (letIn.value === 'already') return false;
    await hand.note(`the edge did not admit this controller at ${now}; now it does`);
    return true;
  };
  return {
    follow: () => (last = look()),
    settled: async () => void (await last),
  };
}
