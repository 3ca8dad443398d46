import {ok, type Result} from '../../result.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import {readPolicy} from './edge-policy.ts';

/** The edge lets this controller's SSH through, and whatever else it did before. True where it did not yet. */
export async function admitThisController(world: World): Promise<Result<boolean>> {
  const policy = await readPolicy(world);
  if (!policy.ok) return policy;
  const {controllerAddress} = world.run;
  if (!policy.value || policy.value.admit.includes(controllerAddress)) return ok(false);
  const admitted = await world.edge.enforce({...policy.value, admit: [...policy.value.admit, controllerAddress]});
  return admitted.ok ? ok(true) : admitted;
}

/**
 * For whoever waits for the host, which is silent towards an address that the edge does not admit: asked now and then, it
 * lets a controller that has moved in at its new address. True where it just has.
 */
export function followMoves(world: World, hand: Hand): () => Promise<boolean> {
  let admitted: string | undefined;
  return async () => {
    const now = await world.locate();
    if (now === admitted) return false;
    const letIn = await admitThisController(world);
    // An edge that does not answer from there yet is asked again.
    if (!letIn.ok) return false;
    admitted = now;
    if (letIn.value) await hand.note(`this controller has moved: it is let in at its new address, ${now}`);
    return letIn.value;
  };
}
