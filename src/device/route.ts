import {createSocket} from 'node:dgram';

/** This machine's address on the route to `address`, as the kernel would choose it. Nothing is sent. */
export function localAddressTowards(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (found?: string): void => {
      socket.close();
      resolve(found);
    };
    socket.once('error', () => end());
    // UDP's connect only looks the route up. What it cannot do is told to the callback, not by `error`.
    socket.connect(9, address, (error?: Error) => end(error ? undefined : socket.address().address));
  });
}

/** What connect(2) says where this machine has no way to an address at all: nothing was sent. */
export const isNoRoute = (code: string): boolean =>
  code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
