import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import type {Look} from '../world.ts';
import type {TargetFacts} from '../world/target.ts';

/** The light system of this run, if it answers; that of another run is refused. */
export async function answers(look: Look): Promise<Result<TargetFacts>> {
  const hello = await look.target.hello();
  if (hello.ok && hello.value.run !== look.run.id)
    return failed(fault('target.refused', `the light system belongs to run ${hello.value.run}`));
  return hello;
}
