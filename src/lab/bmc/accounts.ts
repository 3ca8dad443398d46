import {createHash, timingSafeEqual} from 'node:crypto';
import type {Clock} from '../../clock.ts';

export const roles = ['Administrator', 'Operator', 'ReadOnly'] as const;
export type Role = (typeof roles)[number];

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly enabled: boolean;
  readonly locked: boolean;
}

export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
  readonly enabled?: boolean;
}

/** As real BMCs are set: three failed logins shut an account for half a minute (SYS-821GE as recorded). */
export const lockout = {threshold: 3, seconds: 30} as const;
export const passwordLength = {shortest: 8, longest: 64} as const;
export const mostAccounts = 15;

/** The BMC's accounts. Passwords are kept as digests alone. */
export interface Accounts {
  all(): readonly Account[];
  /** Whose the credentials are; a wrong password counts, and a locked account takes the right one neither. */
  match(name: unknown, password: unknown): Account | undefined;
  /** Undefined where all slots are taken or the name is. */
  add(account: NewAccount): Account | undefined;
  change(id: string, change: Partial<NewAccount>): void;
  remove(id: string): void;
}

interface Kept extends Omit<NewAccount, 'password'> {
  readonly id: string;
  readonly secret: Buffer;
  readonly enabled: boolean;
}

export function accounts(clock: Clock, first: readonly NewAccount[]): Accounts {
  let kept: readonly Kept[] = [];
  const failures = new Map<string, number[]>();
  const since = () => clock.ticks() - lockout.seconds * 1000;
  const failed = (id: string): readonly number[] => (failures.get(id) ?? []).filter((at) => at > since());
  const show = ({id, name, role, enabled}: Kept): Account => ({
    id,
    name,
    role,
    enabled,
    locked: failed(id).length >= lockout.threshold,
  });
  const it: Accounts = {
    all: () => kept.map(show),
    match(name, password) {
      if (typeof name !== 'string' || typeof password !== 'string') return undefined;
      const found = kept.find((each) => each.name === name);
      // One comparison for a name that is not there, too.
      const right = timingSafeEqual(digest(password), found?.secret ?? digest(''));
      if (found === undefined || !found.enabled || show(found).locked) return undefined;
      if (right) failures.delete(found.id);
      else failures.set(found.id, [...failed(found.id), clock.ticks()]);
      return right ? show(found) : undefined;
    },
    add({password, enabled = true, ...rest}) {
      if (kept.length >= mostAccounts || kept.some(({name}) => name === rest.name)) return undefined;
      const ids = kept.map(({id}) => Number(id));
      const free = Array.from({length: mostAccounts}, (_, index) => index + 1).find((id) => !ids.includes(id));
      const account: Kept = {...rest, id: String(free), enabled, secret: digest(password)};
      kept = [...kept, account];
      return show(account);
    },
    change(id, {password, ...rest}) {
      kept = kept.map((each) =>
        each.id === id ? {...each, ...rest, ...(password !== undefined && {secret: digest(password)})} : each,
      );
    },
    remove(id) {
      kept = kept.filter((each) => each.id !== id);
      failures.delete(id);
    },
  };
  for (const account of first) it.add(account);
  return it;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
