import {z} from 'zod';

/** The listener takes connections from now on. */
export const listening = 'listening';

/** Where a counting listener waits. */
export interface Endpoint {
  readonly protocol: 'tcp' | 'udp';
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

/** `198.51.100.10:80`, `[2001:db8:2::10]:443`, `198.51.100.10:53/udp`. */
export const endpointText = ({protocol, address, port}: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}${protocol === 'udp' ? '/udp' : ''}`;

/** One connection or datagram that a counting listener took: who sent it, to which endpoint. */
export const contactSchema = z.object({from: z.string(), to: z.string()});
export type Contact = Readonly<z.infer<typeof contactSchema>>;
