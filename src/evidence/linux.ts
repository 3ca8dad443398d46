import {stored} from './linux-stored.ts';
import {running} from './linux-running.ts';
import {MiB, type Item} from './item.ts';

const memory: Item = {
  id: 'memory',
  what: 'RAM, as the kernel shows it',
  source: '/proc/kcore by /proc/iomem',
  verb: ['memory-map'],
  form: 'lime',
  from: 'memory',
  seconds: 14_400,
  bytes: 512 * 1024 * MiB,
};

/**
 * What goes first disappears first: clock, sockets, processes, what runs from memory, then RAM, files, names, logs. What no
 * item has, since neither `/proc` nor busybox tells it: rules of packet filters as they are in force (their tables and
 * connections are in `network`, their files in `etc`), BPF programs that nobody holds and that were not translated, file
 * capabilities and immutable flags. An image of the disk has the last two, and RAM the others.
 */
export const linuxItems: readonly Item[] = [...running, memory, ...stored];
