import {z} from 'zod';
import type {Port} from '../../runbook/runbook.ts';

/** `tcp/22`, as runbooks write ports. */
export const port = z
  .string()
  .refine((text): text is Port => {
    const number = /^(?:tcp|udp)\/([1-9]\d{0,4})$/.exec(text)?.[1];
    return number !== undefined && Number(number) <= 65_535;
  }, 'a port is written tcp/22 or udp/53')
  .meta({pattern: '^(tcp|udp)/[1-9][0-9]{0,4}$'});

export const ports = z.array(port).readonly();

/** The host's address without its prefix length. */
export const bare = (cidr: string): string => cidr.slice(0, cidr.indexOf('/'));
