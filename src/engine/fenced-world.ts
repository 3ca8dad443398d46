import type {Outside} from '../step/world.ts';
import type {Bmc, BmcLook} from '../step/world/bmc.ts';
import type {Edge, EdgeLook} from '../step/world/edge.ts';
import type {Shelf, ShelfLook} from '../step/world/shelf.ts';
import type {Target, TargetLook} from '../step/world/target.ts';

type Changing<All, Reading> = Pick<All, Exclude<keyof All, keyof Reading>>;

/**
 * The world behind the lease: nothing that changes it is begun before `stillOurs` has resolved. A controller that was
 * frozen wakes up inside a step, between two effects and with no event in between; what rejects there sends nothing.
 */
export function fenced(world: Outside, stillOurs: () => Promise<void>): Outside {
  const guarded =
    <A extends readonly unknown[], R>(effect: (...values: A) => Promise<R>) =>
    async (...values: A): Promise<R> => {
      await stillOurs();
      return effect(...values);
    };
  const {bmc, edge, target, shelf, suspect} = world;
  const bmcChanges: Changing<Bmc, BmcLook> = {
    screen: guarded((...values) => bmc.screen(...values)),
    insert: guarded((...values) => bmc.insert(...values)),
    eject: guarded((...values) => bmc.eject(...values)),
    bootCdOnce: guarded((...values) => bmc.bootCdOnce(...values)),
    bootNormally: guarded((...values) => bmc.bootNormally(...values)),
    power: guarded((...values) => bmc.power(...values)),
    removeAccount: guarded((...values) => bmc.removeAccount(...values)),
    endSession: guarded((...values) => bmc.endSession(...values)),
    removeSubscription: guarded((...values) => bmc.removeSubscription(...values)),
    closeWay: guarded((...values) => bmc.closeWay(...values)),
    changePassword: guarded((...values) => bmc.changePassword(...values)),
  };
  const edgeChanges: Changing<Edge, EdgeLook> = {
    enforce: guarded((...values) => edge.enforce(...values)),
    lift: guarded((...values) => edge.lift(...values)),
  };
  const targetChanges: Changing<Target, TargetLook> = {
    startWipe: guarded((...values) => target.startWipe(...values)),
    adoptWipe: guarded((...values) => target.adoptWipe(...values)),
    leave: guarded((...values) => target.leave(...values)),
    setLatch: guarded((...values) => target.setLatch(...values)),
    write: guarded((disk, delivery) => {
      const packed: typeof delivery.packed = async (chunk) => {
        await stillOurs();
        return delivery.packed(chunk);
      };
      return target.write(disk, {...delivery, packed});
    }),
    grow: guarded((...values) => target.grow(...values)),
    put: guarded((...values) => target.put(...values)),
    startNext: guarded((...values) => target.startNext(...values)),
    launch: guarded((...values) => target.launch(...values)),
    settle: guarded((...values) => target.settle(...values)),
  };
  const shelfChanges: Pick<Changing<Shelf, ShelfLook>, 'chunks'> = {
    async *chunks(image, want) {
      for await (const packet of shelf.chunks(image, want)) {
        await stillOurs();
        yield packet;
      }
    },
  };
  return {
    ...world,
    bmc: {...bmc, ...bmcChanges},
    edge: {...edge, ...edgeChanges},
    target: {...target, ...targetChanges},
    shelf: {...shelf, ...shelfChanges},
    suspect: {
      ...suspect,
      enter: guarded((...values) => suspect.enter(...values)),
      collect: guarded((...values) => suspect.collect(...values)),
    },
  };
}
