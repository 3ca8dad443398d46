import {createHash, randomBytes, timingSafeEqual} from 'node:crypto';
import type {Clock} from '../../clock.ts';

export interface Session {
  readonly id: string;
  readonly user: string;
  /** Address of whoever opened it, where the BMC knows it. */
  readonly from?: string;
}

/** The BMC's sessions: a small pool, as real ones have; a session that nobody uses for the timeout makes room. */
export interface Sessions {
  open(user: string): {readonly session: Session; readonly token: string} | undefined;
  /** The session of a token; using it keeps it open. */
  find(token: string): Session | undefined;
  close(id: string): boolean;
  closeAll(): void;
  /** Those of an account, but the one with this token. */
  closeOf(user: string, but: string | undefined): void;
  /** Somebody else logs in, and stays as if the session were used all the time. */
  intrude(user: string, from: string): void;
  /** Other clients take every place that is free, now and from then on, until what it gives is called. */
  crowd(): () => void;
  all(): readonly Session[];
  readonly timeoutSeconds: number;
}

interface Kept extends Session {
  readonly token: Buffer;
  used: number;
}

export function sessions({
  clock,
  room = 8,
  timeoutSeconds = 300,
}: {
  readonly clock: Clock;
  readonly room?: number;
  readonly timeoutSeconds?: number;
}): Sessions {
  let pool: readonly Kept[] = [];
  let count = 0;
  let crowds: readonly (readonly Session[])[] = [];
  const others = (): readonly Session[] => crowds.flat().slice(0, Math.max(0, room - pool.length));
  const current = (): readonly Kept[] => {
    const oldest = clock.ticks() - timeoutSeconds * 1000;
    pool = pool.filter(({used}) => used >= oldest);
    return pool;
  };
  return {
    timeoutSeconds,
    open(user) {
      if (crowds.length > 0 || current().length >= room) return undefined;
      const token = randomBytes(24).toString('base64url');
      const session = {id: String(++count), user};
      pool = [...pool, {...session, token: digest(token), used: clock.ticks()}];
      return {session, token};
    },
    find(token) {
      const wanted = digest(token);
      const found = current().find((kept) => timingSafeEqual(kept.token, wanted));
      if (found) found.used = Math.max(found.used, clock.ticks());
      return found;
    },
    close(id) {
      const before = current();
      pool = before.filter((kept) => kept.id !== id);
      return pool.length < before.length;
    },
    closeAll() {
      pool = [];
    },
    closeOf(user, but) {
      const kept = but === undefined ? undefined : digest(but);
      pool = pool.filter((each) => each.user !== user || (kept && timingSafeEqual(each.token, kept)));
    },
    intrude(user, from) {
      pool = [...pool, {id: String(++count), user, from, token: randomBytes(32), used: Infinity}];
    },
    crowd() {
      const crowd = Array.from({length: room}, () => ({id: String(++count), user: 'another'}));
      crowds = [...crowds, crowd];
      return () => {
        crowds = crowds.filter((each) => each !== crowd);
      };
    },
    all: () => [...current(), ...others()],
  };
}

/** User and password of a Basic `Authorization` header (RFC 7617). */
export function basicCredentials(header: string | undefined): {user: string; password: string} | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return {user, password: rest.join(':')};
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
