import type {Clock} from '../clock.ts';
import type {KeptSession} from './ssh/kept.ts';

/** Where this controller is, as its connections show it to the gateway. */
export interface Whereabouts {
  /** When it was last located. */
  readonly address: string;
  /** Looks again. Another address counts once the gateway has been reached from it. */
  locate(): Promise<string>;
}

/** Until the gateway is asked again about an address that it did not see. */
const doubtMs = 30_000;

/**
 * `route` is this machine's own address on the way to the gateway, `seen` the one that the gateway sees: behind address
 * translation they differ, and the first is then somebody else's there.
 */
export function whereabouts(
  first: string,
  route: () => Promise<string | undefined>,
  seen: () => Promise<string | undefined>,
  clock: Clock,
): Whereabouts {
  let address = first;
  let doubt: {readonly of: string; readonly until: number} | undefined;
  return {
    get address() {
      return address;
    },
    async locate() {
      // Without a route it is nowhere for now, and may come back.
      const now = await route();
      if (now === undefined || now === address) return address;
      if (doubt?.of === now && clock.ticks() < doubt.until) return address;
      if ((await seen()) === now) address = now;
      else doubt = {of: now, until: clock.ticks() + doubtMs};
      return address;
    },
  };
}

const seenMs = 20_000;

/** The address from which a new connection comes there: sshd's SSH_CONNECTION (ssh(1)) begins with it. */
export async function seenBy(login: KeptSession): Promise<string | undefined> {
  const signal = AbortSignal.timeout(seenMs);
  const session = await login.another({}, signal);
  if (!session.ok) return undefined;
  try {
    const output = await session.value.exec(['printenv', 'SSH_CONNECTION'], {maxBytes: 256, signal});
    return output.ok && output.value.code === 0 ? output.value.stdout.split(' ')[0] : undefined;
  } finally {
    session.value.close();
  }
}
