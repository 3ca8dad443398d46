import type {Result} from '../../result.ts';
import type {FaultName, FaultOf} from './lab-fault.ts';
import type {Chance} from './chance.ts';

/** Takes a fault back: at the end of its `forSeconds`, or at `mend`. Undefined where it leaves nothing behind. */
export type Mend = (() => void | Promise<void>) | undefined;

/** How a fault strikes. It is refused with a fault where this lab cannot do it. */
export type Act<N extends FaultName> = (fault: FaultOf<N>, chance: Chance) => Promise<Result<Mend>>;
export type Acts<N extends FaultName> = {readonly [K in N]: Act<K>};
