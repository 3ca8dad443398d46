import type {Account, Unreadable} from '../account.ts';

export const pageText = (account: Account | Unreadable): string => account.type;
