import type {Result} from '../../result.ts';
import type {Bmc} from '../../step/world/bmc.ts';
import type {RedfishBmc} from './connect.ts';

/**
 * A BMC that is connected to when it is first asked, and again after a connection could not be made: a BMC that is off
 * when a run resumes is a fault of the step that needs it, not of the whole sitting.
 */
export interface LazyBmc extends Bmc {
  /** This controller's address on the path to the BMC. */
  localAddress(): Promise<Result<string>>;
  close(): Promise<void>;
}

export function lazily(connect: () => Promise<Result<RedfishBmc>>): LazyBmc {
  let connection: Promise<Result<RedfishBmc>> | undefined;
  const connected = async (): Promise<Result<RedfishBmc>> => {
    connection ??= connect();
    const made = await connection;
    if (!made.ok) connection = undefined;
    return made;
  };
  const ask = async <T>(question: (bmc: RedfishBmc) => Promise<Result<T>>): Promise<Result<T>> => {
    const bmc = await connected();
    return bmc.ok ? question(bmc.value) : bmc;
  };
  return {
    system: () => ask((bmc) => bmc.system()),
    media: () => ask((bmc) => bmc.media()),
    events: (mark) => ask((bmc) => bmc.events(mark)),
    drives: () => ask((bmc) => bmc.drives()),
    health: () => ask((bmc) => bmc.health()),
    state: (depth) => ask((bmc) => bmc.state(depth)),
    takes: (password) => ask((bmc) => bmc.takes(password)),
    papers: (signal) => ask((bmc) => bmc.papers(signal)),
    screen: (signal) => ask((bmc) => bmc.screen(signal)),
    insert: (url, signal) => ask((bmc) => bmc.insert(url, signal)),
    eject: (signal) => ask((bmc) => bmc.eject(signal)),
    bootCdOnce: (signal) => ask((bmc) => bmc.bootCdOnce(signal)),
    bootNormally: (signal) => ask((bmc) => bmc.bootNormally(signal)),
    power: (want, signal) => ask((bmc) => bmc.power(want, signal)),
    removeAccount: (id, signal) => ask((bmc) => bmc.removeAccount(id, signal)),
    endSession: (id, signal) => ask((bmc) => bmc.endSession(id, signal)),
    removeSubscription: (id, signal) => ask((bmc) => bmc.removeSubscription(id, signal)),
    closeWay: (name, signal) => ask((bmc) => bmc.closeWay(name, signal)),
    changePassword: (signal) => ask((bmc) => bmc.changePassword(signal)),
    localAddress: async () => {
      const bmc = await connected();
      return bmc.ok ? {ok: true, value: bmc.value.localAddress} : bmc;
    },
    close: async () => {
      const made = await connection;
      if (made?.ok) await made.value.close();
    },
  };
}
