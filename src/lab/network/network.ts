import type {Result} from '../../result.ts';
import type {Layout, Station} from './layout.ts';

/**
 * The lab's wires. One implementation builds them of the kernel's network namespaces and needs root.
 * The processes that live on a station are not the network's: whoever starts them ends them.
 */
export interface LabNetwork {
  /** Lays the wires; fails where they are already there. */
  lay(layout: Layout): Promise<Result<void>>;
  /** Takes them away, with every process that is still on them; gone already is fine. */
  remove(): Promise<Result<void>>;
  /** Whether any part of it is there. */
  exists(): boolean;
  /** What to put before a program's argv so that it runs on the station. */
  on(station: Station): readonly string[];
  /** QEMU's arguments for the machine's network card. */
  card(mac: string): readonly string[];
}
