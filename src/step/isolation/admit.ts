import {z} from 'zod';
import {ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import {readPolicy} from './edge-policy.ts';

/**
 * The edge lets this controller's SSH through at its address, in place of those it had before; what `port.isolate` allows
 * by name stays. True where it did not yet.
 */
export async function admitThisController(world: World): Promise<Result<boolean>> {
  const policy = await readPolicy(world);
  if (!policy.ok) return policy;
  const {controllerAddress} = world.run;
  if (!policy.value || policy.value.admit.includes(controllerAddress)) return ok(false);
  const allowed = policy.value.admit.filter((address) => isAllowed(world.runbook, address));
  const admitted = await world.edge.enforce({...policy.value, admit: [controllerAddress, ...allowed]});
  return admitted.ok ? ok(true) : admitted;
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

/** For whoever waits for the host, which is silent towards an address that the edge does not admit. Asked now and then. */
export function followMoves(world: World, hand: Hand): Moves {
  let admitted: string | undefined;
  let last = Promise.resolve(false);
  const look = async (): Promise<boolean> => {
    const now = await world.locate();
    if (now === admitted || hand.signal.aborted) return false;
    const letIn = await admitThisController(world);
    // An edge that does not answer from there yet is asked again.
    if (!letIn.ok) return false;
    admitted = now;
    if (letIn.value) await hand.note(`the edge did not admit this controller at ${now}; now it does`);
    return letIn.value;
  };
  return {
    follow: () => (last = look()),
    settled: async () => void (await last),
  };
}
