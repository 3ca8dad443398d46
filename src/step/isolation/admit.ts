import {ok, type Result} from '../../result.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import {readPolicy} from './edge-policy.ts';

/** The edge lets this controller's SSH through, whatever else it lets through, and whatever address it had before. */
export async function admitThisController(world: World): Promise<Result<void>> {
  const policy = await readPolicy(world);
  if (!policy.ok) return policy;
  const {controllerAddress} = world.run;
  if (!policy.value || policy.value.admit.includes(controllerAddress)) return ok(undefined);
  return world.edge.enforce({...policy.value, admit: [...policy.value.admit, controllerAddress]});
}

/**
 * For whoever waits for the host, which is silent towards an address that the edge does not admit: asked now and then, it
 * lets a controller that has moved in at its new address. True where it has.
 */
export function followMoves(world: World, hand: Hand): () => Promise<boolean> {
  let at = world.run.controllerAddress;
  return async () => {
    const now = await world.locate();
    if (now === at) return false;
    // An edge that does not answer from there yet is asked again.
    if (!(await admitThisController(world)).ok) return false;
    at = now;
    await hand.note(`this controller has moved: it is let in at its new address, ${now}`);
    return true;
  };
}
