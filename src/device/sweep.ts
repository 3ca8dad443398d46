import {ok, type Result} from '../result.ts';
import type {TcpPort} from '../runbook/runbook.ts';
import type {NotRefused, Reach} from '../step/world/vantage.ts';

/** A way from a vantage by which ports are tried. */
export interface Line {
  readonly knock: (host: string, port: number, ms: number) => Promise<Result<Reach>>;
  /** How many are tried over it at one time. */
  readonly atOnce: number;
  /** After so many that stay silent it is made anew: what is given up here may still be dialled at its far end. */
  readonly bears?: number;
  readonly renew?: () => void;
}

/** Tries TCP ports over all lines at once, and each of them for `ms`. The first line that fails ends it. */
export async function sweep(
  lines: readonly Line[],
  host: string,
  ports: readonly TcpPort[],
  ms: number,
): Promise<Result<NotRefused>> {
  const found: Partial<Record<TcpPort, Exclude<Reach, 'refused'>>> = {};
  let next = 0;
  let trouble: Result<never> | undefined;
  const left = (): boolean => next < ports.length && trouble === undefined;

  const work = async ({knock, atOnce, bears = Infinity, renew}: Line): Promise<void> => {
    while (left()) {
      let silent = 0;
      const walk = async (): Promise<void> => {
        while (left() && silent < bears) {
          const port = ports[next++] as TcpPort;
          const reached = await knock(host, Number(port.slice('tcp/'.length)), ms);
          if (!reached.ok) trouble = reached;
          else if (reached.value !== 'refused') found[port] = reached.value;
          if (reached.ok && reached.value === 'silent') silent++;
        }
      };
      await Promise.all(Array.from({length: Math.min(atOnce, ports.length)}, walk));
      if (silent > 0) renew?.();
    }
  };
  await Promise.all(lines.map(work));
  return trouble ?? ok(found);
}
